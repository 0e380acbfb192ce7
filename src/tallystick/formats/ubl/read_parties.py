"""The reading tables of parties, addresses and delivery."""

from typing import Any, Final

from tallystick.formats.ubl.leftovers import NO_TERM, ONLY_ONE
from tallystick.formats.ubl.names import DIRECT_DEBITS, SEPA
from tallystick.formats.ubl.steps import (
    Json,
    Page,
    Step,
    Table,
    cac,
    cbc,
    code,
    day,
    each,
    fixed,
    flat,
    group,
    identifier,
    identifiers,
    leaf,
    peek,
)

__all__ = ["PARTIES", "SCHEME", "settle_creditor_identifier"]


def _tax_scheme(page: Page, element: Any, into: Json) -> None:
    fixed(page.tax_scheme)(page, element, into)


def _registration_scheme(page: Page, element: Any, into: Json) -> None:
    fixed(page.registration_scheme)(page, element, into)


SCHEME: Final[Step] = flat({cbc("ID"): _tax_scheme})
"""The scheme of a tax category, which is always that of the profile."""

_REGISTRATION: Final[Step] = flat({cbc("ID"): _registration_scheme})

_ADDRESS: Final[Table] = {
    cbc("StreetName"): leaf("line_1"),
    cbc("AdditionalStreetName"): leaf("line_2"),
    cbc("CityName"): leaf("city"),
    cbc("PostalZone"): leaf("post_code"),
    cbc("CountrySubentity"): leaf("country_subdivision"),
    cac("AddressLine"): flat({cbc("Line"): leaf("line_3")}),
    cac("Country"): flat({cbc("IdentificationCode"): code("country_code")}),
}

_CONTACT: Final[Table] = {
    cbc("Name"): leaf("point"),
    cbc("Telephone"): leaf("telephone_number"),
    cbc("ElectronicMail"): leaf("email_address"),
}


def _tax_scheme_of(tax: str, registration: str | None) -> Step:
    """A party's number under the tax scheme goes to `tax`, one under another scheme to `registration`.

    Where there is no `registration`, every scheme is read as the tax scheme and its spelling is left.
    """

    def step(page: Page, element: Any, into: Json) -> None:
        scheme = peek(element, cac("TaxScheme"), cbc("ID")).upper()
        is_tax = scheme == page.tax_scheme or registration is None
        key = tax if is_tax or registration is None else registration
        if key in into or not peek(element, cbc("CompanyID")):
            page.leftovers.tree(element, ONLY_ONE if key in into else NO_TERM)
            return
        page.enter(element)
        written = SCHEME if is_tax else _REGISTRATION
        page.walk(element, {cbc("CompanyID"): leaf(key), cac("TaxScheme"): written}, into)

    return step


_PARTY: Final[Table] = {
    cbc("EndpointID"): identifier("electronic_address"),
    cac("PartyIdentification"): each({cbc("ID"): identifiers("identifiers")}),
    cac("PartyName"): flat({cbc("Name"): leaf("trading_name")}),
    cac("Contact"): group("contact", _CONTACT, needless=True),
    cac("PostalAddress"): group("postal_address", _ADDRESS),
}

_LEGAL_ENTITY: Final[Table] = {
    cbc("RegistrationName"): leaf("name"),
    cbc("CompanyID"): identifier("legal_registration_identifier"),
}

_SELLER: Final[Table] = {
    **_PARTY,
    cac("PartyTaxScheme"): _tax_scheme_of("tax_identifier", "tax_registration_identifier"),
    cac("PartyLegalEntity"): flat(
        {**_LEGAL_ENTITY, cbc("CompanyLegalForm"): leaf("additional_legal_information")}
    ),
}

_BUYER: Final[Table] = {
    **_PARTY,
    cac("PartyTaxScheme"): _tax_scheme_of("tax_identifier", None),
    cac("PartyLegalEntity"): flat(_LEGAL_ENTITY),
}

_PAYEE: Final[Table] = {
    cac("PartyIdentification"): each({cbc("ID"): identifiers("identifiers")}),
    cac("PartyName"): flat({cbc("Name"): leaf("name")}),
    cac("PartyLegalEntity"): flat({cbc("CompanyID"): identifier("legal_registration_identifier")}),
}

_REPRESENTATIVE: Final[Table] = {
    cac("PartyName"): flat({cbc("Name"): leaf("name")}),
    cac("PostalAddress"): group("postal_address", _ADDRESS),
    cac("PartyTaxScheme"): _tax_scheme_of("tax_identifier", None),
}

_DELIVERY: Final[Table] = {
    cbc("ActualDeliveryDate"): day("actual_delivery_date"),
    cac("DeliveryLocation"): flat(
        {
            cbc("ID"): identifier("deliver_to_location_identifier"),
            cac("Address"): group("deliver_to_address", _ADDRESS),
        }
    ),
    cac("DeliveryParty"): flat(
        {cac("PartyName"): flat({cbc("Name"): leaf("deliver_to_party_name")})},
    ),
}

PARTIES: Final[Table] = {
    cac("AccountingSupplierParty"): group("seller", {cac("Party"): flat(_SELLER)}),
    cac("AccountingCustomerParty"): group("buyer", {cac("Party"): flat(_BUYER)}, needless=True),
    cac("PayeeParty"): group("payee", _PAYEE),
    cac("TaxRepresentativeParty"): group("seller_tax_representative", _REPRESENTATIVE),
    cac("Delivery"): group("delivery", _DELIVERY, needless=True),
}


def settle_creditor_identifier(invoice: Json) -> None:
    """BT-90 stands among a party's identifiers: give it to the first direct debit.

    The writer puts it on the payee if there is one, else on the seller. Where the document has it elsewhere
    it also stays an identifier of its party; without a direct debit it is nothing else.
    """
    means = invoice.get("payment_instructions", ())
    debits = [one for one in means if "direct_debit" in one]
    debits += [one for one in means if one.get("payment_means_type_code") in DIRECT_DEBITS]
    if not debits:
        return
    for name in ("payee", "seller"):
        party = invoice.get(name, {})
        stated = [one for one in party.get("identifiers", ()) if one.get("scheme") == SEPA]
        if not stated:
            continue
        debits[0].setdefault("direct_debit", {})["bank_assigned_creditor_identifier"] = stated[0]["value"]
        if name == "payee" or "payee" not in invoice:
            party["identifiers"].remove(stated[0])
            if not party["identifiers"]:
                del party["identifiers"]
        return
