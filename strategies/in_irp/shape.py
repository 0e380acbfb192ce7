"""Every field has the form that the portal's schema wants, and none that it wants is missing."""

from collections.abc import Iterator
from typing import Any, Final

from tallystick.canonical import Fault

from .case import Case
from .fields import FIELDS, Field, fits

__all__ = ["shape"]

SHAPE: Final = "5002"
MOST_ITEMS: Final = 1000
_BLOCKS: Final = ("TranDtls", "DocDtls", "SellerDtls", "BuyerDtls", "ValDtls")


def _by_block() -> dict[str, list[tuple[str, Field]]]:
    """The leaves of each block, by the block's path."""
    blocks: dict[str, list[tuple[str, Field]]] = {}
    for path, field in FIELDS.items():
        block, _, name = path.rpartition(".")
        blocks.setdefault(block, []).append((name, field))
    return blocks


_OF_BLOCK: Final = _by_block()


def shape(case: Case) -> Iterator[Fault]:
    """Missing blocks and fields, texts too short, too long or of another form, numbers out of range."""
    for block in _BLOCKS:
        if block not in case.wire.tree:
            yield case.fault(SHAPE, block, expected="the whole block")
    items = case.wire.tree.get("ItemList", [])
    if not items:
        yield case.fault("2228", "ItemList")
    if len(items) > MOST_ITEMS:
        yield case.fault(
            SHAPE,
            "ItemList",
            expected=f"at most {MOST_ITEMS} items",
            actual=len(items),
            hint="Split the invoice.",
        )
    yield from _within(case, case.wire.tree, "", "")


def _within(case: Case, node: dict[str, Any], path: str, where: str) -> Iterator[Fault]:
    """The fields of a block, then the blocks in it. `path` is the block's in the table, `where` its place."""
    for name, field in _OF_BLOCK.get(path, ()):
        if name in node:
            yield from _leaf(case, field, node[name], _joined(where, name))
        elif field.must:
            yield case.fault(SHAPE, _joined(where, name), expected=field.expected(), hint=_lacking(field))
    for name, value in node.items():
        if isinstance(value, dict):
            yield from _within(case, value, _joined(path, name), _joined(where, name))
        elif isinstance(value, list):
            for index, one in enumerate(value):
                yield from _within(case, one, f"{_joined(path, name)}[]", f"{_joined(where, name)}[{index}]")


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _leaf(case: Case, field: Field, value: Any, where: str) -> Iterator[Fault]:
    if not fits(field, value):
        yield case.fault(SHAPE, where, expected=field.expected(), actual=value)


def _lacking(field: Field) -> str:
    return _HINTS.get(field.path, "Give the term that is missing.")


_HINTS: Final = {
    "ItemList[].HsnCd": "Give the item's HSN code: a classification with scheme HS.",
    "BuyerDtls.Stcd": "Give the buyer's state in country_subdivision: its GST code, ISO 3166-2 code or name.",
    "BuyerDtls.Pos": "Give the buyer's state, the state of delivery, or regime_data.in.place_of_supply.",
    "SellerDtls.Pin": "Give the seller's six-digit PIN code.",
    "ShipDtls.Pin": "Give the six-digit PIN code of the place of delivery.",
    "DispDtls.Pin": "Give the six-digit PIN code of the place of dispatch.",
}
