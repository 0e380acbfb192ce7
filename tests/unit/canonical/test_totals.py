"""Totals and tax breakdown: computed when absent, checked when present, explained when wrong."""

import json
from decimal import Decimal, getcontext
from pathlib import Path
from typing import Any

import pytest

from tallystick.canonical import (
    Amount,
    Completed,
    Fault,
    Group,
    Invoice,
    RegimeBlocks,
    complete,
    decode,
    encode,
    rounded,
)
from unit.canonical.documents import body_of, plain_document, plain_line
from unit.canonical.official import examples, money

_TOTALS = "/document_totals/"


def _invoice(**terms: Any) -> Invoice:
    decoded = decode(body_of(plain_document(**terms)))
    assert decoded.invoice is not None, decoded.faults
    return decoded.invoice


def _completed(**terms: Any) -> dict[str, Any]:
    completed = complete(_invoice(**terms))
    assert completed.faults == ()
    document: dict[str, Any] = json.loads(encode(completed.invoice))
    return document


def _only(completed: Completed) -> Fault:
    assert len(completed.faults) == 1, completed.faults
    return completed.faults[0]


def _line(
    quantity: str, price: str, category: str = "S", rate: str | None = "19", **terms: Any
) -> dict[str, Any]:
    tax = {"category_code": category} | ({"rate": rate} if rate is not None else {})
    return plain_line(invoiced_quantity=quantity, price={"item_net_price": price}, tax=tax, **terms)


def test_everything_absent_is_computed_and_told() -> None:
    completed = complete(_invoice())
    assert completed.faults == ()
    document = json.loads(encode(completed.invoice))
    assert document["lines"][0]["net_amount"] == "100.01"  # 3 x 33.335 = 100.005
    assert document["document_totals"] == {
        "sum_of_invoice_line_net_amount": "100.01",
        "total_amount_without_tax": "100.01",
        "total_tax_amount": "19.00",
        "total_amount_with_tax": "119.01",
        "amount_due_for_payment": "119.01",
    }
    assert document["tax_breakdown"] == [
        {
            "tax_category_taxable_amount": "100.01",
            "tax_category_tax_amount": "19.00",
            "tax_category_code": "S",
            "tax_category_rate": "19",
        }
    ]
    assert completed.computed == (
        "/lines/0/net_amount",
        "/tax_breakdown/0",
        _TOTALS + "sum_of_invoice_line_net_amount",
        _TOTALS + "total_amount_without_tax",
        _TOTALS + "total_tax_amount",
        _TOTALS + "total_amount_with_tax",
        _TOTALS + "amount_due_for_payment",
    )


def test_a_complete_invoice_comes_back_as_it_was() -> None:
    invoice = complete(_invoice()).invoice
    again = complete(invoice)
    assert again.invoice is invoice
    assert (again.computed, again.faults) == ((), ())


def test_allowances_charges_payments_and_rounding_all_count() -> None:
    document = _completed(
        lines=[_line("10", "10", allowances=[{"amount": "5.00"}], charges=[{"amount": "1.00"}])],
        allowances=[{"amount": "6.00", "tax_category_code": "S", "tax_rate": "19"}],
        charges=[{"amount": "10.00", "tax_category_code": "S", "tax_rate": "19.0"}],
        document_totals={"paid_amount": "19.00", "rounding_amount": "-0.50"},
    )
    totals = document["document_totals"]
    assert document["lines"][0]["net_amount"] == "96.00"
    assert (totals["sum_of_allowances"], totals["sum_of_charges"]) == ("6.00", "10.00")
    assert (totals["total_amount_without_tax"], totals["total_tax_amount"]) == ("100.00", "19.00")
    assert totals["amount_due_for_payment"] == "99.50"  # 119.00 - 19.00 - 0.50


def test_a_price_may_be_for_more_than_one_unit() -> None:
    line = _line("7", "1")
    line["price"] = {"item_net_price": "10", "base_quantity": "3"}
    assert _completed(lines=[line])["lines"][0]["net_amount"] == "23.33"
    line["price"]["base_quantity"] = "0"
    fault = _only(complete(_invoice(lines=[line])))
    assert (fault.code, fault.pointer) == ("invoice/zero-base-quantity", "/lines/0/price/base_quantity")


