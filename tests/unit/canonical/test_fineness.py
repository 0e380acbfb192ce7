"""No amount of the model is finer than its currency: the quick question leaves none of them out."""

from collections.abc import Iterator
from typing import Any

import pytest

from tallystick.canonical import Amount, Invoice, complete
from tallystick.canonical.amounts import NO_TOTALS
from tallystick.canonical.shape import Shape, shape_of
from unit.canonical.documents import plain_document
from unit.canonical.sums import invoice_of

_NEEDED: dict[str, dict[str, str]] = {
    "components": {"code": "A"},
    "allowances": {"amount": "1.00", "tax_category_code": "S"},
    "charges": {"amount": "1.00", "tax_category_code": "S"},
    "tax_breakdown": {"tax_category_code": "S"},
}
"""What the entries of a list cannot do without."""


def _amounts(struct: Any = Invoice, pointer: str = "") -> Iterator[str]:
    """The pointer of every amount a document can hold, in the first entry of each list."""
    for name, field in shape_of(struct).items():
        shape: Shape | None = field.shape
        place = f"{pointer}/{name}"
        if shape is not None and shape.kind == "array":
            shape, place = shape.item, f"{place}/0"
        if shape is not None and shape.kind == "struct":
            yield from _amounts(shape.struct, place)
        elif shape is not None and shape.number is Amount:
            yield place


def _with(pointer: str, value: str) -> Invoice:
    """The plain invoice with this amount and what it needs around it."""
    document = plain_document()
    node: Any = document
    *groups, name = pointer.split("/")[1:]
    for place, token in enumerate(groups):
        if token == "0":
            if not node:
                needed = dict(_NEEDED[groups[place - 1]])
                if groups[0] == "lines":
                    needed.pop("tax_category_code", None)
                node.append(needed)
            node = node[0]
        else:
            node = node.setdefault(token, [] if groups[place + 1 : place + 2] == ["0"] else {})
    node[name] = value
    return invoice_of(**document)


def test_the_model_has_amounts_of_the_document_of_its_lines_and_of_parts_of_lines() -> None:
    found = set(_amounts())
    assert {"/lines/0/net_amount", "/charges/0/base_amount", "/document_totals/paid_amount"} <= found
    assert len(found) >= 24


@pytest.mark.parametrize("pointer", [*_amounts()])
def test_no_amount_of_the_model_may_be_finer_than_its_currency(pointer: str) -> None:
    faults = complete(_with(pointer, "1.001")).faults
    assert pointer in [fault.pointer for fault in faults if fault.code == "invoice/too-many-decimals"]
    codes = {fault.code for fault in complete(_with(pointer, "1.00")).faults}
    assert "invoice/too-many-decimals" not in codes


def test_totals_that_are_left_out_are_known_by_identity() -> None:
    assert invoice_of().document_totals is NO_TOTALS
