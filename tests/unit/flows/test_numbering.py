"""Series of numbers: who, what kind, told apart as the law does and not by how it was typed."""

import json
from typing import Any

import pytest

from flows.accepting import standard
from tallystick.canonical import Invoice, decode
from tallystick.flows.numbering import family, seller_key


def invoice(**seller: Any) -> Invoice:
    made = json.loads(standard())["seller"] | seller
    for name in [name for name, value in made.items() if value is None]:
        del made[name]
    found = decode(standard(seller=made)).invoice
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *[(code, "invoice") for code in ("380", "384", "386", "393", "751", "326")],
        *[(code, "credit_note") for code in ("381", "396", "81", "532")],
        *[("383", "debit_note"), ("389", "self_billed_invoice"), ("261", "self_billed_credit_note")],
        ("527", "self_billed_debit_note"),
    ],
)
def test_families(code: str, expected: str) -> None:
    assert family(code) == expected


def test_the_strongest_identifier_names_the_seller() -> None:
    nothing: dict[str, Any] = {"tax_identifier": None, "legal_registration_identifier": None}
    assert seller_key(invoice(tax_identifier=" at u1 ")) == "tax:ATU1"
    legal = nothing | {"legal_registration_identifier": {"value": "cpr 1", "scheme": "0088"}}
    assert seller_key(invoice(**legal)) == "legal:KE:0088:CPR1"
    assert seller_key(invoice(**nothing, tax_registration_identifier="t 9")) == "local:KE:T9"
    assert seller_key(invoice(**nothing, name="  Rift   VALLEY ")) == "name:KE:rift valley"


def test_sellers_of_two_countries_are_two() -> None:
    one = {"tax_identifier": None, "legal_registration_identifier": {"value": "1"}}
    address = json.loads(standard())["seller"]["postal_address"] | {"country_code": "TZ"}
    assert seller_key(invoice(**one)) != seller_key(invoice(**one, postal_address=address))
