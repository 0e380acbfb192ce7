"""One change at a time: our check and an independent judge of INV-01 say the same, by the same numbers."""

import importlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from msgspec import structs

from tallystick.canonical import complete, decode
from tallystick.conformance.trial import FIXTURES, enrolment
from tallystick.strategies import load
from unit.formats.official import ABSENT, WHY_ABSENT, tool
from unit.strategies.in_irp.mutations import GONE, TABLE

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

writing: Any = importlib.import_module("tallystick.strategies.in_irp.writing")
tree: Any = importlib.import_module("tallystick.strategies.in_irp.tree")

NOW: Final = datetime(2026, 10, 20, 12, tzinfo=UTC)
THEIRS: Final = {"SCHEMA": "5002", "GSTIN-CD": "3030", "HSN6": "in/hsn-digits"}
"""What the judge calls rules that have no number at the portal, as we call them."""
STOPS: Final = {f"/{name}" for name in ("", "ItemList", "ValDtls", "TranDtls", "DocDtls")} | {
    "/SellerDtls",
    "/BuyerDtls",
}
"""Where a member that is missing ends the judge's work: he says nothing of the rest."""
ONLY_OURS: Final = {
    "in/loose-amount": "an amount that stands nowhere in the payload cannot be missed there",
    "in/exchange-rate": "the payload is in rupees already",
    "in/component": "a component that nobody can send is not in the payload",
    "in/round-off": "the judge does not know what the round-off should be",
    "2228": "the judge calls an empty list a breach of the schema",
    "2271": "the judge has one name for a GSTIN's form, its state and its check digit",
}
ONLY_THEIRS: Final = {
    "GSTIN": "the form of a GSTIN is a breach of the schema with us, an unknown state is 2271",
}


def changed(document: Any, pointer: str, value: Any) -> None:
    """Put the value there, or take what is there away. Groups on the way are made."""
    *steps, last = pointer.split("/")[1:]
    for step in steps:
        document = document[int(step)] if isinstance(document, list) else document.setdefault(step, {})
    if value is GONE:
        document.pop(last, None)
    elif isinstance(document, list):
        document[int(last)] = value
    else:
        document[last] = value


def judged(case: str, pointer: str, value: Any) -> tuple[set[str], set[str], bool] | None:
    """Error numbers by us and by the judge, and whether he stopped at a block that lacks a member.

    None where the model itself refuses the invoice.
    """
    assert FIXTURES is not None
    document = json.loads((FIXTURES / "in_irp" / case / "invoice.json").read_bytes())
    changed(document, pointer, value)
    strategy = load().by_name("in_irp")
    decoded = decode(json.dumps(document).encode(), {"in": strategy.blocks})  # type: ignore[attr-defined]
    if decoded.invoice is None:
        return None
    completed = complete(strategy.recast(decoded.invoice) if hasattr(strategy, "recast") else decoded.invoice)
    if [fault for fault in (*decoded.faults, *completed.faults) if fault.severity == "error"]:
        return None
    whole = enrolment(strategy, "production", invoice=completed.invoice)
    faults = strategy.check(completed.invoice, structs.replace(whole, now=NOW, tax_identifier=""))
    ours = {fault.rule.id if fault.rule else fault.code for fault in faults if fault.severity == "error"}
    payload = json.loads(tree.written(writing.wire_of(completed.invoice).tree), parse_float=Decimal)
    report, _ = tool("check_inv01").check(payload, profile="prod", today=NOW.date())
    theirs = {THEIRS.get(rule, rule) for _, rule, _, _ in report.errors}
    return ours, theirs, any(rule == "SCHEMA" and path in STOPS for _, rule, path, _ in report.errors)


@pytest.mark.parametrize(("case", "pointer", "value"), TABLE)
def test_we_refuse_what_the_judge_refuses_by_the_same_number(case: str, pointer: str, value: Any) -> None:
    found = judged(case, pointer, value)
    if found is None:
        return
    ours, theirs, stopped = found
    assert bool(ours - ONLY_OURS.keys()) == bool(theirs), (ours, theirs)
    if not stopped:
        assert ours - ONLY_OURS.keys() - {"5002"} == theirs - ONLY_THEIRS.keys() - {"5002"}


def test_the_table_is_long_enough_and_says_both() -> None:
    found = [result for row in TABLE if (result := judged(*row)) is not None]
    refused = [result for result in found if result[0]]

    assert len(found) >= 120
    assert 40 <= len(refused) <= len(found) - 40