def test_given_and_computed_lines_stand_side_by_side() -> None:
    completed = complete(_invoice(lines=[_line("1", "5", net_amount="5.00"), _line("1", "7")]))
    assert completed.faults == ()
    assert [str(line.net_amount) for line in completed.invoice.lines] == ["5.00", "7.00"]
    assert "/lines/0/net_amount" not in completed.computed
    assert "/lines/1/net_amount" in completed.computed


def test_a_given_line_net_amount_is_taken_as_it_is() -> None:
    document = _completed(lines=[_line("3", "33.335", net_amount="100.00")])
    assert document["document_totals"]["sum_of_invoice_line_net_amount"] == "100.00"


@pytest.mark.parametrize(
    ("currency", "price", "net"),
    [
        ("EUR", "0.005", "0.01"), ("EUR", "-0.005", "-0.01"), ("EUR", "0.0049999", "0.00"),
        ("EUR", "1.015", "1.02"), ("EUR", "-1.015", "-1.02"), ("EUR", "2.675", "2.68"),
        ("JPY", "0.5", "1"), ("JPY", "-2.5", "-3"), ("BHD", "0.0005", "0.001"), ("CLF", "0.00005", "0.0001"),
    ],
)  # fmt: skip
def test_rounding_is_half_away_from_zero_to_the_currencys_decimals(
    currency: str, price: str, net: str
) -> None:
    assert _completed(currency_code=currency, lines=[_line("1", price)])["lines"][0]["net_amount"] == net


def test_tax_is_taken_of_each_category_and_rate_once() -> None:
    lines = [_line("1", "0.33", rate="7.0"), _line("1", "0.33", rate="7"), _line("1", "10", rate="19")]
    breakdown = _completed(lines=[*lines, _line("1", "4", "E", "0"), _line("1", "5", "O", None)])[
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
        _invoice(lines=[_line("1", "10", "E", "0"), _line("1", "7")], tax_breakdown=[reason])
    )
    assert completed.faults == ()
    first, second = json.loads(encode(completed.invoice))["tax_breakdown"]
    assert first == reason | {"tax_category_taxable_amount": "10.00", "tax_category_tax_amount": "0.00"}
    assert second["tax_category_code"] == "S"
    assert "/tax_breakdown/0/tax_category_taxable_amount" in completed.computed
    assert "/tax_breakdown/1" in completed.computed


def test_a_reason_for_something_that_is_not_sold_is_a_fault() -> None:
    reason = {"tax_category_code": "E", "tax_category_rate": "0", "exemption_reason_text": "Exempt"}
    fault = _only(complete(_invoice(tax_breakdown=[reason])))
    assert (fault.code, fault.pointer) == ("invoice/unmatched-tax-breakdown", "/tax_breakdown/0")


def _entry(taxable: str, tax: str, category: str = "S", rate: str = "19") -> dict[str, str]:
    return {
        "tax_category_taxable_amount": taxable,
        "tax_category_tax_amount": tax,
        "tax_category_code": category,
        "tax_category_rate": rate,
    }


def test_a_breakdown_with_amounts_has_to_be_complete() -> None:
    lines = [_line("1", "10"), _line("1", "5", rate="7")]
    fault = _only(complete(_invoice(lines=lines, tax_breakdown=[_entry("10.00", "1.90")])))
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
    lines = [_line("1", "100", category, rate)]
    completed = complete(_invoice(lines=lines, tax_breakdown=[_entry(taxable, tax, category, rate)]))
    assert [fault.rule and fault.rule.id for fault in completed.faults] == ([rule] if rule else [])


@pytest.mark.parametrize("category", ["AE", "N"])
def test_a_tax_that_is_charged_elsewhere_is_nothing_whatever_its_rate(category: str) -> None:
    completed = complete(_invoice(lines=[_line("1", "100", category, "5")]))
    assert completed.faults == ()
    (entry,) = json.loads(encode(completed.invoice))["tax_breakdown"]
    assert (entry["tax_category_rate"], entry["tax_category_tax_amount"]) == ("5", "0.00")


def test_entries_of_the_same_category_and_rate_are_judged_together() -> None:
    lines = [_line("1", "60", "E", "0"), _line("1", "40", "E", "0")]
    parts = [_entry("60.00", "0.00", "E", "0"), _entry("40.00", "0.00", "E", "0")]
    assert complete(_invoice(lines=lines, tax_breakdown=parts)).faults == ()
    parts[1]["tax_category_taxable_amount"] = "41.00"
    fault = _only(complete(_invoice(lines=lines, tax_breakdown=parts)))
    assert (fault.expected, fault.actual) == ("100.00", "101.00")
    del parts[1]["tax_category_taxable_amount"]
    fault = _only(complete(_invoice(lines=lines, tax_breakdown=parts)))
    assert fault.code == "invoice/ambiguous-tax-breakdown"


