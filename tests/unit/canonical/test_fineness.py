"""No amount of the model is finer than its currency: the quick question leaves none of them out."""

from collections.abc import Iterator
from typing import Any

import pytest

from tallystick.canonical import Amount, Invoice, complete
from tallystick.canonical.amounts import NO_TOTALS
from tallystick.canonical.shape import Shape, shape_of
from unit.canonical.documents import plain_document
from unit.canonical.sums import entry_of, invoice_of, line_of

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


@pytest.mark.parametrize(
    ("currency", "paid", "right"),
    [
        ("EUR", "1.00", True), ("EUR", "1.000", False), ("EUR", "1.005", False), ("JPY", "100", True),
        ("JPY", "100.00", True), ("JPY", "100.50", False), ("BHD", "1.005", True), ("BHD", "1.0050", False),
    ],
)  # fmt: skip
def test_an_amount_has_no_more_decimals_than_its_currency(currency: str, paid: str, right: bool) -> None:
    completed = complete(invoice_of(currency_code=currency, document_totals={"paid_amount": paid}))
    assert [fault.code for fault in completed.faults] == ([] if right else ["invoice/too-many-decimals"])
    assert right or completed.faults[0].pointer == "/document_totals/paid_amount"


_FINE, _WRONG = {"amount": "1.00"}, {"amount": "1.001"}
_TAXED = {"tax_category_code": "S", "tax_rate": "19"}


@pytest.mark.parametrize(
    ("pointer", "line", "document"),
    [
        ("/lines/1/net_amount", {"net_amount": "1.001"}, {}),
        ("/lines/1/allowances/1/amount", {"allowances": [_FINE, _WRONG]}, {}),
        ("/lines/1/charges/0/base_amount", {"charges": [_FINE | {"base_amount": "0.001"}]}, {}),
        ("/lines/1/tax/components/0/amount", {"components": [{"code": "A", "amount": "0.001"}]}, {}),
        ("/allowances/0/amount", {}, {"allowances": [_WRONG | _TAXED]}),
        ("/charges/0/amount", {}, {"charges": [_WRONG | _TAXED]}),
        ("/document_totals/rounding_amount", {}, {"document_totals": {"rounding_amount": "0.001"}}),
    ],
)
def test_a_single_amount_with_too_many_decimals_is_found(
    pointer: str, line: dict[str, Any], document: dict[str, Any]
) -> None:
    odd = line_of("1", "1", **{name: value for name, value in line.items() if name != "components"})
    odd["tax"]["components"] = line.get("components", [])
    invoice = invoice_of(lines=[line_of("1", "1"), odd], **document)
    found = [fault.pointer for fault in complete(invoice).faults if fault.code == "invoice/too-many-decimals"]
    assert found == [pointer]


def test_the_tax_in_a_coarser_accounting_currency_may_not_have_the_document_s_decimals() -> None:
    totals = {"total_tax_amount_in_accounting_currency": "0.190"}
    invoice = invoice_of(currency_code="BHD", tax_currency_code="EUR", document_totals=totals)
    found = [fault.pointer for fault in complete(invoice).faults if fault.code == "invoice/too-many-decimals"]
    assert found == ["/document_totals/total_tax_amount_in_accounting_currency"]


def test_decimals_are_counted_at_every_level() -> None:
    line = line_of("1", "1", net_amount="1.001", allowances=[_WRONG], charges=[_WRONG])
    line["tax"]["components"] = [{"code": "A", "amount": "0.001"}]
    taxed, entry = _WRONG | _TAXED, entry_of("1.001", "0.191")
    invoice = invoice_of(lines=[line], allowances=[taxed], charges=[taxed], tax_breakdown=[entry])
    found = {fault.pointer for fault in complete(invoice).faults if fault.code == "invoice/too-many-decimals"}
    assert found == {
        "/lines/0/net_amount",
        "/lines/0/allowances/0/amount",
        "/lines/0/charges/0/amount",
        "/lines/0/tax/components/0/amount",
        "/allowances/0/amount",
        "/charges/0/amount",
        "/tax_breakdown/0/tax_category_taxable_amount",
        "/tax_breakdown/0/tax_category_tax_amount",
    }
