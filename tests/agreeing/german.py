"""What German invoices say beyond other European ones, rightly and wrongly."""

import json
from copy import deepcopy
from typing import Any, Final

from agreeing.european import EuropeanMutants
from unit.strategies.peppol.mutants import Document

__all__ = ["CVD", "EXTENSION", "XRECHNUNG", "GermanMutants", "german_cases"]

XRECHNUNG: Final = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
EXTENSION: Final = f"{XRECHNUNG}#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
CVD: Final = f"{XRECHNUNG}#compliant#urn:xeinkauf.de:kosit:xrechnung:cvd_0.9"

_SPECIFICATIONS: Final = (
    XRECHNUNG,
    XRECHNUNG,
    EXTENSION,
    EXTENSION,
    CVD,
    CVD,
    f"{XRECHNUNG}.1",
    f" {EXTENSION}",
)
_SCHEMES: Final = ("XR01", "XR02", "XR03", "XR04", "9999", "SEPA", "0088")
_VEHICLE: Final[Document] = {
    "classification_identifiers": [{"value": "M1", "scheme": "CVD"}],
    "attributes": [{"name": "cva", "value": "clean"}],
}


class GermanMutants(EuropeanMutants):
    """The mutants of Peppol, with what XRechnung and its two relatives look at."""

    def __init__(self, seed: int, cases: dict[str, Document]) -> None:
        super().__init__(seed, cases)
        self.kinds += (
            self.specify,
            self.scheme,
            self.procure,
            self.procure,
            self.collect,
            self.tell,
            self.move_in,
        )

    def specify(self, document: Document) -> str:
        """It is of another specification."""
        document["specification_identifier"] = self.random.choice(_SPECIFICATIONS)
        return f"specified as {document['specification_identifier'][-24:]!r}"

    def scheme(self, document: Document) -> str:
        """Somebody or something is identified by a scheme of the extension, or by none that is known."""
        one = {"value": "123456789", "scheme": self.random.choice(_SCHEMES)}
        where = self.random.choice(("party", "legal", "address", "item", "place"))
        party = document[self.random.choice([n for n in ("seller", "buyer", "payee") if n in document])]
        if where == "party":
            party.setdefault("identifiers", []).append(one)
        elif where == "legal":
            party["legal_registration_identifier"] = one
        elif where == "address":
            document[self.random.choice(("seller", "buyer"))]["electronic_address"] = one
        elif where == "item":
            self.random.choice(document["lines"])["item"]["standard_identifier"] = one
        else:
            document.setdefault("delivery", {})["deliver_to_location_identifier"] = one
        return f"{where} {one['scheme']}"

    def procure(self, document: Document) -> str:
        """A vehicle was procured, cleanly documented or not."""
        item = self.random.choice(document["lines"])["item"]
        if self.random.random() < 0.6:
            document["specification_identifier"] = CVD
            document["contract_reference"] = "V-1"
            document["tender_or_lot_reference"] = "L-1"
        item.update(deepcopy(_VEHICLE))
        spoil = self.random.choice(("", "", "value", "scheme", "cva", "twice", "class", "attribute", "more"))
        if spoil == "value":
            item["classification_identifiers"][0]["value"] = self.random.choice(("M4", " M1 ", "m1"))
        elif spoil == "scheme":
            item["classification_identifiers"][0]["scheme"] = self.random.choice(("CVD ", "QQ", "STI"))
        elif spoil == "cva":
            item["attributes"][0]["value"] = self.random.choice(("dirty", " clean", "other"))
        elif spoil == "twice":
            item["attributes"] *= 2
        elif spoil == "class":
            item.pop("classification_identifiers")
        elif spoil == "attribute":
            item.pop("attributes")
        elif spoil == "more":
            item["classification_identifiers"] *= 2
        if self.random.random() < 0.2:
            document.pop(self.random.choice(("contract_reference", "tender_or_lot_reference")), None)
        return f"vehicle {spoil}"

    def collect(self, document: Document) -> str:
        """It is collected by direct debit, with some of what that takes."""
        debit = {
            "mandate_reference_identifier": "M1",
            "bank_assigned_creditor_identifier": "DE98ZZZ09999999999",
            "debited_account_identifier": "DE89370400440532013000",
        }
        for key in self.random.sample(sorted(debit), self.random.choice((0, 1, 1, 2, 3))):
            del debit[key]
        code = self.random.choice(("59", "59", "49", "58", "30", "48", "54 ", "10"))
        entry: Document = {"payment_means_type_code": code, "direct_debit": debit}
        if self.random.random() < 0.3:
            entry["payment_card"] = {"primary_account_number": "1234"}
        if self.random.random() < 0.3:
            number = self.random.choice(("DE89370400440532013000", "DE89 3704 0044 0532 0130 00", "12345"))
            entry["credit_transfers"] = [{"payment_account_identifier": number}]
        entries = document.setdefault("payment_instructions", [])
        if self.random.random() < 0.6:
            entries.clear()
        entries.append(entry)
        return f"collected {entry}"

    def tell(self, document: Document) -> str:
        """When it was delivered, in what currency, for whose attention: said otherwise or not at all."""
        what = self.random.choice(("when", "currency", "reference", "contact", "city"))
        if what == "when":
            for name in self.random.sample(("delivery", "invoicing_period", "tax_point_date_code"), 2):
                document.pop(name, None)
            if self.random.random() < 0.5:
                for line in document["lines"]:
                    line["period"] = {"start_date": "2026-02-01", "end_date": "2026-02-28"}
        elif what == "currency":
            document["currency_code"] = "HUF"
        elif what == "reference":
            document.pop("buyer_reference", None)
        elif what == "contact":
            contact: Any = document["seller"].get("contact", {})
            contact.pop(self.random.choice(("point", "telephone_number", "email_address")), None)
        else:
            party = document[self.random.choice(("seller", "buyer"))]
            party["postal_address"].pop(self.random.choice(("city", "post_code")), None)
        return f"told otherwise: {what}"

    def move_in(self, document: Document) -> str:
        """Both parties are whom a sound German invoice names, so that little else is wrong."""
        donor = self.cases["domestic_germany"]
        for name in ("seller", "buyer", "buyer_reference", "payment_instructions"):
            document[name] = json.loads(json.dumps(donor[name]))
        return "between Germans"


def german_cases(cases: dict[str, Document]) -> dict[str, Document]:
    """The same invoices as XRechnung; some of them as its extension or as procurement of vehicles."""
    turned = {}
    for place, (name, document) in enumerate(cases.items()):
        named = document.get("specification_identifier", "")
        own = named if named.startswith(XRECHNUNG) else (XRECHNUNG, XRECHNUNG, EXTENSION, CVD)[place % 4]
        turned[name] = document | {"specification_identifier": own}
    return turned