@pytest.mark.parametrize(
    ("term", "rule"),
    [
        ("sum_of_invoice_line_net_amount", "BR-CO-10"),
        ("sum_of_allowances", "BR-CO-11"),
        ("sum_of_charges", "BR-CO-12"),
        ("total_amount_without_tax", "BR-CO-13"),
        ("total_tax_amount", "BR-CO-14"),
        ("total_amount_with_tax", "BR-CO-15"),
        ("amount_due_for_payment", "BR-CO-16"),
    ],
)
def test_a_wrong_total_is_told_with_its_rule_and_its_arithmetic(term: str, rule: str) -> None:
    adjustment = [{"amount": "3.00", "tax_category_code": "S", "tax_rate": "19"}]
    right = complete(_invoice(allowances=adjustment, charges=adjustment)).invoice
    document = json.loads(encode(right))
    expected = document["document_totals"][term]
    wrong = f"{Decimal(expected) + Decimal('0.01'):f}"
    document["document_totals"][term] = wrong
    faults = complete(decode(body_of(document)).invoice or right).faults
    fault = next(fault for fault in faults if fault.rule and fault.rule.id == rule)
    assert (fault.code, fault.pointer) == ("invoice/arithmetic", _TOTALS + term)
    assert (fault.expected, fault.actual) == (expected, wrong)
    assert fault.calculation[0].result == expected
    assert fault.calculation[0].operands
    assert fault.fix == ({"op": "replace", "path": fault.pointer, "value": expected},)


def test_one_wrong_sum_gives_one_fault_for_each_rule_it_breaks_and_no_more() -> None:
    invoice = complete(_invoice()).invoice
    document = json.loads(encode(invoice))
    document["document_totals"]["amount_due_for_payment"] = "1.00"
    completed = complete(decode(body_of(document)).invoice or invoice)
    assert _only(completed).term == "BT-115"


def test_a_sum_of_nothing_may_be_given_as_zero_but_not_as_anything_else() -> None:
    assert complete(_invoice(document_totals={"sum_of_allowances": "0"})).faults == ()
    fault = _only(complete(_invoice(document_totals={"sum_of_charges": "1.00"})))
    assert fault.rule is not None and fault.rule.id == "BR-CO-12"


def test_a_fault_over_a_thousand_lines_shows_some_of_them() -> None:
    lines = [_line("1", "1") for _ in range(1_000)]
    fault = _only(
        complete(_invoice(lines=lines, document_totals={"sum_of_invoice_line_net_amount": "999.00"}))
    )
    operands = fault.calculation[0].operands
    assert len(operands) < 50
    assert "960 more" in operands[-1]


def test_the_tax_in_the_accounting_currency_follows_from_the_exchange_rate() -> None:
    exchange = {"from": "EUR", "to": "JPY", "rate": "163.4567"}
    terms = {"tax_currency_code": "JPY", "exchange_rate": exchange}
    totals = _completed(**terms)["document_totals"]
    assert totals["total_tax_amount_in_accounting_currency"] == "3106"  # 19.00 x 163.4567 = 3105.68
    given = _completed(**terms, document_totals={"total_tax_amount_in_accounting_currency": "3105"})
    assert given["document_totals"]["total_tax_amount_in_accounting_currency"] == "3105"


def test_an_exchange_rate_of_the_other_direction_is_a_fault() -> None:
    exchange = {"from": "JPY", "to": "EUR", "rate": "0.0061"}
    fault = _only(complete(_invoice(tax_currency_code="JPY", exchange_rate=exchange)))
    assert (fault.code, fault.pointer) == ("invoice/wrong-exchange-rate", "/exchange_rate")
    assert (fault.expected, fault.actual) == ("from EUR to JPY", "from JPY to EUR")


def test_without_a_rate_the_accounting_amount_stays_absent() -> None:
    totals = _completed(tax_currency_code="SEK")["document_totals"]
    assert "total_tax_amount_in_accounting_currency" not in totals


