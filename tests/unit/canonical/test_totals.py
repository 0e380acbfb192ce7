"""Totals and tax breakdown: computed when absent, checked when present, explained when wrong."""

import json
from decimal import Decimal, getcontext
from pathlib import Path

import pytest
from msgspec.structs import replace

from tallystick.canonical import (
    Amount,
    Group,
    RegimeBlocks,
    complete,
    decode,
    encode,
    rounded,
)
from unit.canonical.documents import body_of, plain_document
from unit.canonical.official import examples, money
from unit.canonical.sums import completed_of, invoice_of, line_of, only_fault

_TOTALS = "/document_totals/"


def test_everything_absent_is_computed_and_told() -> None:
    completed = complete(invoice_of())
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
    invoice = complete(invoice_of()).invoice
    again = complete(invoice)
    assert again.invoice is invoice
    assert (again.computed, again.faults) == ((), ())


def test_allowances_charges_payments_and_rounding_all_count() -> None:
    document = completed_of(
        lines=[line_of("10", "10", allowances=[{"amount": "5.00"}], charges=[{"amount": "1.00"}])],
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
    line = line_of("7", "1")
    line["price"] = {"item_net_price": "10", "base_quantity": "3"}
    assert completed_of(lines=[line])["lines"][0]["net_amount"] == "23.33"
    line["price"]["base_quantity"] = "0"
    fault = only_fault(complete(invoice_of(lines=[line])))
    assert (fault.code, fault.pointer) == ("invoice/zero-base-quantity", "/lines/0/price/base_quantity")


def test_given_and_computed_lines_stand_side_by_side() -> None:
    completed = complete(invoice_of(lines=[line_of("1", "5", net_amount="5.00"), line_of("1", "7")]))
    assert completed.faults == ()
    assert [str(line.net_amount) for line in completed.invoice.lines] == ["5.00", "7.00"]
    assert "/lines/0/net_amount" not in completed.computed
    assert "/lines/1/net_amount" in completed.computed


def test_a_given_line_net_amount_is_taken_as_it_is() -> None:
    document = completed_of(lines=[line_of("3", "33.335", net_amount="100.00")])
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
    assert completed_of(currency_code=currency, lines=[line_of("1", price)])["lines"][0]["net_amount"] == net


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
    right = complete(invoice_of(allowances=adjustment, charges=adjustment)).invoice
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
    invoice = complete(invoice_of()).invoice
    document = json.loads(encode(invoice))
    document["document_totals"]["amount_due_for_payment"] = "1.00"
    completed = complete(decode(body_of(document)).invoice or invoice)
    assert only_fault(completed).term == "BT-115"


def test_a_sum_of_nothing_may_be_given_as_zero_but_not_as_anything_else() -> None:
    assert complete(invoice_of(document_totals={"sum_of_allowances": "0"})).faults == ()
    fault = only_fault(complete(invoice_of(document_totals={"sum_of_charges": "1.00"})))
    assert fault.rule is not None and fault.rule.id == "BR-CO-12"


def test_a_fault_over_a_thousand_lines_shows_some_of_them() -> None:
    lines = [line_of("1", "1") for _ in range(1_000)]
    fault = only_fault(
        complete(invoice_of(lines=lines, document_totals={"sum_of_invoice_line_net_amount": "999.00"}))
    )
    operands = fault.calculation[0].operands
    assert len(operands) < 50
    assert "960 more" in operands[-1]


def test_the_tax_in_the_accounting_currency_follows_from_the_exchange_rate() -> None:
    exchange = {"from": "EUR", "to": "JPY", "rate": "163.4567"}
    terms = {"tax_currency_code": "JPY", "exchange_rate": exchange}
    totals = completed_of(**terms)["document_totals"]
    assert totals["total_tax_amount_in_accounting_currency"] == "3106"  # 19.00 x 163.4567 = 3105.68
    given = completed_of(**terms, document_totals={"total_tax_amount_in_accounting_currency": "3105"})
    assert given["document_totals"]["total_tax_amount_in_accounting_currency"] == "3105"


def test_an_exchange_rate_of_the_other_direction_is_a_fault() -> None:
    exchange = {"from": "JPY", "to": "EUR", "rate": "0.0061"}
    fault = only_fault(complete(invoice_of(tax_currency_code="JPY", exchange_rate=exchange)))
    assert (fault.code, fault.pointer) == ("invoice/wrong-exchange-rate", "/exchange_rate")
    assert (fault.expected, fault.actual) == ("from EUR to JPY", "from JPY to EUR")


def test_without_a_rate_the_accounting_amount_stays_absent() -> None:
    totals = completed_of(tax_currency_code="SEK")["document_totals"]
    assert "total_tax_amount_in_accounting_currency" not in totals


@pytest.mark.parametrize("term", ["currency_code", "tax_currency_code"])
@pytest.mark.parametrize("code", ["XAU", "ABC", "XXX"])
def test_an_unknown_currency_is_told(term: str, code: str) -> None:
    fault = only_fault(complete(invoice_of(**{term: code})))
    assert (fault.code, fault.pointer, fault.actual) == ("invoice/unknown-currency", f"/{term}", code)


def test_sums_lose_no_digit_however_long_they_are() -> None:
    before = getcontext().prec
    lines = [line_of("1", "999999999999999999"), line_of("1", "0.01"), line_of("1", "-999999999999999999")]
    totals = completed_of(lines=lines)["document_totals"]
    assert totals["sum_of_invoice_line_net_amount"] == "0.01"
    assert getcontext().prec == before


def test_an_amount_that_outgrows_the_model_is_a_fault_and_no_wrong_number() -> None:
    completed = complete(invoice_of(lines=[line_of("1000000000", "1000000000")]))
    assert {fault.code for fault in completed.faults} == {"invoice/amount-too-large"}
    assert completed.faults[0].pointer == "/lines/0/net_amount"


def test_sums_have_no_more_decimals_than_the_authority_takes() -> None:
    document = plain_document(currency_code="KWD", lines=[line_of("3", "0.335", rate="15")])
    invoice = decode(body_of(document)).invoice
    assert invoice is not None
    own, fewer, more = (complete(invoice, decimals).invoice for decimals in (None, 2, 5))
    assert [str(one.document_totals.total_amount_with_tax) for one in (own, fewer, more)] == [
        "1.156",
        "1.16",
        "1.16",
    ]
    assert str(fewer.lines[0].net_amount) == "1.01"


def test_what_was_paid_is_no_finer_than_the_currency() -> None:
    document = plain_document(currency_code="JPY", regime_data={"xx": {"paid": "1.5"}})
    document["lines"] = [line_of("3", "335", rate="15")]
    invoice = decode(body_of(document), {"xx": RegimeBlocks(document=Finer)}).invoice
    assert invoice is not None
    fault = only_fault(complete(invoice))
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


class Careless(Group, frozen=True, kw_only=True):
    """A block that changes the precision it is asked in."""

    def paid_in_advance(self, decimals: int) -> Decimal | None:
        """Nothing."""
        getcontext().prec = 3
        return None


def test_a_block_that_changes_the_precision_changes_it_for_no_sum() -> None:
    document = plain_document(regime_data={"xx": {}}, lines=[line_of("1", "123456.78")])
    invoice = decode(body_of(document), {"xx": RegimeBlocks(document=Careless)}).invoice
    assert invoice is not None
    for _ in range(2):
        totals = complete(invoice).invoice.document_totals
        assert str(totals.sum_of_invoice_line_net_amount) == "123456.78"


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


def test_every_line_is_told_by_its_own_pointer_however_many_there_are() -> None:
    completed = complete(invoice_of(lines=[line_of("1", "1")] * 1003))
    pointers = [pointer for pointer in completed.computed if pointer.startswith("/lines/")]
    assert pointers == [f"/lines/{index}/net_amount" for index in range(1003)]


@pytest.mark.parametrize("price", ["10", "0", "-3.5"])
@pytest.mark.parametrize("quantity", ["1", "7", "-0", "100000000000000000"])
def test_sums_of_lines_alone_are_those_of_any_document(price: str, quantity: str) -> None:
    """A document says in vain that nothing is paid or exchanged: its sums are computed the long way round."""
    lines = [line_of(quantity, price), line_of("2", price, rate="7")]
    rate = {"from": "EUR", "to": "SEK", "rate": "11"}
    plainly, long_way = (
        complete(invoice_of(lines=lines)),
        complete(invoice_of(lines=lines, exchange_rate=rate)),
    )

    assert plainly.computed == long_way.computed
    assert plainly.faults == long_way.faults
    assert bool(plainly.faults) == (len(quantity) > 10 and price == "10")
    assert encode(plainly.invoice) == encode(replace(long_way.invoice, exchange_rate=None))


@pytest.mark.parametrize(("currency", "decimals", "net"), [("KWD", 2, "-0.004"), ("EUR", 6, "-0.0049")])
def test_a_sum_that_was_rounded_to_nothing_passes_no_sign_on(currency: str, decimals: int, net: str) -> None:
    line = line_of("1", "1", net_amount=net)
    invoice = invoice_of(currency_code=currency, lines=[line])

    totals = complete(invoice, decimals).invoice.document_totals

    assert str(totals.sum_of_invoice_line_net_amount) == "-0.00"
    assert str(totals.total_amount_without_tax) == "0.00"
    assert str(totals.total_amount_with_tax) == str(totals.amount_due_for_payment) == "0.00"


def test_parts_may_be_finer_where_more_decimals_are_allowed_than_any_currency_has() -> None:
    fine = line_of("1", "5", "E", None, net_amount="4.9975")
    coarse = line_of("1", "5", "E", None)
    invoice = invoice_of(currency_code="EUR", lines=[fine, coarse])

    allowed, refused = complete(invoice, 12), complete(invoice)

    assert allowed.faults == ()
    assert str(allowed.invoice.tax_breakdown[0].tax_category_taxable_amount) == "9.9975"
    assert str(allowed.invoice.document_totals.total_amount_with_tax) == "10.00"
    assert {fault.code for fault in refused.faults} == {"invoice/too-many-decimals"}


def test_sums_have_the_decimals_of_their_currency_all_the_same() -> None:
    invoice = invoice_of(currency_code="EUR", document_totals={"paid_amount": "0.005"})

    faults = complete(invoice, 12).faults

    assert [(one.code, one.pointer) for one in faults] == [
        ("invoice/too-many-decimals", "/document_totals/paid_amount")
    ]
