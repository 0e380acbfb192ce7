"""Typed blocks that regimes bring along: decoded in place, refused where nobody knows them."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, ClassVar

import msgspec
import pytest

from tallystick.canonical import Amount, Group, RegimeBlocks, canonical_bytes, decode, encode
from tallystick.canonical.decode import _fast, _thorough
from tallystick.canonical.schema import invoice_schema
from unit.canonical.documents import body_of, plain_document, plain_line


class Document(Group, frozen=True, kw_only=True):
    """A block on the invoice."""

    transaction_code: Annotated[str, msgspec.Meta(pattern="^[01]{7}$", max_length=7)]
    counter: int = 0
    supply_end: date | None = None
    advance: Amount | None = None


class Building(Group, frozen=True, kw_only=True):
    """A block on a party."""

    building_number: str


class Freight(Group, frozen=True, kw_only=True):
    """A block on lines and allowances."""

    weights: tuple[Amount, ...] = ()


BLOCKS = {
    "xx": RegimeBlocks(document=Document, party=Building, line=Freight, allowance=Freight),
    "yy": RegimeBlocks(party=Building),
}
_BUILDING = {"xx": {"building_number": "1234"}}
_FREIGHT = {"xx": {"weights": ["1.50"]}}
_ALLOWANCE = {"amount": "1", "tax_category_code": "S", "tax_rate": "19", "regime_data": _FREIGHT}


def _everywhere() -> dict[str, Any]:
    document = plain_document(
        regime_data={"xx": {"transaction_code": "0100000", "counter": 7, "advance": "10.00"}},
        payee={"name": "Payee", "regime_data": _BUILDING},
        allowances=[_ALLOWANCE],
        charges=[_ALLOWANCE],
        lines=[plain_line(regime_data=_FREIGHT, allowances=[{"amount": "1", "regime_data": _FREIGHT}])],
    )
    document["seller"]["regime_data"] = _BUILDING | {"yy": {"building_number": "1"}}
    document["buyer"]["regime_data"] = _BUILDING
    return document


def test_blocks_become_typed_structs_at_every_level() -> None:
    invoice = decode(body_of(_everywhere()), BLOCKS).invoice
    assert invoice is not None and invoice.buyer is not None and invoice.payee is not None
    block = invoice.regime_data["xx"]
    assert block == Document(transaction_code="0100000", counter=7, advance=Amount("10.00"))
    assert type(block.advance) is Amount
    assert invoice.seller.regime_data["yy"] == Building(building_number="1")
    assert (
        invoice.buyer.regime_data["xx"] == invoice.payee.regime_data["xx"] == Building(building_number="1234")
    )
    freight = Freight(weights=(Amount("1.50"),))
    line = invoice.lines[0]
    groups = (line, line.allowances[0], invoice.allowances[0], invoice.charges[0])
    assert [group.regime_data["xx"] for group in groups] == [freight] * 4


def test_blocks_decode_alike_on_both_ways_and_come_back_encoded() -> None:
    body = body_of(_everywhere())
    invoice = _fast(body, BLOCKS)
    assert invoice is not None
    assert _thorough(body, BLOCKS).invoice == invoice
    assert decode(encode(invoice), BLOCKS).invoice == invoice
    assert decode(canonical_bytes(invoice), BLOCKS).invoice == invoice


@pytest.mark.parametrize(
    ("block", "code", "pointer"),
    [
        ({"counter": 1}, "invoice/missing-term", "/transaction_code"),
        ({"transaction_code": "0100000", "counter": 1.5}, "invoice/bad-value", "/counter"),
        ({"transaction_code": "0100000", "counter": "1"}, "invoice/bad-value", "/counter"),
        ({"transaction_code": "0100000", "advance": 1}, "request/float-money", "/advance"),
        ({"transaction_code": "0100000", "advance": "1e1"}, "invoice/bad-number", "/advance"),
        (
            {"transaction_code": "0100000", "supply_end": "1000-01-01"},
            "invoice/date-out-of-range",
            "/supply_end",
        ),
        ({"transaction_code": "01"}, "invoice/bad-text", "/transaction_code"),
        ({"transaction_code": "0100000", "x": 1}, "invoice/unknown-field", "/x"),
        ([], "invoice/wrong-type", ""),
        (None, "invoice/wrong-type", ""),
    ],
)
def test_a_wrong_block_is_told_at_its_exact_place(block: Any, code: str, pointer: str) -> None:
    decoded = decode(body_of(plain_document(regime_data={"xx": block})), BLOCKS)
    assert [(fault.code, fault.pointer) for fault in decoded.faults] == [(code, f"/regime_data/xx{pointer}")]


def test_a_regime_nobody_knows_is_refused() -> None:
    body = body_of(plain_document(regime_data={"zz": {}}))
    fault = decode(body, BLOCKS).faults[0]
    assert (fault.code, fault.pointer) == ("invoice/unknown-regime", "/regime_data/zz")
    assert "xx, yy" in fault.hint
    assert decode(body).faults[0].code == "invoice/unknown-regime"


def test_a_regime_is_refused_at_a_level_it_adds_nothing_to() -> None:
    decoded = decode(body_of(plain_document(lines=[plain_line(regime_data={"yy": {}})])), BLOCKS)
    assert [(fault.code, fault.pointer) for fault in decoded.faults] == [
        ("invoice/regime-level", "/lines/0/regime_data/yy")
    ]


def test_a_number_of_a_million_digits_in_a_block_is_refused() -> None:
    body = body_of(plain_document(regime_data={"xx": {"transaction_code": "0100000", "counter": "@"}}))
    decoded = decode(body.replace(b'"@"', b"1" * 1_000_000), BLOCKS)
    assert [fault.pointer for fault in decoded.faults] == ["/regime_data/xx/counter"]


class Odd(Group, frozen=True, kw_only=True):
    """A block of types that only msgspec can judge."""

    counts: dict[str, int] = msgspec.field(default_factory=dict)
    either: int | str | None = None
    mixed: dict[str, int] | int | None = None
    pairs: tuple[int, str] = (0, "")
    small: Annotated[int, msgspec.Meta(le=9)] = 0
    inner: "Odd | None" = None


ODD = {"odd": RegimeBlocks(document=Odd)}


def _odd(block: Any) -> bytes:
    return body_of(plain_document(regime_data={"odd": block}))


@pytest.mark.parametrize(
    "block",
    [
        {"counts": {"a": 1}, "either": "x", "pairs": [1, "x"], "small": 9},
        {"either": None, "inner": {"either": 3, "inner": {}}},
    ],
)
def test_blocks_of_any_type_decode_alike_on_both_ways(block: dict[str, Any]) -> None:
    fast = _fast(_odd(block), ODD)
    assert fast is not None
    assert _thorough(_odd(block), ODD).invoice == fast
    assert decode(encode(fast), ODD).invoice == fast


@pytest.mark.parametrize(
    ("block", "pointer"),
    [
        ({"counts": {"a": 1.5}}, "/counts/a"),
        ({"pairs": [1, 2]}, "/pairs/1"),
        ({"pairs": [1]}, "/pairs"),
        ({"small": 10}, "/small"),
        ({"either": []}, "/either"),
        ({"small": "@NaN@"}, "/small"),
        ({"small": "@1.0@"}, "/small"),
        ({"small": "@1e99999999999999999999@"}, "/small"),
        ({"either": "@0.5@"}, "/either"),
        ({"pairs": ["@1e0@", ""]}, "/pairs/0"),
        ({"counts": {"a": "@1" + "0" * 5_000 + "@"}}, "/counts/a"),
        ({"inner": {"pairs": [1, 2]}}, "/inner/pairs/1"),
        ({"pairs": [1, "a\u0000"]}, "/pairs/1"),
        ({"counts": {"\u0001": 1}}, "/counts/\\u0001"),
        ({"counts": []}, "/counts"),
        ({"pairs": [1, {"a": "\u0002"}]}, "/pairs/1/a"),
        ({"either": {"\u0001": 1}}, "/either/\\u0001"),
    ],
)
def test_what_only_msgspec_can_judge_is_told_at_its_place_too(block: Any, pointer: str) -> None:
    body = _odd(block).replace(b'"@', b"").replace(b'@"', b"")
    assert _fast(body, ODD) is None
    faults = decode(body, ODD).faults
    assert [fault.pointer for fault in faults] == [f"/regime_data/odd{pointer}"]
    msgspec.json.encode(faults)


@pytest.mark.parametrize("term", ["counts", "mixed"])
def test_a_name_given_twice_in_a_free_part_of_a_block_is_a_fault(term: str) -> None:
    good = _odd({term: {"a": 1, "b": 2}})
    assert decode(good, ODD).invoice is not None
    faults = decode(good.replace(b'"b"', b'"a"'), ODD).faults
    assert [(fault.code, fault.pointer) for fault in faults] == [
        ("request/duplicate-key", f"/regime_data/odd/{term}/a")
    ]


def test_a_block_may_not_nest_without_end() -> None:
    block: dict[str, Any] = {}
    for _ in range(40):
        block = {"inner": block}
    assert _fast(_odd(block), ODD) is None
    assert [fault.code for fault in decode(_odd(block), ODD).faults] == ["request/too-deep"]


def test_a_type_without_a_json_schema_is_named() -> None:
    class Strange(Group, frozen=True, kw_only=True):
        what: Annotated[complex, "msgspec knows no such type"]

    with pytest.raises(TypeError, match="complex"):
        invoice_schema({"zz": RegimeBlocks(line=Strange)})


class Paired(Group, frozen=True, kw_only=True):
    """A block with a rule of its own: both terms or none."""

    one: str | None = None
    two: str | None = None

    def __post_init__(self) -> None:
        """Refuse one without the other."""
        if (self.one is None) != (self.two is None):
            raise ValueError("one and two come together")


def test_a_rule_of_the_blocks_own_is_told_at_the_block() -> None:
    blocks = {"xx": RegimeBlocks(line=Paired)}
    good, wrong = ({"one": "1", "two": "2"}, {"one": "1"})
    document = plain_document(lines=[plain_line(regime_data={"xx": block}) for block in (good, wrong)])
    faults = decode(body_of(document), blocks).faults
    assert [(fault.code, fault.pointer) for fault in faults] == [
        ("invoice/bad-value", "/lines/1/regime_data/xx")
    ]
    assert faults[0].expected == "one and two come together"


class Moody(Group, frozen=True, kw_only=True):
    """A block that is refused every time but one."""

    made: ClassVar[int] = 0

    def __post_init__(self) -> None:
        """Be refused unless this is the second one ever made."""
        Moody.made += 1
        if Moody.made != 2:
            raise ValueError("not today")


def test_what_only_the_decoder_refuses_is_refused_all_the_same() -> None:
    body = body_of(plain_document(regime_data={"xx": {}}))
    fault = decode(body, {"xx": RegimeBlocks(document=Moody)}).faults[0]
    assert (fault.code, fault.expected) == ("invoice/bad-value", "not today")


class Loose(msgspec.Struct):
    """A block that would swallow unknown fields."""

    a: int = 0


class HoldsLoose(Group, frozen=True, kw_only=True):
    """A block with a loose part."""

    parts: tuple[Loose, ...] = ()


class Listed(Group, frozen=True, kw_only=True, array_like=True):
    """A block that is an array in JSON."""

    a: int = 0


class Floating(Group, frozen=True, kw_only=True):
    """A block with a number that loses digits."""

    ratios: dict[str, float] = msgspec.field(default_factory=dict)


class Bare(Group, frozen=True, kw_only=True):
    """A block with a number that takes NaN."""

    amount: Decimal | None = None


class Free(Group, frozen=True, kw_only=True):
    """A block that takes anything."""

    anything: Any = None


@pytest.mark.parametrize(
    ("block", "word"),
    [
        (Loose, "Loose"),
        (HoldsLoose, "Loose"),
        (Listed, "Listed"),
        (Floating, "FloatType"),
        (Bare, "DecimalType"),
        (Free, "AnyType"),
    ],
)
def test_a_block_that_is_not_typed_through_and_through_is_no_block(
    block: type[msgspec.Struct], word: str
) -> None:
    with pytest.raises(TypeError, match=word):
        RegimeBlocks(line=block)


def test_the_schema_shows_the_blocks_where_they_may_stand() -> None:
    definitions = invoice_schema(BLOCKS)["$defs"]
    document = definitions["Invoice"]["properties"]["regime_data"]
    party = definitions["Seller"]["properties"]["regime_data"]
    assert document["properties"] == {"xx": {"$ref": "#/$defs/Document"}}
    assert set(party["properties"]) == {"xx", "yy"}
    assert document["additionalProperties"] is False
    assert definitions["Document"]["properties"]["transaction_code"]["pattern"] == "^[01]{7}$"