@pytest.mark.parametrize("term", ["currency_code", "tax_currency_code"])
@pytest.mark.parametrize("code", ["XAU", "ABC", "XXX"])
def test_an_unknown_currency_is_told(term: str, code: str) -> None:
    fault = _only(complete(_invoice(**{term: code})))
    assert (fault.code, fault.pointer, fault.actual) == ("invoice/unknown-currency", f"/{term}", code)


@pytest.mark.parametrize(
    ("currency", "paid", "right"),
    [
        ("EUR", "1.00", True), ("EUR", "1.000", False), ("EUR", "1.005", False), ("JPY", "100", True),
        ("JPY", "100.00", True), ("JPY", "100.50", False), ("BHD", "1.005", True), ("BHD", "1.0050", False),
    ],
)  # fmt: skip
def test_an_amount_has_no_more_decimals_than_its_currency(currency: str, paid: str, right: bool) -> None:
    completed = complete(_invoice(currency_code=currency, document_totals={"paid_amount": paid}))
    assert [fault.code for fault in completed.faults] == ([] if right else ["invoice/too-many-decimals"])
    assert right or completed.faults[0].pointer == _TOTALS + "paid_amount"


_FINE, _WRONG = {"amount": "1.00"}, {"amount": "1.001"}
_TAXED = {"tax_category_code": "S", "tax_rate": "19"}


@pytest.mark.parametrize(
    ("pointer", "line", "document"),
    [
        ("/lines/1/net_amount", {"net_amount": "1.001"}, {}),
        ("/lines/1/allowances/1/amount", {"allowances": [_FINE, _WRONG]}, {}),
        ("/lines/1/charges/0/base_amount", {"charges": [_FINE | {"base_amount": "0.001"}]}, {}),
        ("/lines/1/tax/components/0/amount", {"components": [{"code": "A", "amount": "0.001"}]}, {}),
        ("/allowances/0/amount", {}, {"allowances": [_WRONG | _TAXED]}),
        ("/charges/0/amount", {}, {"charges": [_WRONG | _TAXED]}),
        ("/document_totals/rounding_amount", {}, {"document_totals": {"rounding_amount": "0.001"}}),
    ],
)
def test_a_single_amount_with_too_many_decimals_is_found(
    pointer: str, line: dict[str, Any], document: dict[str, Any]
) -> None:
    odd = _line("1", "1", **{name: value for name, value in line.items() if name != "components"})
    odd["tax"]["components"] = line.get("components", [])
    invoice = _invoice(lines=[_line("1", "1"), odd], **document)
    found = [fault.pointer for fault in complete(invoice).faults if fault.code == "invoice/too-many-decimals"]
    assert found == [pointer]


def test_the_tax_in_a_coarser_accounting_currency_may_not_have_the_document_s_decimals() -> None:
    totals = {"total_tax_amount_in_accounting_currency": "0.190"}
    invoice = _invoice(currency_code="BHD", tax_currency_code="EUR", document_totals=totals)
    found = [fault.pointer for fault in complete(invoice).faults if fault.code == "invoice/too-many-decimals"]
    assert found == ["/document_totals/total_tax_amount_in_accounting_currency"]


def test_decimals_are_counted_at_every_level() -> None:
    line = _line("1", "1", net_amount="1.001", allowances=[_WRONG], charges=[_WRONG])
    line["tax"]["components"] = [{"code": "A", "amount": "0.001"}]
    taxed, entry = _WRONG | _TAXED, _entry("1.001", "0.191")
    invoice = _invoice(lines=[line], allowances=[taxed], charges=[taxed], tax_breakdown=[entry])
    found = {fault.pointer for fault in complete(invoice).faults if fault.code == "invoice/too-many-decimals"}
    assert found == {
        "/lines/0/net_amount",
        "/lines/0/allowances/0/amount",
        "/lines/0/charges/0/amount",
        "/lines/0/tax/components/0/amount",
        "/allowances/0/amount",
        "/charges/0/amount",
        "/tax_breakdown/0/tax_category_taxable_amount",
        "/tax_breakdown/0/tax_category_tax_amount",
    }


def test_sums_lose_no_digit_however_long_they_are() -> None:
    before = getcontext().prec
    lines = [_line("1", "999999999999999999"), _line("1", "0.01"), _line("1", "-999999999999999999")]
    totals = _completed(lines=lines)["document_totals"]
    assert totals["sum_of_invoice_line_net_amount"] == "0.01"
    assert getcontext().prec == before


