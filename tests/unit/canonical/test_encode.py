"""Encoding: plain digits, stable order, RFC 8785 for digests."""

import json
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings

from tallystick.canonical import (
    Amount,
    DocumentTotals,
    Invoice,
    Item,
    Line,
    LineTax,
    Percent,
    Price,
    Quantity,
    Seller,
    SellerAddress,
    UnitPrice,
    canonical_bytes,
    decode,
    encode,
)
from unit.canonical.documents import body_of, documents, plain_document


def _invoice(**terms: Any) -> Invoice:
    line = Line(
        line_identifier="1",
        invoiced_quantity=Quantity("1E+2"),
        unit_of_measure_code="C62",
        price=Price(item_net_price=UnitPrice("0.000001")),
        tax=LineTax(category_code="S", rate=Percent("19")),
        item=Item(name="Screw"),
    )
    return Invoice(
        invoice_number="1",
        issue_date=date(2026, 1, 31),
        issue_time=time(9, 5),
        type_code="380",
        currency_code="EUR",
        transaction_type="b2c",
        seller=Seller(name="Schrauben KG", postal_address=SellerAddress(country_code="AT")),
        lines=(line,),
        **terms,
    )


def test_an_invoice_made_by_hand_encodes_and_decodes() -> None:
    invoice = _invoice(document_totals=DocumentTotals(paid_amount=Amount("100.00")))
    assert decode(encode(invoice)).invoice == invoice


def test_numbers_are_written_without_an_exponent_and_with_their_own_digits() -> None:
    document = json.loads(encode(_invoice(document_totals=DocumentTotals(paid_amount=Amount("100.00")))))
    assert document["lines"][0]["invoiced_quantity"] == "100"
    assert document["lines"][0]["price"]["item_net_price"] == "0.000001"
    assert document["document_totals"]["paid_amount"] == "100.00"
    assert document["issue_time"] == "09:05:00"


def test_terms_come_in_the_models_order_whatever_order_they_were_sent_in() -> None:
    document = plain_document(buyer_reference="x")
    backwards = dict(reversed(document.items()))
    one, other = decode(body_of(document)).invoice, decode(body_of(backwards)).invoice
    assert one is not None and other is not None
    assert encode(one) == encode(other)
    assert list(json.loads(encode(one)))[:2] == ["invoice_number", "issue_date"]


@settings(deadline=None, max_examples=100)
@given(documents)
def test_canonical_bytes_are_rfc_8785(document: dict[str, Any]) -> None:
    invoice = decode(body_of(document)).invoice
    assert invoice is not None
    assert canonical_bytes(invoice) == rfc8785.dumps(json.loads(encode(invoice)))


def test_canonical_bytes_of_difficult_texts_are_rfc_8785() -> None:
    text = 'quote " slash / back \\ tab \t line \n\r del \x7f \u0080 \u2028 € 😀 </script>'
    invoice = _invoice(payment_terms=text, metadata={"b": "2", "B": "1", "a-b": "", "a.b": " "})
    assert canonical_bytes(invoice) == rfc8785.dumps(json.loads(encode(invoice)))


def test_equal_invoices_have_equal_canonical_bytes_and_different_digits_do_not() -> None:
    one = _invoice(metadata={"a": "1", "b": "2"})
    assert canonical_bytes(one) == canonical_bytes(_invoice(metadata={"b": "2", "a": "1"}))
    cent, dime = (
        canonical_bytes(_invoice(document_totals=DocumentTotals(paid_amount=Amount(text))))
        for text in ("1.0", "1.00")
    )
    assert cent != dime


def test_what_is_no_value_of_the_model_is_not_encoded() -> None:
    with pytest.raises(TypeError):
        encode(_invoice(regime_data={"xx": Decimal}))
