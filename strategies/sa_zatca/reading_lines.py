"""Lines: their tax, which is mostly derived; why a price was reduced; prepayments, which are no lines."""

from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tallystick.canonical import rounded
from tallystick.formats.ubl import Claimed
from tallystick.formats.ubl.steps import Json, cac, cbc, peek

from .nature import PREPAYMENT

__all__ = ["claim_lines"]

_SUBTOTAL: Final = f"{cac('TaxTotal')}/{cac('TaxSubtotal')}"
_CATEGORY: Final = f"{_SUBTOTAL}/{cac('TaxCategory')}"
_ITEM_CATEGORY: Final = f"{cac('Item')}/{cac('ClassifiedTaxCategory')}"
_ZERO: Final = Decimal(0)

_NOTHING: Final = (
    cbc("InvoicedQuantity"),
    cbc("LineExtensionAmount"),
    f"{cac('TaxTotal')}/{cbc('TaxAmount')}",
    f"{cac('TaxTotal')}/{cbc('RoundingAmount')}",
    f"{cac('Price')}/{cbc('PriceAmount')}",
)
_SAID: Final = {
    "line_identifier": cbc("ID"),
    "number": f"{cac('DocumentReference')}/{cbc('ID')}",
    "uuid": f"{cac('DocumentReference')}/{cbc('UUID')}",
    "issue_date": f"{cac('DocumentReference')}/{cbc('IssueDate')}",
    "issue_time": f"{cac('DocumentReference')}/{cbc('IssueTime')}",
    "taxable_amount": f"{_SUBTOTAL}/{cbc('TaxableAmount')}",
    "tax_amount": f"{_SUBTOTAL}/{cbc('TaxAmount')}",
    "category_code": f"{_CATEGORY}/{cbc('ID')}",
    "rate": f"{_CATEGORY}/{cbc('Percent')}",
    "exemption_reason_code": f"{_CATEGORY}/{cbc('TaxExemptionReasonCode')}",
    "exemption_reason": f"{_CATEGORY}/{cbc('TaxExemptionReason')}",
    "item_name": f"{cac('Item')}/{cbc('Name')}",
}
_OPTIONAL: Final = frozenset({"uuid", "rate", "exemption_reason_code", "exemption_reason"})
_KIND: Final = f"{cac('DocumentReference')}/{cbc('DocumentTypeCode')}"
_WRITTEN_TOO: Final = (
    f"{_CATEGORY}/{cac('TaxScheme')}/{cbc('ID')}",
    f"{_ITEM_CATEGORY}/{cac('TaxScheme')}/{cbc('ID')}",
    f"{_ITEM_CATEGORY}/{cbc('ID')}",
    f"{_ITEM_CATEGORY}/{cbc('Percent')}",
)


def claim_lines(root: Any, claimed: Claimed, decimals: int) -> tuple[list[Json], list[Json]]:
    """The blocks of the lines that stay lines, in their order; and the prepayments."""
    currency = peek(root, cbc("DocumentCurrencyCode"))
    blocks, prepayments = [], []
    for line in root.iterfind(cac("InvoiceLine")):
        paid = _prepayment(line, currency)
        if paid is None:
            blocks.append(_of_line(line, claimed, currency, decimals))
        else:
            claimed.element(line)
            prepayments.append(paid)
    return blocks, prepayments


def _of_line(line: Any, claimed: Claimed, currency: str, decimals: int) -> Json:
    block: Json = {}
    taxes, quantity = line.findall(cac("TaxTotal")), line.find(cbc("InvoicedQuantity"))
    if len(taxes) == 1 and _is_with_tax(taxes[0], line, currency):
        claimed.element(taxes[0])
        stated = _at(taxes[0], cbc("TaxAmount"))
        if stated != _derived(line, decimals):
            block["tax_amount"] = peek(taxes[0], cbc("TaxAmount"))
    if quantity is not None and not quantity.get("unitCode"):
        block["without_unit"] = True
    allowances = line.findall(f"{cac('Price')}/{cac('AllowanceCharge')}")
    reason = allowances[0].find(cbc("AllowanceChargeReason")) if len(allowances) == 1 else None
    if reason is None or not (reason.text or "").strip() or reason.attrib:
        return block
    return {**block, "price_discount_reason": claimed.element(reason)}


def _is_with_tax(tax: Any, line: Any, currency: str) -> bool:
    """Whether it is a line's tax and then its amount with tax, as the writer would write it."""
    if [child.tag for child in tax] != [cbc("TaxAmount"), cbc("RoundingAmount")]:
        return False
    if any(dict(child.attrib) != {"currencyID": currency} for child in tax):
        return False
    net = _at(line, cbc("LineExtensionAmount"))
    amount, with_tax = _at(tax, cbc("TaxAmount")), _at(tax, cbc("RoundingAmount"))
    return net is not None and amount is not None and with_tax == net + amount


def _derived(line: Any, decimals: int) -> Decimal:
    """The line's tax as it follows from net amount and rate."""
    net, rate = _at(line, cbc("LineExtensionAmount")), _at(line, f"{_ITEM_CATEGORY}/{cbc('Percent')}")
    return rounded((net or _ZERO) * (rate or _ZERO) / 100, decimals)


def _prepayment(line: Any, currency: str) -> Json | None:
    """The prepayment that a line stands for, if it says nothing else."""
    if peek(line, _KIND) != PREPAYMENT or any(_at(line, path) != 0 for path in _NOTHING):
        return None
    said = {name: text for name, path in _SAID.items() if (text := peek(line, path))}
    if not (_SAID.keys() - _OPTIONAL) <= said.keys() or not _says_only_that(line, said, currency):
        return None
    code, rate = f"{_ITEM_CATEGORY}/{cbc('ID')}", f"{_ITEM_CATEGORY}/{cbc('Percent')}"
    if peek(line, code) != said["category_code"] or _at(line, rate) != _at(line, _SAID["rate"]):
        return None
    unit = line.find(cbc("InvoicedQuantity")).get("unitCode")
    return {**said, "unit_of_measure_code": unit} if unit else None


def _says_only_that(line: Any, said: Json, currency: str) -> bool:
    """Whether every leaf of the line is one that was read or that the writer puts there, each once."""
    known = {*(_SAID[name] for name in said), *_NOTHING, _KIND, *_WRITTEN_TOO}
    leaves = [leaf for leaf in line.iter("*") if next(leaf.iterchildren("*"), None) is None]
    paths = [_path(leaf, line) for leaf in leaves]
    if len(set(paths)) != len(paths) or not set(paths) <= known:
        return False
    return all(
        dict(leaf.attrib) in ({}, {"currencyID": currency})
        or (leaf.tag == cbc("InvoicedQuantity") and set(leaf.attrib) == {"unitCode"})
        for leaf in leaves
    )


def _path(leaf: Any, line: Any) -> str:
    steps = []
    while leaf is not line:
        steps.append(leaf.tag)
        leaf = leaf.getparent()
    return "/".join(reversed(steps))


def _at(element: Any, path: str) -> Decimal | None:
    try:
        return Decimal(peek(element, path))
    except InvalidOperation:
        return None
