"""A place that the portal names leads to the caller's own field."""

import json

import pytest

from tallystick.conformance import judge
from tallystick.strategy import Trace, Traces
from unit.strategies.in_irp.talks import FIXTURES, HOME, irp, judged, module, ready

answers = module("answers")


def trace(case: str) -> Trace:
    strategy, invoice = irp(), judged(case).invoice
    assert isinstance(strategy, Traces) and invoice is not None
    return strategy.trace(ready(case)[0].body, invoice)


@pytest.mark.parametrize(
    ("location", "pointer"),
    [
        ("ItemList[1].HsnCd", "/lines/1/item/classification_identifiers"),
        ("/ItemList/1/HsnCd", "/lines/1/item/classification_identifiers"),
        ("#/ItemList/1/Qty: too large", "/lines/1/invoiced_quantity"),
        ("$.SellerDtls.Pin", "/seller/postal_address/post_code"),
        ("SellerDtls.Nothing", "/seller"),
        ("ItemList", "/lines"),
        ("DocDtls", ""),
        ("Seller", None),
        ("", None),
    ],
)
def test_a_place_leads_to_its_field_or_to_the_nearest_around_it(location: str, pointer: str | None) -> None:
    assert trace("standard").pointer(location) == pointer


def test_an_item_leads_to_its_own_line_where_lines_were_folded_away() -> None:
    body = json.loads((HOME / "standard/invoice.json").read_bytes())
    body["lines"].insert(0, body["lines"][0] | {"line_identifier": "900", "invoiced_quantity": "-1"})
    body["lines"][0].pop("net_amount", None)
    strategy, invoice = irp(), judge(irp(), json.dumps(body).encode(), cases=FIXTURES).invoice
    assert isinstance(strategy, Traces) and invoice is not None

    trace = strategy.trace(b"", invoice)

    assert trace.pointer("ItemList[0].Qty") == "/lines/1/invoiced_quantity"


def test_an_error_that_names_a_place_says_it() -> None:
    _, enrolment = ready("standard")
    said = answers.Said("5002", "ItemList[0].AssAmt: must be at most 999999999999.99", "fix")

    fault = answers.fault_of(said, enrolment)

    assert fault.wire_location == "ItemList[0].AssAmt"
    assert trace("standard").pointer(fault.wire_location) == "/lines/0/net_amount"


@pytest.mark.parametrize(
    ("pointer", "location"),
    [
        ("/lines/1/invoiced_quantity", "ItemList[1].Qty"),
        ("/seller/postal_address/post_code", "SellerDtls.Pin"),
        ("/seller/postal_address/post_code/deeper", "SellerDtls.Pin"),
        ("/lines/99/invoiced_quantity", ""),
        ("/project_reference", "RefDtls.ContrDtls[0].ProjRefr"),
        ("/tax_point_date", ""),
        ("", ""),
    ],
)
def test_a_member_leads_to_its_place(pointer: str, location: str) -> None:
    assert trace("standard").location(pointer) == location


def test_of_no_invoice_there_is_nothing_to_trace() -> None:
    strategy = irp()
    assert isinstance(strategy, Traces)

    with pytest.raises(ValueError, match="no invoice"):
        strategy.trace(b"", None)
