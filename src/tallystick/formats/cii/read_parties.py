"""The reading tables of parties, addresses and delivery."""

from typing import Any, Final

from tallystick.formats.cii.names import FISCAL_NUMBER, TAX_NUMBER
from tallystick.formats.cii.steps import day, ram, unschemed
from tallystick.formats.ubl.leftovers import NO_TERM, ONLY_ONE
from tallystick.formats.ubl.steps import (
    Json,
    Page,
    Step,
    Table,
    code,
    flat,
    group,
    identifier,
    identifiers,
    leaf,
)

__all__ = ["BUYER", "DELIVERY_EVENT", "PAYEE", "REPRESENTATIVE", "SELLER", "SHIP_TO"]

_ADDRESS: Final[Table] = {
    ram("PostcodeCode"): leaf("post_code"),
    ram("LineOne"): leaf("line_1"),
    ram("LineTwo"): leaf("line_2"),
    ram("LineThree"): leaf("line_3"),
    ram("CityName"): leaf("city"),
    ram("CountryID"): code("country_code"),
    ram("CountrySubDivisionName"): leaf("country_subdivision"),
}

_CONTACT: Final[Table] = {
    ram("PersonName"): leaf("point"),
    ram("DepartmentName"): leaf("point"),
    ram("TelephoneUniversalCommunication"): flat({ram("CompleteNumber"): leaf("telephone_number")}),
    ram("EmailURIUniversalCommunication"): flat({ram("URIID"): leaf("email_address")}),
}


def _numbers(kinds: dict[str, str]) -> Step:
    """A party's number under its kind; another kind, and a second number of one, is left."""

    def step(page: Page, element: Any, into: Json) -> None:
        number = element.find(ram("ID"))
        kind = number.get("schemeID", "").strip() if number is not None else ""
        key = kinds.get(kind)
        if key is None or key in into or not (number.text or "").strip():
            page.leftovers.tree(element, ONLY_ONE if key in into else NO_TERM)
            return
        page.enter(element)
        taken: Json = {}
        page.walk(element, {ram("ID"): leaf("value", None, {"schemeID": "kind"})}, taken)
        if "value" in taken:
            into[key] = taken["value"]

    return step


_PARTY: Final[Table] = {
    ram("ID"): unschemed(identifiers("identifiers")),
    ram("GlobalID"): identifiers("identifiers"),
    ram("Name"): leaf("name"),
    ram("SpecifiedLegalOrganization"): flat(
        {
            ram("ID"): identifier("legal_registration_identifier"),
            ram("TradingBusinessName"): leaf("trading_name"),
        }
    ),
    ram("DefinedTradeContact"): group("contact", _CONTACT, needless=True),
    ram("PostalTradeAddress"): group("postal_address", _ADDRESS),
    ram("URIUniversalCommunication"): flat({ram("URIID"): identifier("electronic_address")}),
}

SELLER: Final = group(
    "seller",
    {
        **_PARTY,
        ram("Description"): leaf("additional_legal_information"),
        ram("SpecifiedTaxRegistration"): _numbers(
            {TAX_NUMBER: "tax_identifier", FISCAL_NUMBER: "tax_registration_identifier"}
        ),
    },
)

BUYER: Final = group(
    "buyer",
    {**_PARTY, ram("SpecifiedTaxRegistration"): _numbers({TAX_NUMBER: "tax_identifier"})},
    needless=True,
)

REPRESENTATIVE: Final = group(
    "seller_tax_representative",
    {
        ram("Name"): leaf("name"),
        ram("PostalTradeAddress"): group("postal_address", _ADDRESS),
        ram("SpecifiedTaxRegistration"): _numbers({TAX_NUMBER: "tax_identifier"}),
    },
)

PAYEE: Final = group(
    "payee",
    {
        ram("ID"): unschemed(identifiers("identifiers")),
        ram("GlobalID"): identifiers("identifiers"),
        ram("Name"): leaf("name"),
        ram("SpecifiedLegalOrganization"): flat({ram("ID"): identifier("legal_registration_identifier")}),
    },
)

_SHIP_TO: Final[Table] = {
    ram("ID"): unschemed(identifier("deliver_to_location_identifier")),
    ram("GlobalID"): identifier("deliver_to_location_identifier"),
    ram("Name"): leaf("deliver_to_party_name"),
    ram("PostalTradeAddress"): group("deliver_to_address", _ADDRESS),
}

_EVENT: Final[Table] = {ram("OccurrenceDateTime"): day("actual_delivery_date")}


def _within_delivery(table: Table) -> Step:
    """A container whose terms belong to the delivery; one that says nothing makes none."""

    def step(page: Page, element: Any, into: Json) -> None:
        page.enter(element)
        taken: Json = into.get("delivery", {})
        page.walk(element, table, taken)
        if taken:
            into["delivery"] = taken

    return step


SHIP_TO: Final = _within_delivery(_SHIP_TO)
DELIVERY_EVENT: Final = _within_delivery(_EVENT)