def test_an_amount_that_outgrows_the_model_is_a_fault_and_no_wrong_number() -> None:
    completed = complete(_invoice(lines=[_line("1000000000", "1000000000")]))
    assert {fault.code for fault in completed.faults} == {"invoice/amount-too-large"}
    assert completed.faults[0].pointer == "/lines/0/net_amount"


def test_sums_have_no_more_decimals_than_the_authority_takes() -> None:
    document = plain_document(currency_code="KWD", lines=[_line("3", "0.335", rate="15")])
    invoice = decode(body_of(document)).invoice
    assert invoice is not None
    own, fewer, more = (complete(invoice, decimals).invoice for decimals in (None, 2, 5))
    assert [str(one.document_totals.total_amount_with_tax) for one in (own, fewer, more)] == [
        "1.156",
        "1.16",
        "1.156",
    ]
    assert str(fewer.lines[0].net_amount) == "1.01"


def test_what_was_paid_is_no_finer_than_the_currency() -> None:
    document = plain_document(currency_code="JPY", regime_data={"xx": {"paid": "1.5"}})
    document["lines"] = [_line("3", "335", rate="15")]
    invoice = decode(body_of(document), {"xx": RegimeBlocks(document=Finer)}).invoice
    assert invoice is not None
    fault = _only(complete(invoice))
    assert (fault.code, fault.pointer) == ("invoice/too-many-decimals", "/document_totals/paid_amount")


class Finer(Group, frozen=True, kw_only=True):
    """A block whose sum has more decimals than the yen."""

    paid: Amount

    def paid_in_advance(self, decimals: int) -> Decimal:
        """As it was made."""
        return self.paid


class Advance(Group, frozen=True, kw_only=True):
    """A block that knows what was paid before."""

    paid: Amount | None = None

    def paid_in_advance(self, decimals: int) -> Decimal | None:
        """What it was made with."""
        return None if self.paid is None else rounded(self.paid, decimals)


@pytest.mark.parametrize(
    ("advance", "given", "paid", "due"),
    [("19", None, "19.00", "100.01"), ("19", "20.00", "20.00", "99.01"), (None, None, None, "119.01")],
)
def test_what_a_block_says_was_paid_is_deducted_unless_the_sum_is_given(
    advance: str | None, given: str | None, paid: str | None, due: str
) -> None:
    document = plain_document(regime_data={"xx": {"paid": advance} if advance else {}})
    document["document_totals"] = {"paid_amount": given} if given else {}
    invoice = decode(body_of(document), {"xx": RegimeBlocks(document=Advance)}).invoice
    assert invoice is not None
    completed = complete(invoice)
    assert ("/document_totals/paid_amount" in completed.computed) == (paid is not None and given is None)
    totals = completed.invoice.document_totals
    assert totals.paid_amount == (None if paid is None else Decimal(paid))
    assert totals.amount_due_for_payment == Decimal(due)


_OFFICIAL = examples("peppol-bis3", "peppol-bis3-sb", "en16931-ubl")


@pytest.mark.skipif(not _OFFICIAL, reason="the official examples are not at ../shared")
@pytest.mark.parametrize("path", _OFFICIAL, ids=lambda path: path.stem)
def test_no_official_example_is_refused_for_its_arithmetic(path: Path) -> None:
    document = json.loads(json.dumps(money(path)).replace('"+', '"'))  # XML may write a plus sign
    decoded = decode(body_of(document))
    assert decoded.invoice is not None, decoded.faults
    completed = complete(decoded.invoice)
    assert completed.faults == ()
    assert completed.computed == ()


@pytest.mark.skipif(not _OFFICIAL, reason="the official examples are not at ../shared")
@pytest.mark.parametrize("path", _OFFICIAL, ids=lambda path: path.stem)
def test_the_official_totals_are_what_we_would_have_computed(path: Path) -> None:
    document = json.loads(json.dumps(money(path)).replace('"+', '"'))
    given = document["document_totals"]
    kept = {name: given[name] for name in ("paid_amount", "rounding_amount") if name in given}
    invoice = decode(body_of(document | {"document_totals": kept, "tax_breakdown": []})).invoice
    assert invoice is not None
    totals = json.loads(encode(complete(invoice).invoice))["document_totals"]
    for name, value in given.items():
        if Decimal(value):
            assert abs(Decimal(totals[name]) - Decimal(value)) <= Decimal("0.01")
