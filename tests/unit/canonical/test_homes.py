"""A term leads to the member that carries it."""

import pytest

from tallystick.canonical import home_of


@pytest.mark.parametrize(
    ("term", "pointer"),
    [
        ("BT-1", "/invoice_number"),
        ("BT-31", "/seller/tax_identifier"),
        ("IBT-031", "/seller/tax_identifier"),
        ("BT-40", "/seller/postal_address/country_code"),
        ("BT-110", "/document_totals/total_tax_amount"),
        ("BG-23", "/tax_breakdown"),
        ("BT-119 and BT-118", "/tax_breakdown/0/tax_category_rate"),
        ("BT-131", "/lines"),
        ("BT-99", "/charges"),
    ],
)
def test_a_term_stands_where_the_model_has_it(term: str, pointer: str) -> None:
    sent: dict[str, list[dict[str, str]]] = {"tax_breakdown": [{}], "lines": [{}, {}]}

    assert home_of(term, sent) == pointer


@pytest.mark.parametrize("term", ["", "KSA-3", "BT-4", "BT-999", "IBT-200"])
def test_another_term_stands_nowhere(term: str) -> None:
    assert home_of(term, {}) is None


@pytest.mark.parametrize(
    ("term", "around", "pointer"),
    [
        ("BT-131", "/lines/1", "/lines/1/net_amount"),
        ("BT-152", "/lines/1/tax", "/lines/1/tax/rate"),
        ("BT-152", "/lines/1/tax/rate", "/lines/1/tax/rate"),
        ("BT-136", "/lines/1", "/lines/1/allowances"),
        ("BT-49", "/buyer", "/buyer/electronic_address"),
        ("BT-49", "/seller", None),
        ("BT-49", "/buyer/electronic_address/value", None),
        ("BT-131", "/lines/x", None),
        ("BT-131", "/lines/7", "/lines/7/net_amount"),
    ],
)
def test_a_term_stands_within_the_group_that_is_named(term: str, around: str, pointer: str | None) -> None:
    assert home_of(term, {"lines": [{}, {"tax": {}}]}, around) == pointer
