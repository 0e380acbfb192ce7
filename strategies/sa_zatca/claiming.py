"""What a document of this platform says beyond EN 16931, taken out of it element by element.

An element is claimed only if the writer would put it back as it was; what differs is left for the general
reader, which names it. Stamp, QR code, counter and hash of the chain are nobody's news: each document has its
own.
"""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from lxml.etree import tostring

from tallystick.canonical import EXPONENTS
from tallystick.formats.ubl import Claimed
from tallystick.formats.ubl.steps import Json, cac, cbc, peek

from .money import RIYAL, decimals_of
from .profile import PROCESS
from .reading_lines import claim_lines

__all__ = ["Claims"]

_EXTENSIONS: Final = "{urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2}UBLExtensions"
_OF_THE_CHAIN: Final = frozenset({"ICV", "PIH", "QR"})
_uuid: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
_time: Final = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]").fullmatch
_code: Final = re.compile("0([12])([01])([01])([01])([01])([01])([01]?)([01]?)").fullmatch
_language: Final = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*").fullmatch
_FLAGS: Final = ("third_party", "nominal", "export", "summary", "self_billed")
_ADDRESS: Final = {
    cbc("BuildingNumber"): "building_number",
    cbc("PlotIdentification"): "plot_identification",
    cbc("CitySubdivisionName"): "district",
}
ONE: Final = "C62"
"""The unit of a quantity that names none: one."""

_OFTEN: Final = 9
_LISTS: Final = (("ID", "UN/ECE 5305"), ("TaxScheme/ID", "UN/ECE 5153"))


