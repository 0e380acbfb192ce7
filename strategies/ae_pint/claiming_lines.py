"""Lines: their amounts in dirhams, what is said of the commodity, why they are exempt."""

import re
from typing import Any, Final

from tallystick.formats.ubl import Claimed
from tallystick.formats.ubl.steps import Json, cac, cbc, peek

from .leaves import single
from .nature import DIRHAM
from .profile import SERVICE_CODES

__all__ = ["claim_lines"]

_EXTENSION: Final = cac("ItemPriceExtension")
_COMMODITY: Final = f"{cac('Item')}/{cac('CommodityClassification')}"
_CATEGORY: Final = f"{cac('Item')}/{cac('ClassifiedTaxCategory')}"
_SERVICE: Final = f"{cac('Item')}/{cac('AdditionalItemIdentification')}"
_LOT: Final = f"{cac('Item')}/{cac('ItemInstance')}"
_REASONS: Final = (
    (cbc("TaxExemptionReasonCode"), "exemption_reason_code"),
    (cbc("TaxExemptionReason"), "exemption_reason"),
)
_COMMODITIES: Final = ("G", "S", "B")
_amount: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,12})?").fullmatch


def claim_lines(root: Any, claimed: Claimed) -> list[Json]:
    """The blocks of the lines, in their order."""
    currency = peek(root, cbc("DocumentCurrencyCode"))
    lines = [*root.findall(cac("InvoiceLine")), *root.findall(cac("CreditNoteLine"))]
    return [_of_line(line, claimed, currency) for line in lines]


def _of_line(line: Any, claimed: Claimed, currency: str) -> Json:
    block: Json = {}
    extensions = line.findall(_EXTENSION)
    if len(extensions) == 1 and _is_in_dirhams(extensions[0]):
        block["amount_in_aed"] = peek(extensions[0], cbc("Amount"))
        tax = peek(extensions[0], cac("TaxTotal"), cbc("TaxAmount"))
        if tax:
            block["tax_in_aed"] = tax
        claimed.element(extensions[0])
    _commodity(line, claimed, block)
    _category(line, claimed, block, currency)
    for path, leaf, key in (
        (_SERVICE, [cbc("ID")], "service_code"),
        (_LOT, [cac("LotIdentification"), cbc("LotNumberID")], "lot"),
    ):
        found = line.findall(path)
        scheme = {"schemeID": SERVICE_CODES} if key == "service_code" else {}
        value = single(found[0], leaf, scheme) if len(found) == 1 else None
        if value:
            block[key] = value
            claimed.element(found[0])
    return block


def _is_in_dirhams(element: Any) -> bool:
    """Whether it holds an amount and at most one tax, both in dirhams, and nothing else."""
    leaves = [one for one in element.iter("*") if next(one.iterchildren("*"), None) is None]
    tags = [one.tag for one in leaves]
    return (
        tags in ([cbc("Amount")], [cbc("Amount"), cbc("TaxAmount")])
        and all(dict(one.attrib) == {"currencyID": DIRHAM} for one in leaves)
        and all(_amount((one.text or "").strip()) for one in leaves)
    )


def _commodity(line: Any, claimed: Claimed, block: Json) -> None:
    """Of all classes together: the writer puts it in front of the first."""
    for one in line.findall(_COMMODITY):
        nature, kind = one.find(cbc("NatureCode")), one.find(cbc("CommodityCode"))
        if nature is not None and "nature" not in block and (nature.text or "").strip():
            block["nature"] = claimed.element(nature)
        if kind is not None and "commodity" not in block and (kind.text or "").strip() in _COMMODITIES:
            block["commodity"] = claimed.element(kind)


def _category(line: Any, claimed: Claimed, block: Json, currency: str) -> None:
    category = line.find(_CATEGORY)
    if category is None:
        return
    for tag, key in _REASONS:
        found = category.findall(tag)
        if len(found) == 1 and not found[0].attrib and (found[0].text or "").strip():
            block[key] = claimed.element(found[0])
    unit = category.find(cbc("PerUnitAmount"))
    known = unit is not None and dict(unit.attrib) == {"currencyID": currency}
    if known and _amount((unit.text or "").strip()):
        block["tax_base_per_unit"] = claimed.element(unit)
