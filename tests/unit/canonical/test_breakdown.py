"""The tax breakdown: computed where it is absent, checked where it is given."""

import json

import pytest

from tallystick.canonical import complete, encode
from unit.canonical.sums import completed_of, entry_of, invoice_of, line_of, only_fault


def test_tax_is_taken_of_each_category_and_rate_once() -> None:
    lines = [line_of("1", "0.33", rate="7.0"), line_of("1", "0.33", rate="7"), line_of("1", "10", rate="19")]
    breakdown = completed_of(lines=[*lines, line_of("1", "4", "E", "0"), line_of("1", "5", "O", None)])[
        "tax_breakdown"
    ]
    names = ("code", "rate", "taxable_amount", "tax_amount")
    found = [tuple(entry.get(f"tax_category_{name}") for name in names) for entry in breakdown]
    assert found == [
        ("S", "7.0", "0.66", "0.05"),
        ("S", "19", "10.00", "1.90"),
        ("E", "0", "4.00", "0.00"),
        ("O", None, "5.00", "0.00"),
    ]


def test_a_reason_for_exemption_may_be_given_without_amounts() -> None:
    reason = {"tax_category_code": "E", "tax_category_rate": "0", "exemption_reason_text": "Exempt"}
    completed = complete(
        invoice_of(lines=[line_of("1", "10", "E", "0"), line_of("1", "7")], tax_breakdown=[reason])
    )
    assert completed.faults == ()
    first, second = json.loads(encode(completed.invoice))["tax_breakdown"]
    assert first == reason | {"tax_category_taxable_amount": "10.00", "tax_category_tax_amount": "0.00"}
    assert second["tax_category_code"] == "S"
    assert "/tax_breakdown/0/tax_category_taxable_amount" in completed.computed
    assert "/tax_breakdown/1" in completed.computed


def test_a_reason_for_something_that_is_not_sold_is_a_fault() -> None:
    reason = {"tax_category_code": "E", "tax_category_rate": "0", "exemption_reason_text": "Exempt"}
    fault = only_fault(complete(invoice_of(tax_breakdown=[reason])))
    assert (fault.code, fault.pointer) == ("invoice/unmatched-tax-breakdown", "/tax_breakdown/0")


def test_a_breakdown_with_amounts_has_to_be_complete() -> None:
    lines = [line_of("1", "10"), line_of("1", "5", rate="7")]
    fault = only_fault(complete(invoice_of(lines=lines, tax_breakdown=[entry_of("10.00", "1.90")])))
    assert (fault.code, fault.pointer) == ("invoice/incomplete-tax-breakdown", "/tax_breakdown")
    assert fault.rule is not None and fault.rule.id == "BR-S-01"
    assert "7 %" in fault.message


@pytest.mark.parametrize(
    ("category", "rate", "taxable", "tax", "rule"),
    [
        ("S", "19", "100.99", "19.19", ""),
        ("S", "19", "101.00", "19.19", "BR-S-08"),
        ("S", "19", "100.00", "19.99", ""),
        ("S", "19", "100.00", "18.00", "BR-CO-17"),
        ("E", "0", "100.00", "0.00", ""),
        ("E", "0", "100.01", "0.00", "BR-E-08"),
        ("K", "0", "100.00", "0.01", "BR-IC-09"),
        ("L", "19", "100.00", "20.00", "BR-CO-17"),
        ("N", "5", "100.00", "0.00", ""),
        ("AE", "5", "100.00", "0.00", ""),
        ("AE", "5", "100.00", "0.01", "BR-AE-09"),
    ],
)  # fmt: skip
def test_a_given_breakdown_is_checked_as_far_as_en_16931_goes(
    category: str, rate: str, taxable: str, tax: str, rule: str
) -> None:
    lines = [line_of("1", "100", category, rate)]
    completed = complete(invoice_of(lines=lines, tax_breakdown=[entry_of(taxable, tax, category, rate)]))
    assert [fault.rule and fault.rule.id for fault in completed.faults] == ([rule] if rule else [])


@pytest.mark.parametrize("category", ["AE", "N"])
def test_a_tax_that_is_charged_elsewhere_is_nothing_whatever_its_rate(category: str) -> None:
    completed = complete(invoice_of(lines=[line_of("1", "100", category, "5")]))
    assert completed.faults == ()
    (entry,) = json.loads(encode(completed.invoice))["tax_breakdown"]
    assert (entry["tax_category_rate"], entry["tax_category_tax_amount"]) == ("5", "0.00")


def test_entries_of_the_same_category_and_rate_are_judged_together() -> None:
    lines = [line_of("1", "60", "E", "0"), line_of("1", "40", "E", "0")]
    parts = [entry_of("60.00", "0.00", "E", "0"), entry_of("40.00", "0.00", "E", "0")]
    assert complete(invoice_of(lines=lines, tax_breakdown=parts)).faults == ()
    parts[1]["tax_category_taxable_amount"] = "41.00"
    fault = only_fault(complete(invoice_of(lines=lines, tax_breakdown=parts)))
    assert (fault.expected, fault.actual) == ("100.00", "101.00")
    del parts[1]["tax_category_taxable_amount"]
    fault = only_fault(complete(invoice_of(lines=lines, tax_breakdown=parts)))
    assert fault.code == "invoice/ambiguous-tax-breakdown"
