"""Properties of the arithmetic that hold for every invoice."""

import json
import random
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tallystick.canonical import EXPONENTS, Invoice, complete, decode, encode, rounded, total
from unit.canonical.documents import body_of, plain_document, plain_line

_calm = settings(deadline=None, max_examples=100)
_numbers = st.decimals(-(10**10), 10**10, allow_nan=False, allow_infinity=False, places=6)
_currencies = st.sampled_from(["EUR", "JPY", "BHD", "CLF"])
_taxes = st.sampled_from(
    [
        {"category_code": "S", "rate": "19"},
        {"category_code": "S", "rate": "7.5"},
        {"category_code": "Z", "rate": "0"},
        {"category_code": "O"},
    ]
)
_lines = st.lists(st.tuples(_numbers, _numbers, _taxes), min_size=1, max_size=8)


def _document(currency: str, lines: list[tuple[Decimal, Decimal, dict[str, str]]]) -> dict[str, Any]:
    return plain_document(
        currency_code=currency,
        lines=[
            plain_line(invoiced_quantity=f"{quantity:f}", price={"item_net_price": f"{price:f}"}, tax=tax)
            for quantity, price, tax in lines
        ],
    )


def _decoded(document: dict[str, Any]) -> Invoice:
    invoice = decode(body_of(document)).invoice
    assert invoice is not None
    return invoice


@_calm
@given(_currencies, _lines)
def test_what_was_computed_is_found_right_when_checked(currency: str, lines: Any) -> None:
    completed = complete(_decoded(_document(currency, lines)))
    if {fault.code for fault in completed.faults} == {"invoice/amount-too-large"}:
        return
    assert completed.faults == ()
    again = complete(_decoded(json.loads(encode(completed.invoice))))
    assert (again.computed, again.faults) == ((), ())
    assert again.invoice == completed.invoice


@_calm
@given(_currencies, _lines, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_total(currency: str, lines: Any, dice: random.Random) -> None:
    shuffled = list(lines)
    dice.shuffle(shuffled)
    one, other = (complete(_decoded(_document(currency, some))).invoice for some in (lines, shuffled))
    assert one.document_totals == other.document_totals
    assert {entry.tax_category_taxable_amount for entry in one.tax_breakdown} == {
        entry.tax_category_taxable_amount for entry in other.tax_breakdown
    }


@_calm
@given(_currencies, _lines)
def test_totals_add_up_as_fractions_do(currency: str, lines: Any) -> None:
    invoice = complete(_decoded(_document(currency, lines))).invoice
    totals = invoice.document_totals
    nets = [Fraction(line.net_amount or 0) for line in invoice.lines]
    taxes = [Fraction(entry.tax_category_tax_amount or 0) for entry in invoice.tax_breakdown]
    taxable = [Fraction(entry.tax_category_taxable_amount or 0) for entry in invoice.tax_breakdown]
    assert Fraction(totals.sum_of_invoice_line_net_amount or 0) == sum(nets) == sum(taxable)
    assert Fraction(totals.total_tax_amount or 0) == sum(taxes)
    assert Fraction(totals.amount_due_for_payment or 0) == sum(nets) + sum(taxes)


@_calm
@given(_currencies, _lines)
def test_computed_amounts_have_exactly_the_currencys_decimals(currency: str, lines: Any) -> None:
    invoice = complete(_decoded(_document(currency, lines))).invoice
    amounts = [line.net_amount for line in invoice.lines]
    amounts += [entry.tax_category_tax_amount for entry in invoice.tax_breakdown]
    amounts.append(invoice.document_totals.amount_due_for_payment)
    assert {-amount.as_tuple().exponent for amount in amounts if amount is not None} == {EXPONENTS[currency]}  # type: ignore[operator]


@_calm
@given(_numbers, st.integers(0, 5))
def test_rounding_is_half_away_from_zero(number: Decimal, decimals: int) -> None:
    expected = abs(number).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP).copy_sign(number)
    assert rounded(number, decimals) == expected
    assert abs(Fraction(rounded(number, decimals)) - Fraction(number)) <= Fraction(1, 2 * 10**decimals)


@_calm
@given(_numbers, st.integers(0, 5))
def test_rounding_twice_is_rounding_once_and_minus_stays_minus(number: Decimal, decimals: int) -> None:
    once = rounded(number, decimals)
    assert rounded(once, decimals) == once
    assert rounded(-number, decimals) == -once


@_calm
@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**17), max_value=10**17)
    )
)
def test_a_total_is_exact(numbers: list[Decimal]) -> None:
    assert Fraction(total(numbers)) == sum(map(Fraction, numbers), Fraction(0))
