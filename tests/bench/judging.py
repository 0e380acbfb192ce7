"""From JSON to a full native verdict and UBL, beside SaxonC running the publishers' own files.

Ours: decode, sums, every rule of EN 16931 and Peppol with the national ones, the UBL. Theirs: parse that UBL
and run both official rule files, compiled beforehand; without the XSD. Same documents, taken in turn.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.building import ROOT, best
from tallystick import strategies
from tallystick.canonical import complete, decode
from tallystick.conformance import enrolment
from unit.formats.official import ABSENT, WHY_ABSENT, oracle

__all__ = ["SIZES", "main"]

SIZES = (1, 10, 100, 1000, 5000)
WANTED, LEAST = 50.0, 30.0
LINEAR = 1.3
MEGABYTES = 20.0
PROFILE = "peppol-bis3"
ROUNDS, SECONDS = 3, 0.5
_FIRST = 3


def body_of(lines: int) -> bytes:
    """The standard fixture with this many lines: three rates, some with a discount or a base quantity."""
    raw = json.loads((ROOT / "fixtures/peppol/standard/invoice.json").read_bytes())
    first = raw["lines"][0]
    raw["lines"] = [_line(first, number) for number in range(lines)]
    for name in ("document_totals", "tax_breakdown", "allowances", "charges"):
        raw.pop(name, None)
    return json.dumps(raw).encode()


def _line(first: dict[str, Any], number: int) -> dict[str, Any]:
    line = first | {"line_identifier": str(number + 1), "invoiced_quantity": str(number % 7 + 1)}
    for name in ("line_net_amount", "line_tax_amount", "line_amount_with_tax"):
        line.pop(name, None)
    line["item"] = {"name": f"Part {number + 1:05}", "sellers_identifier": f"P-{number + 1:05}"}
    cents = 1200 + number * 37 % 99_991
    line["price"] = {"item_net_price": f"{cents // 100}.{cents % 100:02}"}
    line["tax"] = {"category_code": "S", "rate": ("25.5", "14", "10")[number % _FIRST]}
    if number % 5 == 1:
        line["allowances"] = [{"amount": "1.25", "reason_code": "95"}]
    if number % 5 == 2:
        line["price"] |= {"base_quantity": "10"}
    return line


def ours(body: bytes, strategy: Any, place: Any) -> bytes:
    """One whole way, from bytes to bytes. Raises SystemExit when the document is refused."""
    found = decode(body)
    if found.invoice is None:
        raise SystemExit(f"the fixture is no longer an invoice: {found.faults[:3]}")
    invoice = complete(found.invoice).invoice
    faults = [fault for fault in strategy.check(invoice, place) if fault.severity == "error"]
    if faults:
        raise SystemExit(f"the fixture is no longer clean: {faults[:3]}")
    return bytes(strategy.build(invoice, place).body)


def theirs(body: str) -> None:
    """The official verdict on the same document. Raises SystemExit when it is not clean."""
    judge = oracle()
    node = judge.proc.parse_xml(xml_text=body)
    for layer in judge.profiles[PROFILE]["layers"]:
        found = [one for one in judge.run_layer(layer, node) if one.flag != "warning"]
        if found:
            raise SystemExit(f"the official judge refuses the fixture: {found[:3]}")


def measured(lines: int) -> dict[str, float]:
    """Microseconds of both ways, the best of several rounds taken in turn."""
    strategy = strategies.load().by_name("peppol")
    place, body = enrolment(strategy), body_of(lines)
    document = ours(body, strategy, place).decode()
    rounds = [
        {
            "ours": best(lambda: ours(body, strategy, place), SECONDS),
            "theirs": best(lambda: theirs(document), SECONDS),
        }
        for _ in range(ROUNDS)
    ]
    return {name: min(one[name] for one in rounds) for name in ("ours", "theirs")}


def grown(lines: int) -> float:
    """Megabytes that judging and building take at most, above what the decoded invoice holds."""
    strategy = strategies.load().by_name("peppol")
    place = enrolment(strategy)
    ours(body_of(1), strategy, place)
    found = decode(body_of(lines))
    if found.invoice is None:
        raise SystemExit("the fixture is no longer an invoice")
    invoice = found.invoice
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the peak of this process
    before = _peak()
    invoice = complete(invoice).invoice
    list(strategy.check(invoice, place))
    strategy.build(invoice, place)
    return (_peak() - before) / 1024


def _peak() -> int:
    with Path("/proc/self/status").open(encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def main() -> None:
    """Print the figures and what they are to reach."""
    print("\nJSON to a full verdict (EN 16931, Peppol, national) and UBL, microseconds, beside the official")
    print("rule files in SaxonC on the same documents (parsed, without XSD)")
    if ABSENT:
        print(f"skipped: {WHY_ABSENT}")
        return
    print(f"{'lines':>10}{'ours':>12}{'a line':>10}{'official':>12}{'times':>8}")
    rows = {lines: measured(lines) for lines in SIZES}
    for lines, row in rows.items():
        times = row["theirs"] / row["ours"]
        print(
            f"{lines:>10}{row['ours']:>12.0f}{row['ours'] / lines:>10.1f}{row['theirs']:>12.0f}{times:>8.0f}"
        )
    print(f"times: at least {WANTED:.0f} wanted at 1 to 1,000 lines, {LEAST:.0f} needed")
    bent = rows[5000]["ours"] / rows[1000]["ours"] / 5
    print(f"linear: 5,000 lines take {bent:.2f} times five times 1,000 lines, at most {LINEAR}")
    print(
        f"memory at 5,000 lines above the decoded invoice: {_grown_apart():.1f} MB, at most {MEGABYTES:.0f}"
    )


def _grown_apart() -> float:
    """`grown` in a process of its own, where nothing else has been."""
    look = "import sys; sys.path[:0] = {!r}; from bench import judging; print(judging.grown(5000))"
    places = [str(ROOT / "tests"), str(ROOT / "src")]
    return float(subprocess.check_output([sys.executable, "-c", look.format(places)]))
