"""Where a fault points: at what was sent, or at the one name that is missing from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tallystick.canonical import Fault, Invoice, complete, decode, encode, place, placed

CASE = Path(__file__).parents[3] / "fixtures/peppol/standard/invoice.json"

SENT: dict[str, Any] = {
    "seller": {"name": "Nordwind GmbH", "a/b": {"~": "tilde"}},
    "buyer": None,
    "lines": [{"tax": {"rate": "19"}}],
}


def at(pointer: str, *fix: dict[str, Any]) -> Fault:
    return Fault(code="rule/X", pointer=pointer, message="wrong", fix=fix)


@pytest.mark.parametrize(
    "pointer", ["", "/seller", "/seller/name", "/lines/0/tax/rate", "/seller/a~1b/~0", "/buyer"]
)
def test_a_fault_at_what_was_sent_stays_as_it_is(pointer: str) -> None:
    fault = at(pointer)

    assert place(fault, SENT) is fault


@pytest.mark.parametrize("pointer", ["/delivery", "/seller/tax_identifier", "/lines/0/tax/category_code"])
def test_one_missing_name_is_pointed_at(pointer: str) -> None:
    assert place(at(pointer), SENT).pointer == pointer


@pytest.mark.parametrize(
    ("pointer", "placed_at"),
    [
        ("/tax_breakdown/0/tax_category_tax_amount", "/tax_breakdown"),
        ("/document_totals/total_amount_with_tax", "/document_totals"),
        ("/lines/0/regime_data/ae/amount_in_aed", "/lines/0/regime_data"),
        ("/lines/1/net_amount", "/lines"),
        ("/lines/-", "/lines"),
        ("/buyer/name", "/buyer"),
        ("/seller/name/0", "/seller/name"),
    ],
)
def test_what_was_computed_is_told_at_the_deepest_place_that_was_sent(pointer: str, placed_at: str) -> None:
    found = place(at(pointer), SENT)

    assert (found.pointer, found.computed) == (placed_at, pointer)
    assert place(found, SENT) == found


def test_a_fix_that_fits_stays() -> None:
    fix = (
        {"op": "replace", "path": "/seller/name", "value": "B"},
        {"op": "add", "path": "/delivery", "value": {}},
        {"op": "add", "path": "/delivery/actual_delivery_date", "value": "2026-01-31"},
        {"op": "add", "path": "/lines/-", "value": {}},
        {"op": "remove", "path": "/lines/0/tax/rate"},
    )

    assert place(at("/seller/name", *fix), SENT).fix == fix


def test_to_replace_what_is_missing_is_to_add_it() -> None:
    found = place(at("/seller", {"op": "replace", "path": "/seller/tax_identifier", "value": "1"}), SENT)

    assert found.fix == ({"op": "add", "path": "/seller/tax_identifier", "value": "1"},)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/tax_breakdown/0/exemption_reason_text", "value": "x"},
        {"op": "add", "path": "/lines/2", "value": {}},
        {"op": "add", "path": "/buyer/name", "value": "x"},
        {"op": "replace", "path": "/lines/1", "value": {}},
        {"op": "remove", "path": "/delivery"},
    ],
)
def test_a_fix_that_does_not_fit_is_not_offered(operation: dict[str, Any]) -> None:
    assert place(at("/seller", operation), SENT).fix == ()


def test_faults_are_placed_in_the_bytes_that_were_sent() -> None:
    body = json.dumps(SENT).encode()

    pointers = [fault.pointer for fault in placed([at("/delivery/x"), at("/seller/name")], body)]

    assert pointers == ["/delivery", "/seller/name"]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_changes_nothing(body: bytes) -> None:
    fault = at("/delivery/x")

    assert placed([fault], body) == (fault,)


def completed(**more: Any) -> tuple[bytes, Invoice]:
    """A good invoice with some members otherwise, as sent and completed."""
    body = json.dumps(json.loads(CASE.read_bytes()) | more).encode()
    invoice = decode(body).invoice
    assert invoice is not None
    return body, complete(invoice).invoice


def test_a_rate_that_was_computed_is_told_at_the_line_that_says_it() -> None:
    body, invoice = completed()
    last = len(invoice.tax_breakdown) - 1
    entry = invoice.tax_breakdown[last]
    rate, code = (
        at(f"/tax_breakdown/{last}/tax_category_rate"),
        at(f"/tax_breakdown/{last}/tax_category_code"),
    )
    line = next(n for n, one in enumerate(invoice.lines) if one.tax.rate == entry.tax_category_rate)

    found = placed([rate, code], body, invoice)

    assert [one.pointer for one in found] == [f"/lines/{line}/tax/rate", f"/lines/{line}/tax/category_code"]
    assert [one.computed for one in found] == [rate.pointer, code.pointer]


def test_a_rate_that_only_an_allowance_says_is_told_there() -> None:
    allowance = {"amount": "1.00", "tax_category_code": "Z", "tax_rate": "0", "reason": "Discount"}
    body, invoice = completed(allowances=[allowance])
    entry = next(n for n, one in enumerate(invoice.tax_breakdown) if one.tax_category_code == "Z")

    found = placed([at(f"/tax_breakdown/{entry}/tax_category_rate")], body, invoice)[0]

    assert found.pointer == "/allowances/0/tax_rate"


def test_a_rate_that_was_sent_in_the_breakdown_is_told_there() -> None:
    _, invoice = completed()
    sent = json.loads(encode(invoice))

    fault = at("/tax_breakdown/0/tax_category_rate")

    assert placed([fault], json.dumps(sent).encode(), invoice) == (fault,)
