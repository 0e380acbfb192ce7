"""Prices with tax: the ordinary formulas rule, and what is to be paid is what the till showed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tallystick.canonical import Invoice, complete, decode, encode, line_net_amount, rounded
from unit.canonical.documents import body_of, plain_document, plain_line


def _line(with_tax: str, quantity: str = "1", rate: str | None = "15", **terms: Any) -> dict[str, Any]:
    tax = {"category_code": "S" if rate else "Z", **({"rate": rate} if rate else {})}
    return plain_line(price={"item_price_with_tax": with_tax}, invoiced_quantity=quantity, tax=tax) | terms


def _completed(*lines: dict[str, Any], **terms: Any) -> Invoice:
    found = decode(body_of(plain_document(currency_code="SAR", lines=list(lines), **terms)))
    assert found.invoice is not None, found.faults
    done = complete(found.invoice)
    assert done.faults == ()
    return done.invoice


def test_a_price_with_tax_is_taken_apart() -> None:
    invoice = _completed(_line("115", "2"))
    assert str(invoice.lines[0].price.item_net_price) == "100.00"
    assert str(invoice.lines[0].net_amount) == "200.00"
    assert invoice.document_totals.rounding_amount is None
    assert str(invoice.document_totals.amount_due_for_payment) == "230.00"


def test_the_remaining_halala_is_the_rounding_amount() -> None:
    invoice = _completed(_line("1000"))
    totals = invoice.document_totals
    assert str(invoice.lines[0].price.item_net_price) == "869.56521739"
    assert [str(totals.total_amount_without_tax), str(totals.total_tax_amount)] == ["869.57", "130.44"]
    assert [str(totals.total_amount_with_tax), str(totals.rounding_amount)] == ["1000.01", "-0.01"]
    assert str(totals.amount_due_for_payment) == "1000.00"


def test_what_was_paid_comes_off_what_was_shown() -> None:
    invoice = _completed(_line("1000"), document_totals={"paid_amount": "400.00"})
    assert str(invoice.document_totals.amount_due_for_payment) == "600.00"


def test_a_given_rounding_amount_stays() -> None:
    invoice = _completed(_line("1000"), document_totals={"rounding_amount": "0.00"})
    assert str(invoice.document_totals.amount_due_for_payment) == "1000.01"


def test_allowances_and_charges_count_with_their_tax() -> None:
    allowance = {"amount": "10.00", "tax_category_code": "S", "tax_rate": "15"}
    line = _line("230", allowances=[{"amount": "20.00"}], charges=[{"amount": "5.00"}])
    invoice = _completed(line, allowances=[allowance])
    assert str(invoice.lines[0].net_amount) == "185.00"
    assert str(invoice.document_totals.amount_due_for_payment) == "201.25"


def test_an_untaxed_price_is_the_same_either_way() -> None:
    assert str(_completed(_line("7.5", "2", None)).lines[0].price.item_net_price) == "7.50"


def test_a_price_for_several_units_is_taken_apart_too() -> None:
    price = {"item_price_with_tax": "11.50", "base_quantity": "10"}
    invoice = _completed(_line("1", "25", price=price))
    assert str(invoice.document_totals.amount_due_for_payment) == "28.75"


def test_both_prices_must_agree() -> None:
    both = {"item_price_with_tax": "115", "item_net_price": "100"}
    assert str(_completed(_line("1", price=both)).lines[0].net_amount) == "100.00"
    wrong = plain_document(currency_code="SAR", lines=[_line("1", price=both | {"item_net_price": "99"})])
    found = decode(body_of(wrong)).invoice
    assert found is not None
    (fault,) = complete(found).faults
    assert (fault.code, fault.pointer) == ("invoice/arithmetic", "/lines/0/price/item_net_price")
    assert (fault.expected, fault.actual) == ("100", "99")


def test_a_line_without_any_price_is_refused() -> None:
    for price in ({}, {"item_price_with_tax": None}, {"base_quantity": "1"}):
        document = plain_document(lines=[plain_line(price=price)])
        (fault,) = decode(body_of(document)).faults
        assert (fault.code, fault.pointer) == ("invoice/missing-term", "/lines/0/price/item_net_price")
        assert fault.term == "BT-146"


@pytest.mark.parametrize("rate", ["-100", "-250"])
def test_a_rate_that_leaves_nothing_is_told(rate: str) -> None:
    found = decode(body_of(plain_document(currency_code="SAR", lines=[_line("115", rate=rate)]))).invoice
    assert found is not None
    assert [fault.code for fault in complete(found).faults] == ["invoice/underivable-price"]


def test_a_tax_on_top_keeps_the_price_from_being_taken_apart() -> None:
    tax = {"category_code": "S", "rate": "15", "components": [{"code": "X", "rate": "5", "additional": True}]}
    found = decode(body_of(plain_document(currency_code="SAR", lines=[_line("115", tax=tax)]))).invoice
    assert found is not None
    assert [fault.code for fault in complete(found).faults] == ["invoice/underivable-price"]


_prices = some.decimals(Decimal("0.01"), Decimal("99999.99"), places=2)
_quantities = some.one_of(some.integers(1, 500).map(Decimal), some.decimals("0.001", "999", places=3))
_sold = some.lists(
    some.tuples(_prices, _quantities, some.sampled_from(["15", "5", None])), min_size=1, max_size=12
)


@given(_sold)
def test_what_is_paid_is_what_the_till_showed(sold: list[tuple[Decimal, Decimal, str | None]]) -> None:
    lines = [
        _line(str(price), str(quantity), rate, line_identifier=str(number))
        for number, (price, quantity, rate) in enumerate(sold, 1)
    ]
    invoice = _completed(*lines)
    totals = invoice.document_totals

    shown = sum(rounded(price * quantity, 2) for price, quantity, _ in sold)
    assert totals.amount_due_for_payment == shown
    # and every formula of EN 16931 holds: the document is complete and right as it stands
    assert all(line.net_amount == line_net_amount(line, 2) for line in invoice.lines)
    assert abs(totals.rounding_amount or Decimal(0)) <= Decimal("0.01") * (len(sold) + 3)
    again = decode(encode(invoice)).invoice
    assert again is not None
    assert complete(again).computed == ()
    assert complete(again).faults == ()
    assert complete(again).invoice == invoice
