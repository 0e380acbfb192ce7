"""Taxes that come on top of the tax of category and rate: computed from their rate, summed, checked."""

import json
from typing import Any

from tallystick.canonical import Completed, complete, decode, encode
from unit.canonical.documents import body_of, plain_document, plain_line


def _completed(*components: dict[str, Any], **terms: Any) -> Completed:
    tax = {"category_code": "S", "rate": "18", "components": list(components)}
    decoded = decode(body_of(plain_document(lines=[plain_line(tax=tax)], **terms)))
    assert decoded.invoice is not None, decoded.faults
    return complete(decoded.invoice)


def _document(completed: Completed) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(encode(completed.invoice))
    return document


def test_a_part_of_the_tax_changes_no_total() -> None:
    completed = _completed({"code": "HALF", "rate": "9", "amount": "9.00"})

    assert completed.faults == ()
    assert _document(completed)["document_totals"]["total_amount_with_tax"] == "118.01"
    assert "additional_tax_amount" not in _document(completed)["document_totals"]


def test_a_tax_on_top_is_computed_from_its_rate_and_part_of_the_total() -> None:
    completed = _completed({"code": "DUTY", "rate": "5", "additional": True})
    document = _document(completed)

    assert completed.faults == ()
    assert document["lines"][0]["tax"]["components"][0]["amount"] == "5.00"
    assert document["document_totals"]["total_tax_amount"] == "18.00"
    assert document["document_totals"]["additional_tax_amount"] == "5.00"
    assert document["document_totals"]["total_amount_with_tax"] == "123.01"
    assert "/lines/0/tax/components/0/amount" in completed.computed


def test_a_rate_is_taken_of_the_taxable_amount_where_one_is_given() -> None:
    completed = _completed({"code": "DUTY", "rate": "5", "taxable_amount": "200.00", "additional": True})

    assert _document(completed)["document_totals"]["additional_tax_amount"] == "10.00"


def test_a_given_amount_is_taken_as_it_is() -> None:
    completed = _completed({"code": "DUTY", "amount": "7.50", "additional": True})

    assert completed.faults == ()
    assert _document(completed)["document_totals"]["total_amount_with_tax"] == "125.51"


def test_a_wrong_sum_of_taxes_on_top_is_told() -> None:
    completed = _completed(
        {"code": "DUTY", "amount": "7.50", "additional": True},
        document_totals={"additional_tax_amount": "7.00"},
    )

    assert [(fault.code, fault.pointer, fault.expected) for fault in completed.faults] == [
        ("invoice/arithmetic", "/document_totals/additional_tax_amount", "7.50")
    ]


def test_a_sum_of_taxes_that_no_line_bears_is_told() -> None:
    completed = _completed(document_totals={"additional_tax_amount": "7.00"})

    assert [fault.pointer for fault in completed.faults] == ["/document_totals/additional_tax_amount"]


def test_a_total_without_the_tax_on_top_is_told() -> None:
    completed = _completed(
        {"code": "DUTY", "amount": "7.50", "additional": True},
        document_totals={"total_amount_with_tax": "118.01"},
    )

    assert [(fault.pointer, fault.expected) for fault in completed.faults] == [
        ("/document_totals/total_amount_with_tax", "125.51")
    ]
    assert "additional_tax_amount" in completed.faults[0].message


def test_a_tax_on_top_needs_an_amount_or_a_rate() -> None:
    completed = _completed({"code": "DUTY", "additional": True})

    assert [(fault.code, fault.pointer) for fault in completed.faults] == [
        ("invoice/incomplete-component", "/lines/0/tax/components/0/amount")
    ]


def test_what_is_complete_comes_back_unchanged() -> None:
    first = _completed({"code": "DUTY", "rate": "5", "additional": True})

    again = complete(first.invoice)

    assert (again.invoice, again.computed, again.faults) == (first.invoice, (), ())
