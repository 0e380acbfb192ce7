"""The portal's own judgement: one change to a good document, one code."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tallystick.sandbox.irp.judge import Customs, Unbound, bound, judged
from tallystick.sandbox.irp.judge.customs import Taxpayer, check_digit
from tallystick.sandbox.irp.judge.fields import leaves
from tallystick.sandbox.irp.judge.masters import heading_known, pin_fits
from tallystick.sandbox.irp.judge.sums import tolerated

TODAY = date(2026, 11, 20)
CUSTOMS = Customs(today=TODAY)
GONE = "\0"
YARD = {"Nm": "Yard", "Addr1": "3 Pit Road", "Loc": "Hubli"}


@pytest.fixture
def good(invoice: dict[str, Any]) -> dict[str, Any]:
    """The document, dated for the judge's day."""
    invoice["DocDtls"]["Dt"] = "18/11/2026"
    return invoice


def codes(said: dict[str, Any], customs: Customs = CUSTOMS) -> set[str]:
    """The codes of what is wrong with a document."""
    return {one.code for one in judged(bound(json.dumps(said).encode()), customs)}


def changed(said: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy with other values at dotted paths (`ItemList.0.Qty`)."""
    made = copy.deepcopy(said)
    for path, value in changes.items():
        *above, name = path.split(".")
        where: Any = made
        for step in above:
            where = where[int(step)] if isinstance(where, list) else where.setdefault(step, {})
        if value == GONE:
            del where[name]
        else:
            where[name] = value
    return made


INTRA = {
    "BuyerDtls.Pos": "29", "ItemList.0.IgstAmt": GONE, "ItemList.0.CgstAmt": 13.5, "ItemList.0.SgstAmt": 13.5,
    "ValDtls.IgstVal": GONE, "ValDtls.CgstVal": 13.5, "ValDtls.SgstVal": 13.5,
}  # fmt: skip
EXPORT = {
    "TranDtls.SupTyp": "EXPWP", "BuyerDtls.Gstin": "URP", "BuyerDtls.Pos": "96", "BuyerDtls.Stcd": "96",
    "BuyerDtls.Pin": 999999, "ExpDtls.CntCode": "AE", "ExpDtls.Port": "INABG1", "ExpDtls.ForCur": "AED",
}  # fmt: skip
NOTE = {"DocDtls.Typ": "CRN", "ItemList.0.IgstAmt": 20, "ItemList.0.TotItemVal": 170, "ValDtls.IgstVal": 20,
        "ValDtls.TotInvVal": 170}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        INTRA,
        EXPORT,
        NOTE,
        {"TranDtls.SupTyp": "SEZWP"},
        {"TranDtls.SupTyp": "DEXP"},
        {**EXPORT, "TranDtls.SupTyp": "EXPWOP", "ItemList.0.IgstAmt": 0, "ItemList.0.TotItemVal": 150,
         "ValDtls.IgstVal": 0, "ValDtls.TotInvVal": 150},
        {"TranDtls.RegRev": "Y", "ItemList.0.TotItemVal": 150, "ValDtls.TotInvVal": 150},
        {"BuyerDtls.Pos": "29", "TranDtls.IgstOnIntra": "Y"},
        {"ValDtls.Discount": 7, "ValDtls.OthChrg": 5, "ValDtls.RndOffAmt": -0.4, "ValDtls.TotInvVal": 174.6},
        {"ItemList.0.CesRt": 10, "ItemList.0.CesAmt": 15, "ItemList.0.CesNonAdvlAmt": 3,
         "ItemList.0.TotItemVal": 195, "ValDtls.CesVal": 18, "ValDtls.TotInvVal": 195},
        {"BuyerDtls.Pin": "201301", "ItemList.0.Qty": "100"},
        {"TranDtls.EcmGstin": None},
        {"Unheard": {"Of": 1}},
        {"ItemList.0.IsServc": "Y", "ItemList.0.HsnCd": "998314", "ItemList.0.Qty": GONE,
         "ItemList.0.Unit": GONE},
        {"ItemList.0.IgstAmt": 28, "ItemList.0.TotItemVal": 178, "ValDtls.IgstVal": 28,
         "ValDtls.TotInvVal": 178},
    ],
)  # fmt: skip
def test_what_is_right_passes(good: dict[str, Any], changes: dict[str, Any]) -> None:
    assert codes(changed(good, changes)) == set()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("2163", {"DocDtls.Dt": "21/11/2026"}),
        ("2305", {"DocDtls.Dt": "20/10/2026"}),
        ("2225", {"DocDtls.Dt": "31/02/2026"}),
        ("2161", {"DocDtls.Typ": "BOS"}),
        ("2159", {"TranDtls.RegRev": "J"}),
        ("2263", {"TranDtls.IgstOnIntra": "J"}),
        ("2162", {**EXPORT, "TranDtls.RegRev": "Y"}),
        ("2162", {"TranDtls.SupTyp": "DEXP", "TranDtls.RegRev": "Y"}),
        ("2262", {"TranDtls.IgstOnIntra": "Y"}),
        ("2211", {"BuyerDtls.Gstin": "29AAACP7879D1Z0", "BuyerDtls.Stcd": "29", "BuyerDtls.Pin": 560001}),
        ("2212", {"BuyerDtls.Gstin": "URP"}),
        ("2171", {"BuyerDtls.Gstin": "URP", "TranDtls.SupTyp": "DEXP"}),
        ("2242", {"BuyerDtls.Pos": "96"}),
        ("2243", {"BuyerDtls.Pos": "77"}),
        ("2244", {"BuyerDtls.Pin": GONE}),
        ("2244", {"BuyerDtls.Pin": 999999}),
        ("2248", {**EXPORT, "BuyerDtls.Gstin": "09AAJCM7191E1Z5"}),
        ("2261", {**EXPORT, "BuyerDtls.Stcd": "09"}),
        ("2232", {**EXPORT, "BuyerDtls.Pos": "09"}),
        ("2272", {**EXPORT, "BuyerDtls.Pin": 201301}),
        ("2258", {"SellerDtls.Stcd": "27", "SellerDtls.Pin": 400001}),
        ("2259", {"SellerDtls.Stcd": "77"}),
        ("2260", {"BuyerDtls.Stcd": "77"}),
        ("2265", {"BuyerDtls.Stcd": "27", "BuyerDtls.Pin": 400001}),
        ("3030", {"BuyerDtls.Gstin": "77AAJCM7191E1Z5", "BuyerDtls.Stcd": "77"}),
        ("3039", {"SellerDtls.Pin": 110001}),
        ("3039", {"DispDtls": {**YARD, "Pin": 110001, "Stcd": "29"}}),
        ("2200", {"DispDtls": {**YARD, "Pin": 580020, "Stcd": "77"}}),
        ("2233", {"ItemList": "twice"}),
        ("2238", {"ItemList.0.Qty": GONE}),
        ("2239", {"ItemList.0.Unit": GONE}),
        ("2177", {"ItemList.0.Unit": "XYZ"}),
        ("2199", {"ItemList.0.HsnCd": "998314"}),
        ("2199", {"ItemList.0.IsServc": "Y"}),
        ("2240", {"ItemList.0.GstRt": 17}),
        ("2193", {"ItemList.0.AssAmt": 152}),
        ("2227", {**INTRA, "ItemList.0.CgstAmt": 13.49}),
        ("2234", {**INTRA, "ItemList.0.CgstAmt": 16, "ItemList.0.SgstAmt": 16}),
        ("2235", {"ItemList.0.IgstAmt": 28.01}),
        ("2266", {"ItemList.0.CesRt": 10}),
        ("2267", {"ItemList.0.StateCesAmt": 1.01}),
        ("2194", {"ItemList.0.TotItemVal": 179}),
        ("2172", {**INTRA, "ItemList.0.IgstAmt": 1}),
        ("2174", {"ItemList.0.CgstAmt": 1, "ItemList.0.SgstAmt": 1}),
        ("2180", {**EXPORT, "ItemList.0.CgstAmt": 1, "ItemList.0.SgstAmt": 1}),
        ("2237", {"TranDtls.SupTyp": "SEZWP", "ItemList.0.CgstAmt": 1, "ItemList.0.SgstAmt": 1}),
        ("2182", {"ValDtls.AssVal": 152}),
        ("2183", {**INTRA, "ValDtls.SgstVal": 15.01}),
        ("2184", {**INTRA, "ValDtls.CgstVal": 15.01}),
        ("2185", {"ValDtls.IgstVal": 29}),
        ("2186", {"ValDtls.CesVal": 2}),
        ("2187", {"ValDtls.StCesVal": 2}),
        ("2189", {"ValDtls.TotInvVal": 179}),
        ("2220", {"ValDtls.Discount": 177, "ValDtls.OthChrg": 177}),
        ("2201", {**EXPORT, "ExpDtls.Port": "INZZZ9"}),
        ("2202", {**EXPORT, "ExpDtls.CntCode": "IN"}),
        ("2203", {**EXPORT, "ExpDtls.ForCur": "XYZ"}),
        ("2155", {"SellerDtls.Gstin": GONE}),
        ("2214", {"BuyerDtls.Gstin": GONE}),
        ("2228", {"ItemList": []}),
        ("5002", {"Irn": "0" * 64}),
        ("5002", {"Version": "1.0"}),
        ("5002", {"ItemList.0.Qty": -1}),
        ("5002", {"ItemList.0.AssAmt": 150.001}),
        ("5002", {"ItemList.0.Qty": 100.0001}),
        ("5002", {"ItemList.0.Qty": True}),
        ("5002", {"ItemList.0.Qty": "many"}),
        ("5002", {"ItemList.0.HsnCd": 690510}),
        ("5002", {"DocDtls.No": "0123"}),
        ("5002", {"DocDtls.No": "A" * 17}),
        ("5002", {"DocDtls.No": "A\n"}),
        ("5002", {"SellerDtls.LglNm": 'Quarry "and" Kiln'}),
        ("5002", {"SellerDtls.LglNm": "Quarry\\Kiln"}),
        ("5002", {"SellerDtls.Addr2": "12"}),
        ("5002", {"SellerDtls.Loc": "L" * 51}),
        ("5002", {"ValDtls": GONE}),
        ("5002", {"ItemList": {"SlNo": "1"}}),
        ("5002", {"RefDtls": {"DocPerdDtls": {"InvStDt": "01/11/2026"}}}),
        ("5002", {"EwbDtls": {"TransMode": "5", "Distance": 1}}),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_code(good: dict[str, Any], code: str, changes: dict[str, Any]) -> None:
    if changes.get("ItemList") == "twice":
        changes = {"ItemList": good["ItemList"] * 2}
    assert code in codes(changed(good, changes))


def test_a_note_is_not_held_to_rates_but_to_its_sums(good: dict[str, Any]) -> None:
    assert codes(changed(good, {**NOTE, "ValDtls.TotInvVal": 100})) == {"2189"}


def test_there_are_132_fields() -> None:
    assert leaves() == 132


@pytest.mark.parametrize(
    ("exact", "lowest", "highest"),
    [("2345.04", "2344", "2347"), ("10241.61", "10240", "10243"), ("18", "17", "19")],
)
def test_a_rupee_beyond_the_rupees_around_is_tolerated(exact: str, lowest: str, highest: str) -> None:
    least, most, cent = Decimal(lowest), Decimal(highest), Decimal("0.01")
    assert tolerated(least, Decimal(exact)) and tolerated(most, Decimal(exact))
    assert not tolerated(least - cent, Decimal(exact)) and not tolerated(most + cent, Decimal(exact))


def test_more_than_a_thousand_items_are_refused_without_reading_them(good: dict[str, Any]) -> None:
    good["ItemList"] = [{}] * 1001
    assert codes(good) == {"2173"}


@pytest.mark.parametrize(
    ("taxpayer", "code"),
    [
        (Taxpayer("09AAJCM7191E1Z5", status=""), "3028"),
        (Taxpayer("09AAJCM7191E1Z5", status="INA"), "3029"),
        (Taxpayer("09AAJCM7191E1Z5", status="CNL"), "3075"),
        (Taxpayer("09AAJCM7191E1Z5", status="CNL", deregistered="17/11/2026"), "3074"),
        (Taxpayer("09AAJCM7191E1Z5", registered="19/11/2026"), "3079"),
        (Taxpayer("09AAJCM7191E1Z5", kind="SED"), "2246"),
        (Taxpayer("29AAACP7879D1Z0", kind="SEZ"), "2231"),
    ],
)
def test_what_the_registry_says_counts(good: dict[str, Any], taxpayer: Taxpayer, code: str) -> None:
    known = {taxpayer.gstin: taxpayer}
    assert codes(good, Customs(today=TODAY, known=known.get)) == {code}


def test_a_supply_to_a_zone_needs_a_recipient_in_one(good: dict[str, Any]) -> None:
    ordinary = {"09AAJCM7191E1Z5": Taxpayer("09AAJCM7191E1Z5")}
    said = changed(good, {"TranDtls.SupTyp": "SEZWP"})
    assert codes(said, Customs(today=TODAY, known=ordinary.get)) == {"2247"}


def test_a_strict_portal_looks_at_check_digits_and_tariff_codes(good: dict[str, Any]) -> None:
    strict = Customs(today=TODAY, strict=True)
    assert codes(good, strict) == set()
    assert codes(changed(good, {"BuyerDtls.Gstin": "09AAJCM7191E1Z6"}), strict) == {"3030"}
    assert codes(changed(good, {"ItemList.0.HsnCd": "6905"}), strict) == {"2176"}
    assert codes(changed(good, {"ItemList.0.HsnCd": "111111"}), strict) == {"2176"}
    assert codes(changed(good, {"ItemList.0.HsnCd": "6905"})) == set()


def test_windows_can_be_widened(good: dict[str, Any]) -> None:
    old = changed(good, {"DocDtls.Dt": "01/04/2025"})
    assert codes(old, Customs(today=TODAY, window=None)) == set()
    assert codes(old, Customs(today=TODAY, window=None, floor=date(2025, 4, 2))) == {"2284"}


@pytest.mark.parametrize(
    "number", ["29AAACP7879D1Z0", "09AAJCM7191E1Z5", "33GSPTN1882G1Z3", "27GSPMH1881G1ZH"]
)
def test_check_digits_follow_from_the_rest(number: str) -> None:
    assert check_digit(number[:14]) == number[14]


def test_masters_know_places_and_headings() -> None:
    assert pin_fits(560001, "29") and not pin_fits(110001, "29") and pin_fits(110001, "97")
    assert heading_known("690510") and heading_known("998314") and not heading_known("111111")


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"a":NaN}', b'{"a":1e999999999}', b'{"a":1e-999999999}',
     b'{"a":' + b"9" * 5000 + b"}", b"[" * 100000, b'{"a":' * 100000,
     b'{"DocDtls":"\\ud800"' + b" " * 3000000],
)  # fmt: skip
def test_what_is_no_document_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(Unbound):
        bound(raw)


@pytest.mark.parametrize(
    "value", [None, 1, "x", [], {}, True, [None], [[]], [1], "\ud800", "9" * 39, -0.0, "1e5"]
)
def test_any_value_anywhere_is_judged_without_a_fall(
    good: dict[str, Any], value: Any, recursively: Callable[[Any], list[str]]
) -> None:
    for path in recursively(good):
        said = changed(good, {path: value})
        for one in judged(bound(json.dumps(said).encode()), CUSTOMS):
            assert one.code.isdigit() and one.message


@pytest.fixture
def recursively() -> Callable[[Any], list[str]]:
    """Every dotted path in a document."""

    def paths(said: Any, path: str = "") -> list[str]:
        inner = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
        found = []
        for name, value in inner:
            where = f"{path}.{name}" if path else str(name)
            found += [] if isinstance(said, list) else [where]
            found += paths(value, where)
        return found

    return paths
