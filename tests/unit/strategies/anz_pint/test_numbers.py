"""Business numbers, tax rates and the way on the network."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import ean
from stdnum.au import abn

from tallystick.conformance.cases import cases_of
from tallystick.conformance.judging import Judged, built, judge
from tallystick.rules.pint.identifiers import FORMATS
from tallystick.strategies import load

FIXTURES = Path(__file__).parents[4] / "fixtures"
CASES = {case.name: case for case in cases_of(FIXTURES, "anz_pint")}


def _judged(name: str, change: Any = None) -> Judged:
    document = json.loads(CASES[name].invoice)
    if change:
        change(document)
    return judge(load().by_name("anz_pint"), json.dumps(document).encode(), cases=FIXTURES)


@settings(max_examples=40)
@given(st.integers(0, 10**11 - 1).map("{:011d}".format))
def test_a_business_number_is_what_its_register_takes(number: str) -> None:
    """The register gives no number that begins with 0 or 10; the publisher's rule does not know that."""
    rule, fits = FORMATS["0151"]
    right = abn.calc_check_digits(number[2:]) + number[2:]
    wrong = right[:-1] + str((int(right[-1]) + 1) % 10)

    assert rule == "ibr-120"
    assert fits(right) and abn.is_valid(right)
    assert not fits(wrong) and not abn.is_valid(wrong)
    assert fits(number) == abn.is_valid(number) or number.startswith(("0", "10"))


@settings(max_examples=40)
@given(st.integers(94 * 10**11, 95 * 10**11 - 1).map(str))
def test_a_business_number_of_the_other_country_too(number: str) -> None:
    assert FORMATS["0088"][1](number) == ean.is_valid(number)


@pytest.mark.parametrize(("case", "tax"), [("standard", "34.99"), ("new_zealand", "45.32")])
def test_tax_is_a_tenth_in_one_country_and_fifteen_in_the_other(case: str, tax: str) -> None:
    invoice = _judged(case).invoice
    assert invoice is not None
    assert str(invoice.document_totals.total_tax_amount) == tax


def test_a_wrong_check_digit_is_told_at_the_number() -> None:
    def change(document: dict[str, Any]) -> None:
        document["buyer"]["legal_registration_identifier"]["value"] = "89618220948"

    faults = _judged("standard", change).faults

    assert [(one.code, one.pointer) for one in faults] == [
        ("rule/ibr-120", "/buyer/legal_registration_identifier/value")
    ]


@pytest.mark.parametrize(
    ("case", "sender", "receiver", "country"),
    [
        ("standard", "0151:40304117258", "0151:89618220947", "AU"),
        ("new_zealand", "0088:9429047001183", "0088:9429051002725", "NZ"),
        ("self_billed", "0151:40304117258", "0151:89618220947", "AU"),
    ],
)
def test_whoever_bills_sends(case: str, sender: str, receiver: str, country: str) -> None:
    marks = built(load().by_name("anz_pint"), _judged(case)).marks

    assert (marks["sender"], marks["receiver"], marks["country"]) == (sender, receiver, country)


def test_the_buyer_issues_what_he_bills_himself() -> None:
    strategy: Any = load().by_name("anz_pint")

    assert strategy.issuer(_judged("self_billed").invoice) == "40304117258"
    assert strategy.issuer(_judged("self_billed_credit_note").invoice) == "9429051002725"
    assert strategy.issuer(_judged("standard").invoice) is None
