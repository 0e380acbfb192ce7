"""Compares our verdicts with the publishers' own, document by document.

`python tests/agreement.py --profile peppol-bis3 --seed 1 --mutants 20000 --kill`

Every invoice is judged here, built to its wire format and judged there: the multisets of rule number and
severity have to be equal. Exit status 0: they are, every native rule fired, no impossible one did and, with
`--kill`, none could be taken out unnoticed; 1: not so.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]

from agreeing import peppol, pint, xrechnung  # noqa: E402
from agreeing.comparing import Agreement, Family  # noqa: E402

PROFILES: dict[str, Callable[[], Family]] = {
    **peppol.PROFILES,
    **pint.PROFILES,
    **xrechnung.PROFILES,
}


def main() -> int:
    """Run one profile and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", required=True, choices=sorted(PROFILES))
    parser.add_argument("--seed", type=int, default=16931)
    parser.add_argument("--mutants", type=int, default=2000)
    parser.add_argument("--kill", action="store_true", help="show for each rule what leaving it out does")
    parser.add_argument("--show", type=int, default=20, help="how many differences to print")
    given = parser.parse_args()
    family = PROFILES[given.profile]()
    started = time.monotonic()
    agreement = Agreement(family).over(family.heap(given.seed, given.mutants))
    wrong = _report(agreement, given.show)
    if given.kill:
        wrong = _kill_table(agreement) or wrong
    print(f"{given.profile}, seed {given.seed}: {'NOT EQUAL' if wrong else 'equal'}", end="")
    print(f" after {time.monotonic() - started:.0f} s")
    return int(wrong)


def _report(agreement: Agreement, show: int) -> bool:
    """The figures; whether anything is wrong."""
    apart, native = agreement.apart, agreement.family.native
    for line in (*apart[:show], *agreement.unsound[:show]):
        print(line[:600])
    findings = sum(len(one.theirs) for one in agreement.compared)
    print(f"{len(agreement.compared)} documents compared, {findings} findings, {len(apart)} documents apart")
    print(
        f"turned down by the model: {agreement.unread} unread, {agreement.refused} without sums;"
        f" {agreement.crashed} crashed the official judge; {agreement.unheard} not comparable"
    )
    print(f"{len(native) - len(agreement.silent)} of {len(native)} native rules fired")
    print(f"never fired: {' '.join(agreement.silent) or 'none'}")
    print(f"impossible and yet broken: {' '.join(agreement.broken) or 'none'}")
    return bool(apart or agreement.unsound or agreement.silent or agreement.broken)


def _kill_table(agreement: Agreement) -> bool:
    """Each rule: in how many documents it fired, and whether leaving it out is noticed."""
    fired, survivors = agreement.fired, set(agreement.survivors(agreement.family.native))
    for number in sorted(agreement.family.native):
        print(f"  {number:24} fired in {fired[number]:6}  {'SURVIVES' if number in survivors else 'killed'}")
    killed = len(agreement.family.native) - len(survivors)
    print(f"{killed} of {len(agreement.family.native)} rules killed")
    return bool(survivors)


if __name__ == "__main__":
    sys.exit(main())
