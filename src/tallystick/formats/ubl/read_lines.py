"""The reading tables of invoice lines."""

from typing import Any, Final

from tallystick.formats.ubl.names import OBJECT_REFERENCE
from tallystick.formats.ubl.read_money import FALSE, adjustment
from tallystick.formats.ubl.read_parties import SCHEME
from tallystick.formats.ubl.steps import (
    Json,
    Page,
    Table,
    amount,
    cac,
    cbc,
    code,
    day,
    each,
    fixed,
    flat,
    group,
    identifier,
    items,
    leaf,
    number,
    peek,
)

__all__ = ["LINES"]

_PERIOD: Final[Table] = {cbc("StartDate"): day("start_date"), cbc("EndDate"): day("end_date")}

_object = flat({cbc("ID"): identifier("object_identifier"), cbc("DocumentTypeCode"): fixed(OBJECT_REFERENCE)})


def _document(page: Page, element: Any, into: Json) -> None:
    """The invoiced object. Reference without a type code are read as such too; others are left."""
    kind = peek(element, cbc("DocumentTypeCode"))
    if kind in ("", OBJECT_REFERENCE) and peek(element, cbc("ID")):
        _object(page, element, into)
    else:
        page.leftovers.tree(element)


_discount = flat(
    {
        cbc("ChargeIndicator"): fixed(*FALSE),
        cbc("Amount"): amount("item_price_discount"),
        cbc("BaseAmount"): amount("item_gross_price"),
    }
)


def _price_allowance(page: Page, element: Any, into: Json) -> None:
    """Discount and gross price. A charge on the price has no term."""
    if peek(element, cbc("ChargeIndicator")) in FALSE and peek(element, cbc("Amount")):
        _discount(page, element, into)
    else:
        page.leftovers.tree(element)


_PRICE: Final[Table] = {
    cbc("PriceAmount"): amount("item_net_price"),
    cbc("BaseQuantity"): number("base_quantity", {"unitCode": "base_quantity_unit_code"}),
    cac("AllowanceCharge"): _price_allowance,
}

_CLASSIFICATION: Final = leaf("value", None, {"listID": "scheme", "listVersionID": "scheme_version"})


def _classification(page: Page, element: Any, into: Json) -> None:
    taken: Json = {}
    _CLASSIFICATION(page, element, taken)
    if taken:
        into.setdefault("classification_identifiers", []).append(taken)


_TAX: Final[Table] = {
    cbc("ID"): code("category_code"),
    cbc("Percent"): number("rate"),
    cac("TaxScheme"): SCHEME,
}

_ITEM: Final[Table] = {
    cbc("Description"): leaf("description"),
    cbc("Name"): leaf("name"),
    cac("BuyersItemIdentification"): flat({cbc("ID"): leaf("buyers_identifier")}),
    cac("SellersItemIdentification"): flat({cbc("ID"): leaf("sellers_identifier")}),
    cac("StandardItemIdentification"): flat({cbc("ID"): identifier("standard_identifier")}),
    cac("OriginCountry"): flat({cbc("IdentificationCode"): code("country_of_origin")}),
    cac("CommodityClassification"): each({cbc("ItemClassificationCode"): _classification}),
    cac("ClassifiedTaxCategory"): group("tax", _TAX),
    cac("AdditionalItemProperty"): items(
        "attributes", {cbc("Name"): leaf("name"), cbc("Value"): leaf("value")}
    ),
}

_item = group("item", _ITEM)


def _item_with_tax(page: Page, element: Any, into: Json) -> None:
    """The item; its tax category is the line's."""
    _item(page, element, into)
    page.took(element, into["item"])
    if "tax" in into["item"]:
        into["tax"] = into["item"].pop("tax")


_QUANTITY: Final = number("invoiced_quantity", {"unitCode": "unit_of_measure_code"})

_LINE: Final[Table] = {
    cbc("ID"): leaf("line_identifier"),
    cbc("Note"): leaf("note"),
    cbc("InvoicedQuantity"): _QUANTITY,
    cbc("CreditedQuantity"): _QUANTITY,
    cbc("LineExtensionAmount"): amount("net_amount"),
    cbc("AccountingCost"): leaf("buyer_accounting_reference"),
    cac("InvoicePeriod"): group("period", _PERIOD, needless=True),
    cac("OrderLineReference"): flat({cbc("LineID"): leaf("purchase_order_line_reference")}),
    cac("DocumentReference"): _document,
    cac("AllowanceCharge"): adjustment(),
    cac("Item"): _item_with_tax,
    cac("Price"): group("price", _PRICE),
}

LINES: Final[Table] = {
    cac("InvoiceLine"): items("lines", _LINE),
    cac("CreditNoteLine"): items("lines", _LINE),
}
