"""The table of minor units against the published code lists."""

import json
from pathlib import Path

import pytest

from tallystick.canonical import EXPONENTS, exponent

_LISTS = Path(__file__).parents[3] / "../shared/official/codelists/lists"
_WITHOUT_MINOR_UNIT = set("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA".split())


@pytest.mark.parametrize(
    ("code", "decimals"),
    [
        ("EUR", 2),
        ("JPY", 0),
        ("ISK", 0),
        ("BHD", 3),
        ("KWD", 3),
        ("OMR", 3),
        ("TND", 3),
        ("CLF", 4),
        ("MRU", 2),
    ],
)
def test_a_currency_has_its_decimals(code: str, decimals: int) -> None:
    assert exponent(code) == decimals


@pytest.mark.parametrize("code", ["XAU", "EURO", "", "eur"])
def test_what_is_no_currency_has_none(code: str) -> None:
    with pytest.raises(KeyError):
        exponent(code)


@pytest.mark.skipif(not _LISTS.is_dir(), reason="the official code lists are not at ../shared")
def test_every_currency_of_the_official_lists_is_known() -> None:
    official: set[str] = set()
    for path in _LISTS.glob("ISO4217-*.json"):
        official |= set(json.loads(path.read_text(encoding="utf-8")))
    assert official - _WITHOUT_MINOR_UNIT == set(EXPONENTS)
