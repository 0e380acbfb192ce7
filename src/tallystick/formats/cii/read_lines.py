"""The reading tables of invoice lines."""

from typing import Any, Final

from tallystick.formats.cii.names import OBJECT_REFERENCE, TAX
from tallystick.formats.cii.steps import FALSE, adjustment, day, ram, udt
from tallystick.formats.ubl.steps import (
    Json,
    Page,
    Table,
    amount,
    code,
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

__all__ = ["ADJUSTMENT", "LINE", "PERIOD", "object_reference"]

PERIOD: Final[Table] = {ram("StartDateTime"): day("start_date"), ram("EndDateTime"): day("end_date")}

ADJUSTMENT: Final[Table] = {
    ram("CalculationPercent"): number("percentage"),
    ram("BasisAmount"): amount("base_amount"),
    ram("ActualAmount"): amount("amount"),
    ram("ReasonCode"): code("reason_code"),
    ram("Reason"): leaf("reason"),
}

_CLASSIFICATION: Final = leaf("value", None, {"listID": "scheme", "listVersionID": "scheme_version"})


def _classification(page: Page, element: Any, into: Json) -> None:
    taken: Json = {}
    _CLASSIFICATION(page, element, taken)
    if taken:
        into.setdefault("classification_identifiers", []).append(taken)


_ITEM: Final[Table] = {
    ram("GlobalID"): identifier("standard_identifier"),
    ram("SellerAssignedID"): leaf("sellers_identifier"),
    ram("BuyerAssignedID"): leaf("buyers_identifier"),
    ram("Name"): leaf("name"),
    ram("Description"): leaf("description"),
    ram("ApplicableProductCharacteristic"): items(
        "attributes", {ram("Description"): leaf("name"), ram("Value"): leaf("value")}
    ),
    ram("DesignatedProductClassification"): each({ram("ClassCode"): _classification}),
    ram("OriginTradeCountry"): flat({ram("ID"): code("country_of_origin")}),
}

_DISCOUNT: Final[Table] = {
    ram("ChargeIndicator"): flat({udt("Indicator"): fixed(*FALSE)}),
    ram("ActualAmount"): amount("item_price_discount"),
}


def _price_allowance(page: Page, element: Any, into: Json) -> None:
    """The discount. A charge on the price has no term."""
    if peek(element, ram("ChargeIndicator"), udt("Indicator")) in (*FALSE, ""):
        _discount(page, element, into)
    else:
        page.leftovers.tree(element)


_discount = flat(_DISCOUNT)

_BASIS: Final = number("base_quantity", {"unitCode": "base_quantity_unit_code"})


def _gross_basis(page: Page, element: Any, into: Json) -> None:
    """How many units the gross price is for: said once, with the net price; another number is left."""
    taken: Json = {}
    _BASIS(page, element, taken)
    net = element.getparent().getparent().find(f"{ram('NetPriceProductTradePrice')}/{ram('BasisQuantity')}")
    same = net is None or ((net.text or "").strip(), net.get("unitCode")) == (
        (element.text or "").strip(),
        element.get("unitCode"),
    )
    if not same:
        page.leftovers.tree(element, "the net price is for another quantity")
    elif net is None:
        into.update({key: value for key, value in taken.items() if key not in into})


_GROSS: Final[Table] = {
    ram("ChargeAmount"): amount("item_gross_price"),
    ram("BasisQuantity"): _gross_basis,
    ram("AppliedTradeAllowanceCharge"): _price_allowance,
}

_NET: Final[Table] = {ram("ChargeAmount"): amount("item_net_price"), ram("BasisQuantity"): _BASIS}


def _into_price(table: Table) -> Any:
    def step(page: Page, element: Any, into: Json) -> None:
        page.enter(element)
        page.walk(element, table, into.setdefault("price", {}))

    return step


_AGREEMENT: Final[Table] = {
    ram("BuyerOrderReferencedDocument"): flat({ram("LineID"): leaf("purchase_order_line_reference")}),
    ram("GrossPriceProductTradePrice"): _into_price(_GROSS),
    ram("NetPriceProductTradePrice"): _into_price(_NET),
}

_TAX: Final[Table] = {
    ram("TypeCode"): fixed(TAX),
    ram("CategoryCode"): code("category_code"),
    ram("RateApplicablePercent"): number("rate"),
}


def object_reference(key: str) -> Any:
    """The invoiced object with its scheme."""
    parts = {
        ram("IssuerAssignedID"): leaf("value"),
        ram("TypeCode"): fixed(OBJECT_REFERENCE),
        ram("ReferenceTypeCode"): code("scheme"),
    }
    return group(key, parts, needless=True)


_object = object_reference("object_identifier")


def _document(page: Page, element: Any, into: Json) -> None:
    if peek(element, ram("TypeCode")) == OBJECT_REFERENCE and peek(element, ram("IssuerAssignedID")):
        _object(page, element, into)
    else:
        page.leftovers.tree(element)


_SETTLEMENT: Final[Table] = {
    ram("ApplicableTradeTax"): group("tax", _TAX),
    ram("BillingSpecifiedPeriod"): group("period", PERIOD, needless=True),
    ram("SpecifiedTradeAllowanceCharge"): adjustment(dict(ADJUSTMENT)),
    ram("SpecifiedTradeSettlementLineMonetarySummation"): flat(
        {ram("LineTotalAmount"): amount("net_amount")}
    ),
    ram("AdditionalReferencedDocument"): _document,
    ram("ReceivableSpecifiedTradeAccountingAccount"): flat({ram("ID"): leaf("buyer_accounting_reference")}),
}

_QUANTITY: Final = number("invoiced_quantity", {"unitCode": "unit_of_measure_code"})

LINE: Final = items(
    "lines",
    {
        ram("AssociatedDocumentLineDocument"): flat(
            {
                ram("LineID"): leaf("line_identifier"),
                ram("IncludedNote"): flat({ram("Content"): leaf("note")}),
            }
        ),
        ram("SpecifiedTradeProduct"): group("item", _ITEM),
        ram("SpecifiedLineTradeAgreement"): flat(_AGREEMENT),
        ram("SpecifiedLineTradeDelivery"): flat({ram("BilledQuantity"): _QUANTITY}),
        ram("SpecifiedLineTradeSettlement"): flat(_SETTLEMENT),
    },
)