class Claims:
    """Claims on one document, and what they say in canonical JSON."""

    def __init__(self, root: Any, claimed: Claimed) -> None:
        self._root, self._claimed = root, claimed
        self._sa: Json = {}
        self._document: Json = {}
        self._parties: dict[str, Json] = {"seller": {}, "buyer": {}}
        self._head()
        self._notes()
        self._chain()
        self._places()
        self._payment()
        self._alike: set[Any] = set()
        self._categories()
        self._lists()
        currency = peek(root, cbc("DocumentCurrencyCode"))
        decimals = decimals_of(currency) if currency in EXPONENTS else 2
        self._lines, prepayments = claim_lines(root, claimed, decimals)
        if prepayments:
            self._sa["prepayments"] = prepayments

    def finish(self, invoice: Json) -> None:
        """Put what was claimed into the invoice, and leave out what the writer derives."""
        invoice.update(self._document)
        for line, block in zip(invoice.get("lines", ()), self._lines, strict=False):
            if block.get("without_unit"):
                line["unit_of_measure_code"] = ONE
        for holder, block in (
            (invoice, self._sa),
            *((invoice.get(name, {}), block) for name, block in self._parties.items()),
            *zip(invoice.get("lines", ()), self._lines, strict=False),
            *zip(invoice.get("allowances", ()), self._repeated("false"), strict=False),
            *zip(invoice.get("charges", ()), self._repeated("true"), strict=False),
        ):
            if block:
                holder["regime_data"] = {"sa": block}
        if invoice.get("business_process_type") == PROCESS:
            del invoice["business_process_type"]
        _forget_derived_tax(invoice)
        self._codes_as_they_stand(invoice)

    def _codes_as_they_stand(self, invoice: Json) -> None:
        """Exemption codes with the blanks around them: the platform's rules tell one from the other."""
        entries = invoice.get("tax_breakdown", ())
        subtotals = self._root.findall(f"{cac('TaxTotal')}/{cac('TaxSubtotal')}")
        if len(entries) != len(subtotals):
            return
        for entry, subtotal in zip(entries, subtotals, strict=True):
            stated = subtotal.findtext(f"{cac('TaxCategory')}/{cbc('TaxExemptionReasonCode')}")
            if entry.get("exemption_reason_code") and stated:
                entry["exemption_reason_code"] = stated

    def _head(self) -> None:
        root = self._root
        uuid, issued = root.find(cbc("UUID")), root.find(cbc("IssueTime"))
        if uuid is not None and _uuid((uuid.text or "").strip()) and not uuid.attrib:
            self._sa["uuid"] = self._claimed.element(uuid)
        if issued is not None and _time((issued.text or "").strip()) and not issued.attrib:
            self._document["issue_time"] = self._claimed.element(issued)
        kind = root.find(cbc("InvoiceTypeCode"))
        code = _code(kind.get("name", "")) if kind is not None else None
        if code:
            self._flags(code)
            self._claimed.attribute(kind, "name")

    def _flags(self, code: re.Match[str]) -> None:
        simplified, flags, continuous, public = code[1] == "2", code.groups()[1:6], code[7], code[8]
        self._document["transaction_type"] = "b2c" if simplified else "b2g" if public == "1" else "b2b"
        self._sa.update({name: True for name, flag in zip(_FLAGS, flags, strict=True) if flag == "1"})
        country = peek(
            self._root,
            cac("AccountingCustomerParty"),
            cac("Party"),
            cac("PostalAddress"),
            cac("Country"),
            cbc("IdentificationCode"),
        )
        if not simplified and "export" not in self._sa and country not in ("", "SA"):
            self._sa["export"] = False
        if continuous == "1":
            self._sa["continuous_supply"] = True

    def _notes(self) -> None:
        notes = self._root.findall(cbc("Note"))
        languages = {note.get("languageID", "") for note in notes}
        language = languages.pop() if len(languages) == 1 else ""
        if _language(language):
            self._sa["note_language"] = language
            for note in notes:
                self._claimed.attribute(note, "languageID")

    def _chain(self) -> None:
        """Stamp, code and chain: not the invoice's own."""
        root = self._root
        elements = [*root.iterfind(_EXTENSIONS), *root.iterfind(cac("Signature"))]
        elements += [
            one
            for one in root.iterfind(cac("AdditionalDocumentReference"))
            if peek(one, cbc("ID")) in _OF_THE_CHAIN
        ]
        for element in elements:
            self._claimed.element(element)

    def _places(self) -> None:
        for name, block in zip(("Supplier", "Customer"), self._parties.values(), strict=True):
            address = self._root.find(
                f"{cac(f'Accounting{name}Party')}/{cac('Party')}/{cac('PostalAddress')}"
            )
            for child in address if address is not None else ():
                key = _ADDRESS.get(child.tag)
                if key and key not in block and (child.text or "").strip() and not child.attrib:
                    block[key] = self._claimed.element(child)
        end = self._root.find(f"{cac('Delivery')}/{cbc('LatestDeliveryDate')}")
        if end is not None and _is_date(end.text):
            self._sa["supply_end_date"] = self._claimed.element(end)

    def _payment(self) -> None:
        """Why a note was issued, where every means of payment says the same; and the terms of the first."""
        means = self._root.findall(cac("PaymentMeans"))
        self._reasons([one.findall(cbc("InstructionNote")) for one in means])
        if means:
            self._terms(means[0].find(cac("PayeeFinancialAccount")))
        self._exchange()

    def _reasons(self, notes: list[list[Any]]) -> None:
        texts = [[(note.text or "").strip() for note in found] for found in notes]
        if not texts or not texts[0] or not all(texts[0]) or any(one != texts[0] for one in texts):
            return
        self._sa["reason"], *more = texts[0]
        if more:
            self._sa["more_reasons"] = more
        for note in (note for found in notes for note in found):
            self._claimed.element(note)

    def _terms(self, account: Any) -> None:
        """Terms of payment, which stand on the account here; an account that is nothing else is none."""
        terms = account.find(cbc("PaymentNote")) if account is not None else None
        if (
            terms is None
            or not (terms.text or "").strip()
            or self._root.find(cac("PaymentTerms")) is not None
        ):
            return
        self._document["payment_terms"] = self._claimed.element(terms)
        if len(account) == 1:
            self._claimed.element(account)

    def _exchange(self) -> None:
        rate = self._root.find(cac("TaxExchangeRate"))
        names = ("SourceCurrencyCode", "TargetCurrencyCode", "CalculationRate")
        if (
            rate is None
            or {child.tag for child in rate} != {cbc(name) for name in names}
            or len(rate) != len(names)
        ):
            return
        values = [peek(rate, cbc(name)) for name in names]
        if all(values) and _number(values[2]) is not None:
            self._claimed.element(rate)
            self._document["exchange_rate"] = dict(zip(("from", "to", "rate"), values, strict=True))

    def _repeated(self, indicator: str) -> list[Json]:
        """The blocks of allowances ("false") or charges: for those whose tax category stands there twice."""
        found = []
        for one in self._root.iterfind(cac("AllowanceCharge")):
            if peek(one, cbc("ChargeIndicator")) == indicator:
                times = len(one.findall(cac("TaxCategory"))) if one in self._alike else 1
                found.append({"tax_categories": times} if times > 1 else {})
        return found

    def _categories(self) -> None:
        """Claim each tax category that only repeats the one before it."""
        for one in self._root.iterfind(cac("AllowanceCharge")):
            first, *others = one.findall(cac("TaxCategory")) or [None]
            if others and len(others) < _OFTEN and all(tostring(first) == tostring(more) for more in others):
                self._alike.add(one)
                for more in others:
                    self._claimed.element(more)

    def _lists(self) -> None:
        """Whether the tax categories name their code lists, all of one kind alike."""
        kinds = {
            "adjustments": self._root.findall(f"{cac('AllowanceCharge')}/{cac('TaxCategory')}"),
            "breakdown": self._root.findall(f"{cac('TaxTotal')}/{cac('TaxSubtotal')}/{cac('TaxCategory')}"),
        }
        for name, categories in kinds.items():
            coded = [element for category in categories if (element := _listed(category))]
            if coded and len(coded) == len(categories):
                self._sa.setdefault("code_lists", []).append(name)
                for element in (element for pair in coded for element in pair):
                    for attribute in element.attrib:
                        self._claimed.attribute(element, attribute)


def _listed(category: Any) -> list[Any]:
    """The two elements of a tax category, if both name exactly the list the writer would name."""
    found = []
    for path, scheme in _LISTS:
        steps = path.split("/")
        element = category.find("/".join([*(cac(step) for step in steps[:-1]), cbc(steps[-1])]))
        if element is None or dict(element.attrib) != {"schemeID": scheme, "schemeAgencyID": "6"}:
            return []
        found.append(element)
    return found


def _forget_derived_tax(invoice: Json) -> None:
    """In a document in riyals BT-111 is BT-110, and the tax currency goes without saying."""
    totals = invoice.get("document_totals", {})
    tax, accounted = totals.get("total_tax_amount"), totals.get("total_tax_amount_in_accounting_currency")
    if invoice.get("currency_code") != RIYAL or invoice.get("tax_currency_code") != RIYAL:
        return
    if tax is not None and accounted is not None and _number(tax) == _number(accounted):
        del totals["total_tax_amount_in_accounting_currency"]
        del invoice["tax_currency_code"]


def _number(text: str | None) -> Decimal | None:
    try:
        return Decimal(text or "")
    except InvalidOperation:
        return None


def _is_date(text: str | None) -> bool:
    try:
        date.fromisoformat((text or "").strip())
    except ValueError:
        return False
    return True
