"""From JSON to a full native verdict and UBL, beside SaxonC running the publishers' own files.

Ours: decode, sums, every rule of EN 16931 and Peppol with the national ones, the UBL; from the source as it
stands, and from the wheel that `./dev wheel` compiles of it. Theirs: parse that UBL and run both official
rule files, compiled beforehand; without the XSD. Same documents, taken in turn, no two of them alike.
"""

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

import packing
from tallystick import strategies
from tallystick.canonical import complete, decode
from tallystick.conformance import enrolment
from unit.formats.official import ABSENT, WHY_ABSENT, oracle

__all__ = ["SIZES", "main"]

ROOT = Path(__file__).parents[2]
SIZES = {1: 400, 10: 200, 100: 40, 1000: 5, 5000: 2}
"""Lines of a document → how many documents of that size are judged."""
WANTED, LEAST = 50.0, 30.0
LINEAR = 1.3
MEGABYTES = 20.0
PROFILE = "peppol-bis3"
ROUNDS, SECONDS = 5, 0.5
_FIRST = 3


def body_of(lines: int, which: int = 0) -> bytes:
    """A document with this many lines: three rates, some with a discount or a base quantity.

    One seller bills many buyers; `which` of the documents it is decides on number, buyer, items and prices.
    """
    raw = json.loads((ROOT / "fixtures/peppol/standard/invoice.json").read_bytes())
    first = raw["lines"][0]
    raw["lines"] = [_line(first, number, which) for number in range(lines)]
    raw["invoice_number"] = f"SP-2026-{which + 1:05}"
    raw["buyer_reference"] = f"KK-{which * 7 % 9973}"
    raw["buyer"] = _buyer(raw["buyer"], f"{2000000 + which * 37:08}")
    for name in ("document_totals", "tax_breakdown", "allowances", "charges"):
        raw.pop(name, None)
    return json.dumps(raw).encode()


def _buyer(first: dict[str, Any], number: str) -> dict[str, Any]:
    return first | {
        "name": f"Kirjasto {number}",
        "legal_registration_identifier": {"value": number, "scheme": "0212"},
        "tax_identifier": f"FI{number}",
        "electronic_address": {"scheme": "0216", "value": f"0037{number}"},
    }


def _line(first: dict[str, Any], number: int, which: int) -> dict[str, Any]:
    line = first | {"line_identifier": str(number + 1), "invoiced_quantity": str(number % 7 + 1)}
    for name in ("line_net_amount", "line_tax_amount", "line_amount_with_tax"):
        line.pop(name, None)
    item = number + which * 101
    line["item"] = {"name": f"Part {item + 1:05}", "sellers_identifier": f"P-{item + 1:05}"}
    cents = 1200 + item * 37 % 99_991
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


def measured(lines: int, count: int) -> dict[str, float]:
    """Microseconds a document of both ways: the best of several rounds' medians, taken in turn."""
    strategy = strategies.load().by_name("peppol")
    place = enrolment(strategy)
    bodies = [body_of(lines, which) for which in range(count)]
    documents = [ours(body, strategy, place).decode() for body in bodies]
    rounds: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(ROUNDS):
        rounds["ours"].append(_typical(lambda body: ours(body, strategy, place), bodies))
        rounds["theirs"].append(_typical(theirs, documents))
    return {name: min(found) for name, found in rounds.items()}


def _typical(work: Callable[[Any], Any], things: list[Any]) -> float:
    """Microseconds that the work takes on one of the things, the median over half a second or all of them."""
    taken: list[float] = []
    until = time.perf_counter() + SECONDS
    for place, thing in enumerate(cycle(things)):
        began = time.perf_counter()
        work(thing)
        taken.append(time.perf_counter() - began)
        if began > until and place >= min(len(things), 2):
            return median(taken) * 1e6
    raise AssertionError  # the things never end


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
    print(
        "\nJSON to a full verdict (EN 16931, Peppol, national) and UBL, microseconds a document, beside the"
    )
    print("official rule files in SaxonC on the same documents (parsed, without XSD)")
    if ABSENT:
        print(f"skipped: {WHY_ABSENT}")
        return
    _report("plain Python", ROOT / "src")
    if packing.WHY_NOT_COMPILED:
        print(f"\ncompiled: skipped, {packing.WHY_NOT_COMPILED}")
        return
    with tempfile.TemporaryDirectory(prefix="compiled-") as place:
        with zipfile.ZipFile(packing.built(Path(place), compiled=True)) as packed:
            packed.extractall(Path(place, "site"))
        _report("compiled, as ./dev wheel makes it", Path(place, "site"))


def _report(title: str, source: Path) -> None:
    """What the product at `source` takes, in processes of its own."""
    rows = {lines: _apart(source, f"judging.measured({lines}, {count})") for lines, count in SIZES.items()}
    print(f"\n{title}\n{'lines':>10}{'ours':>12}{'a line':>10}{'official':>12}{'times':>8}")
    for lines, row in rows.items():
        mine, other = row["ours"], row["theirs"]
        print(f"{lines:>10}{mine:>12.0f}{mine / lines:>10.1f}{other:>12.0f}{other / mine:>8.1f}")
    print(f"times: at least {WANTED:.0f} wanted at 1 to 1,000 lines, {LEAST:.0f} needed")
    bent = rows[5000]["ours"] / rows[1000]["ours"] / 5
    print(f"linear: 5,000 lines take {bent:.2f} times five times 1,000 lines, at most {LINEAR}")
    more = _apart(source, "judging.grown(5000)")
    print(f"memory at 5,000 lines above the decoded invoice: {more:.1f} MB, at most {MEGABYTES:.0f}")


def _apart(source: Path, asked: str) -> Any:
    """The answer of this module in a process that has the product from `source`, where nothing else was."""
    places = [str(source), str(ROOT / "tests")]
    script = (
        f"import json, sys; sys.path[:0] = {places}; from bench import judging; print(json.dumps({asked}))"
    )
    return json.loads(subprocess.check_output([sys.executable, "-P", "-c", script]))
