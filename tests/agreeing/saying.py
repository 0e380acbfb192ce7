"""What the product says and writes, a line a document: two builds of it can be held against each other.

`python tests/agreeing/saying.py SOURCE SEED MUTANTS NAME…` runs the product that stands in SOURCE.
"""

import hashlib
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = [sys.argv[1], str(Path(__file__).resolve().parents[1])]

import tallystick.rules.engine
from agreeing import peppol, pint, xrechnung
from agreeing.comparing import blocks_of
from tallystick.canonical import complete, decode
from tallystick.conformance import enrolment
from tallystick.conformance.judging import finest
from tallystick.strategies import load
from tallystick.strategy import Enrolment

__all__ = ["PROFILES", "told"]

PROFILES = {**peppol.PROFILES, **pint.PROFILES, **xrechnung.PROFILES}
_FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
_DAMAGED = 4
"""Every so many mutants one is damaged as text too: most of those are no invoice at all any more."""


def told(name: str, seed: int, mutants: int) -> Iterator[str]:
    """For each invoice what was done to it, and the digest of all that came of it.

    `name` is a profile, whose heap of mutants is used; or a strategy: then its fixtures are.
    """
    chance = random.Random(seed)
    if name in PROFILES:
        family = PROFILES[name]()
        strategy, enrolled, heap = family.strategy, family.enrolled, family.heap(seed, mutants)
    else:
        strategy, enrolled, heap = load().by_name(name), _as_it_is, _fixtures(name)
    for place, (what, body) in enumerate(heap):
        yield _line(what, _said(strategy, enrolled, body))
        if place % _DAMAGED == 0:
            yield _line(f"{what}, damaged", _said(strategy, enrolled, _damaged(body, chance)))


def _fixtures(name: str) -> Iterator[tuple[str, bytes]]:
    for path in sorted(_FIXTURES.glob(f"{name}/**/invoice.json")):
        yield path.parent.name, path.read_bytes()


def _as_it_is(given: Enrolment) -> Enrolment:
    return given


def _line(what: str, said: str) -> str:
    return f"{hashlib.sha256(said.encode('utf-8', 'backslashreplace')).hexdigest()} {said[:60]!r} {what!r}"


def _damaged(body: bytes, chance: random.Random) -> bytes:
    """The document with a few of its bytes doubled, left out or exchanged."""
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(body))
        put = chance.choice(
            (b"", body[place : place + 1] * 2, b'"', b"-", b"0", b"\\u0000", b"null", b"\xff")
        )
        body = body[:place] + put + body[place + 1 :]
    return body


def _said(strategy: Any, enrolled: Callable[[Enrolment], Enrolment], body: bytes) -> str:
    """Faults, sums and document; or what was raised."""
    try:
        decoded = decode(body, blocks_of(strategy))
        if decoded.invoice is None:
            return f"unread {decoded.faults}"
        completed = complete(decoded.invoice, finest(strategy))
        given = enrolled(enrolment(strategy, invoice=completed.invoice, cases=_FIXTURES))
        faults = tuple(strategy.check(completed.invoice, given))
        document = strategy.build(completed.invoice, given)
        return f"read {completed} {faults} {document.body!r} {document.marks}"
    except Exception as error:  # noqa: BLE001 - whatever it is, both builds have to do the same
        return f"raised {type(error).__name__}: {error}"


def main() -> None:
    """Print them all; the last line says where the product stands that was asked."""
    for named in sys.argv[4:]:
        for line in told(named, int(sys.argv[2]), int(sys.argv[3])):
            print(named, line)
    print(tallystick.rules.engine.__file__)


if __name__ == "__main__":
    main()
