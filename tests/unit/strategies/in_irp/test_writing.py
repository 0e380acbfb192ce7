"""From the invoice to INV-01: places and taxes, what is folded, and sums exact to the paisa."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tallystick.canonical import complete, decode
from unit.strategies.in_irp.talks import HOME, irp, module

folding, writing = module("folding"), module("writing")
PAISE = some.integers(0, 10**9).map(lambda paise: Decimal(paise) / 100)


def _tree(case: str = "standard", **changes: Any) -> Any:
    content = {**json.loads((HOME / case / "invoice.json").read_bytes()), **changes}
    strategy: Any = irp()
    decoded = decode(json.dumps(content).encode(), {strategy.regime: strategy.blocks})
    assert decoded.invoice is not None, decoded.faults
    return json.loads(
        module("tree").written(writing.wire_of(complete(decoded.invoice).invoice).tree), parse_float=Decimal
    )


def _line(number: int, price: str, rate: str = "18", **more: Any) -> dict[str, Any]:
    return {
        "line_identifier": str(number),
        "invoiced_quantity": "1",
        "unit_of_measure_code": "C62",
        "price": {"item_net_price": price},
        "tax": {"category_code": "S", "rate": rate, **more.pop("tax", {})},
        "item": {"name": "Gauge", "classification_identifiers": [{"scheme": "HS", "value": "90318000"}]},
        **more,
    }


@given(some.lists(PAISE, min_size=1, max_size=30), some.data())
def test_shares_add_up_and_none_exceeds_its_weight(weights: list[Decimal], data: some.DataObject) -> None:
    whole = sum(weights, Decimal(0))
    amount = data.draw(some.integers(0, int(whole * 100)).map(lambda paise: Decimal(paise) / 100))

    shares = folding.shares(amount, weights)

    assert sum(shares) == amount
    assert len(shares) == len(weights)
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


def test_shares_of_nothing_go_to_the_first() -> None:
    assert folding.shares(Decimal("1.00"), [Decimal(0), Decimal(0)]) == [Decimal("1.00"), Decimal(0)]


PLACES = [
    # seller in 29; buyer's state, state of delivery, override, mark -> place, integrated tax
    ("29", None, None, False, "29", False),
    ("27", None, None, False, "27", True),
    ("27", "29", None, False, "29", False),
    ("29", "24", None, False, "24", True),
    ("29", "24", "29", False, "29", False),
    ("29", None, None, True, "29", True),
]
GSTINS = {"29": "29AAGFC2210M1ZV", "27": "27AAFCS7190Q1ZE"}


@pytest.mark.parametrize(("buyer", "delivered", "said", "marked", "place", "igst"), PLACES)
def test_place_of_supply_and_tax(
    buyer: str, delivered: str | None, said: str | None, marked: bool, place: str, igst: bool
) -> None:
    party = {
        "name": "Buyer",
        "tax_identifier": GSTINS[buyer],
        "postal_address": {"line_1": "x", "city": "y", "post_code": "400001", "country_code": "IN"},
    }
    own: dict[str, Any] = {"igst_on_intra": marked} if marked else {}
    own |= {"place_of_supply": said} if said else {}
    address = {"line_1": "x", "city": "y", "country_subdivision": delivered, "country_code": "IN"}
    delivery: dict[str, Any] = {"delivery": {"deliver_to_address": address}} if delivered else {}
    tree = _tree(buyer=party, regime_data={"in": own}, **delivery)
    item = tree["ItemList"][0]

    assert tree["BuyerDtls"]["Pos"] == place
    assert (item["IgstAmt"] > 0, item["CgstAmt"] > 0) == (igst, not igst)
    assert item["CgstAmt"] == item["SgstAmt"]


@pytest.mark.parametrize("said", ["29", "KA", "IN-KA", "ka", "Karnataka", " karnataka "])
def test_a_state_is_known_by_code_or_name(said: str) -> None:
    assert module("codes").state_code(said) == "29"


@pytest.mark.parametrize(
    ("pin", "state"), [("560001", "29"), ("400013", "27"), ("194101", None), ("999999", None), ("x", None)]
)
def test_a_postal_code_tells_the_state_where_only_one_has_it(pin: str, state: str | None) -> None:
    assert module("codes").state_of_pin(pin) == state


@pytest.mark.parametrize("said", ["00", "45", "XX", "", "٢٩", "290"])
def test_what_is_no_state_is_none(said: str) -> None:
    assert module("codes").state_code(said) is None


@pytest.mark.parametrize(
    ("code", "uqc"),
    [("KGM", "KGS"), ("C62", "NOS"), ("TNE", "MTS"), ("KGS", "KGS"), ("nos", "NOS"), ("5B", "OTH")],
)
def test_a_unit_becomes_one_of_the_returns(code: str, uqc: str) -> None:
    assert module("codes").unit_of(code) == uqc


def test_every_unit_of_the_returns_is_read_and_written_as_itself() -> None:
    codes = module("codes")

    assert [uqc for uqc in codes.UNITS if codes.unit_of(codes.unit_code(uqc)) != uqc] == []


def test_an_address_of_delivery_without_a_state_has_that_of_its_postal_code() -> None:
    address = {"line_1": "Plot 3, Vatva", "city": "Ahmedabad", "country_code": "IN", "post_code": "382445"}

    inland = _tree(delivery={"deliver_to_address": address})
    abroad = _tree("export_with_payment", delivery={"deliver_to_address": address})

    assert (inland["ShipDtls"]["Stcd"], inland["BuyerDtls"]["Pos"]) == ("24", "24")
    assert (abroad["ShipDtls"]["Stcd"], abroad["BuyerDtls"]["Pos"]) == ("24", "96")


def test_exports_are_derived_from_a_buyer_abroad() -> None:
    tree = _tree("export_without_payment")

    assert tree["TranDtls"]["SupTyp"] == "EXPWOP"
    assert (tree["BuyerDtls"]["Gstin"], tree["BuyerDtls"]["Pos"], tree["BuyerDtls"]["Pin"]) == (
        "URP",
        "96",
        999999,
    )
    assert tree["ExpDtls"]["CntCode"] == "DE"


def test_the_halves_of_a_tax_are_rounded_alike_and_up() -> None:
    """0.35 at 5 %: half of it is 0.00875."""
    [item] = _tree("intra_state", lines=[_line(1, "0.35", "5")])["ItemList"]

    assert (item["CgstAmt"], item["SgstAmt"], item["TotItemVal"]) == (
        Decimal("0.01"),
        Decimal("0.01"),
        Decimal("0.37"),
    )


def test_what_rounding_line_by_line_moves_is_the_round_off() -> None:
    """Tax of the invoice is taken of the sum, that of the portal item by item."""
    tree = _tree("intra_state", lines=[_line(number, "0.35", "5") for number in range(1, 4)])
    values = tree["ValDtls"]

    assert values["CgstVal"] == values["SgstVal"] == Decimal("0.03")
    assert values["TotInvVal"] == Decimal("1.10")  # 1.05 and 5 % of it
    assert values["RndOffAmt"] == Decimal("-0.01")


def test_a_negative_line_becomes_a_discount_of_the_others_at_its_rate() -> None:
    lines = [_line(1, "1000.00"), _line(2, "500.00", "5"), _line(3, "2000.00"), _line(4, "-300.00")]
    items = _tree("standard", lines=lines)["ItemList"]

    assert [(item["SlNo"], item["Discount"], item["AssAmt"]) for item in items] == [
        ("1", Decimal("100.00"), Decimal("900.00")),
        ("2", Decimal("0.00"), Decimal("500.00")),
        ("3", Decimal("200.00"), Decimal("1800.00")),
    ]


def test_more_taken_off_than_there_is_has_no_place() -> None:
    content = json.loads((HOME / "standard/invoice.json").read_bytes())
    content["lines"] = [_line(1, "100.00"), _line(2, "-100.01")]
    strategy: Any = irp()
    invoice = decode(json.dumps(content).encode(), {strategy.regime: strategy.blocks}).invoice
    assert invoice is not None
    wire = writing.wire_of(complete(invoice).invoice)

    assert [(one.pointer, one.amount) for one in wire.loose] == [("/lines/1/net_amount", Decimal("-100.01"))]


def test_a_taxed_charge_is_part_of_the_items_and_their_price_fits() -> None:
    charge = {"amount": "350.00", "tax_category_code": "S", "tax_rate": "18"}
    items = _tree("standard", lines=[_line(1, "600.00"), _line(2, "100.00")], charges=[charge])["ItemList"]

    assert [item["TotAmt"] for item in items] == [Decimal("900.00"), Decimal("150.00")]
    assert [item["UnitPrice"] * item["Qty"] for item in items] == [900, 150]


def test_exempt_lines_are_no_items_but_in_the_value() -> None:
    tree = _tree("exempt_line")

    assert [item["SlNo"] for item in tree["ItemList"]] == ["1"]
    assert tree["ValDtls"]["OthChrg"] == Decimal("100.00")
    assert tree["ValDtls"]["TotInvVal"] == Decimal("111.80")


def test_cess_comes_on_top_and_into_the_value() -> None:
    tree = _tree("every_cess")
    values = tree["ValDtls"]

    assert values["CesVal"] == Decimal("508.94")
    assert values["StCesVal"] == Decimal("1202.46")
    assert values["Discount"] == Decimal("10.00")
    assert values["OthChrg"] == Decimal("20.00")
    assert values["RndOffAmt"] == Decimal("0.30")


def test_stated_parts_of_a_tax_are_taken_as_they_are() -> None:
    parts = [{"code": code, "rate": "9", "amount": "0.69"} for code in ("CGST", "SGST")]
    [item] = _tree("intra_state", lines=[_line(1, "7.60", tax={"components": parts})])["ItemList"]

    assert (item["CgstAmt"], item["SgstAmt"]) == (Decimal("0.69"), Decimal("0.69"))


def test_an_invoice_in_another_currency_is_written_in_rupees() -> None:
    tree = _tree("export_in_euro")
    values = tree["ValDtls"]
    parts = sum(item["TotItemVal"] for item in tree["ItemList"])

    assert tree["ExpDtls"]["ForCur"] == "EUR"
    assert values["TotInvValFc"] < values["TotInvVal"]
    assert values["TotInvVal"] == parts + values["RndOffAmt"]
    assert tree["ItemList"][0]["AssAmt"] == Decimal("107679.69")  # 40 x 27.35 at 98.4275, half up


def test_numbers_are_written_in_plain_digits_with_their_own_decimals() -> None:
    body = module("tree").written(
        {"a": Decimal("1E+3").quantize(Decimal("0.01")), "b": module("tree").measure(Decimal("2.500"))}
    )

    assert body == b'{"a":1000.00,"b":2.5}'


@pytest.mark.parametrize(
    ("said", "written"), [("+91 80 2839 1140", "918028391140"), ("12", None), ("1" * 20, None), (None, None)]
)
def test_a_telephone_number_is_digits_or_left_out(said: str | None, written: str | None) -> None:
    seller = json.loads((HOME / "standard/invoice.json").read_bytes())["seller"]
    seller["contact"] = {"telephone_number": said} if said else {"email_address": "a@b.example"}

    assert _tree(seller=seller)["SellerDtls"].get("Ph") == written
