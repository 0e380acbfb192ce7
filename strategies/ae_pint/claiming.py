"""What the reader of UBL has no term for: claimed here, and put into the blocks."""

import re
from collections.abc import Callable
from typing import Any, Final

from tallystick.formats.ubl import Claimed
from tallystick.formats.ubl.steps import Json, cac, cbc, peek

from .blocks import FLAGS, REGIME
from .claiming_lines import claim_lines
from .leaves import single
from .nature import DIRHAM
from .profile import INCOTERMS, OF_TOTAL, ZONE

__all__ = ["Claims"]

_flags: Final = re.compile(r"[01]{8}").fullmatch
_uuid: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_time: Final = re.compile(r"(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])(\+04:00)?").fullmatch
_total: Final = re.compile(rf"{DIRHAM} (-?[0-9]{{1,18}}(?:\.[0-9]{{1,12}})?)").fullmatch
_currency: Final = re.compile(r"[A-Z]{3}").fullmatch

_PARTIES: Final = {
    "seller": f"{cac('AccountingSupplierParty')}/{cac('Party')}",
    "buyer": f"{cac('AccountingCustomerParty')}/{cac('Party')}",
}
_AGENCY: Final = (
    ("schemeAgencyID", "legal_identifier_type"),
    ("schemeAgencyName", "legal_identifier_authority"),
)


class Claims:
    """Everything of one document that its profile adds, found before the reader walks it."""

    def __init__(self, root: Any, claimed: Claimed) -> None:
        self._root = root
        self._claimed = claimed
        self._block: Json = {}
        self._terms: Json = {}
        self._head()
        self._references()
        self._parties()
        self._money()
        self._legal = {name: self._legal_of(path) for name, path in _PARTIES.items()}
        self._lines = claim_lines(root, claimed)

    def finish(self, invoice: Json) -> None:
        """Put what was claimed into the canonical JSON."""
        invoice.update(self._terms)
        code = invoice.pop("tax_point_date_code", None)
        if code is not None:
            self._block["billing_frequency"] = code
        if self._block:
            invoice["regime_data"] = {REGIME: self._block}
        for name, block in self._legal.items():
            if block and name in invoice:
                invoice[name]["regime_data"] = {REGIME: block}
        for line, block in zip(invoice.get("lines", ()), self._lines, strict=False):
            if block:
                line["regime_data"] = {REGIME: block}

    def _head(self) -> None:
        flags = self._root.find(cbc("ProfileExecutionID"))
        if flags is not None and _flags((flags.text or "").strip()):
            digits = self._claimed.element(flags)
            set_ = [flag for flag, digit in zip(FLAGS, digits, strict=True) if digit == "1"]
            self._block.update(dict.fromkeys(set_, True))
        self._take(cbc("UUID"), "uuid", lambda text: text if _uuid(text) else None)
        at = self._root.find(cbc("IssueTime"))
        if at is not None and _time((at.text or "").strip()):
            self._terms["issue_time"] = self._claimed.element(at).removesuffix(ZONE)

    def _take(self, tag: str, key: str, accept: Callable[[str], str | None]) -> None:
        found = self._root.find(tag)
        value = None if found is None else accept((found.text or "").strip())
        if found is not None and value and not found.attrib:
            self._block[key] = value
            self._claimed.element(found)

    def _references(self) -> None:
        self._only(cac("DiscrepancyResponse"), [cbc("ResponseCode")], "credit_reason")
        self._only(cac("StatementDocumentReference"), [cbc("ID")], "statement")
        for one in self._root.findall(cac("AdditionalDocumentReference")):
            total = _total(peek(one, cbc("DocumentDescription")))
            plain = [child.tag for child in one.iterchildren("*")] == [
                cbc("ID"),
                cbc("DocumentTypeCode"),
                cbc("DocumentDescription"),
            ]
            ours = peek(one, cbc("DocumentTypeCode")) == OF_TOTAL and peek(one, cbc("ID")) == DIRHAM
            if ours and plain and total and "total_with_tax_in_aed" not in self._block:
                self._block["total_with_tax_in_aed"] = total[1]
                self._claimed.element(one)

    def _parties(self) -> None:
        path = [cac("Party"), cac("PartyIdentification"), cbc("ID")]
        self._only(cac("BuyerCustomerParty"), path, "beneficiary")
        self._only(cac("SellerSupplierParty"), path, "principal")
        for terms in self._root.findall(f"{cac('Delivery')}/{cac('DeliveryTerms')}"):
            leaf = single(terms, [cbc("ID")], {"schemeID": INCOTERMS})
            if leaf and "delivery_terms" not in self._block:
                self._block["delivery_terms"] = leaf
                self._claimed.element(terms)

    def _only(self, tag: str, path: list[str], key: str) -> None:
        """An element that holds one leaf and nothing else."""
        found = self._root.findall(tag)
        leaf = single(found[0], path) if len(found) == 1 else None
        if leaf:
            self._block[key] = leaf
            self._claimed.element(found[0])

    def _money(self) -> None:
        for tax in self._root.findall(cac("TaxTotal")):
            included = tax.find(cbc("TaxIncludedIndicator"))
            if included is not None and (included.text or "").strip() in ("false", "0"):
                self._claimed.element(included)
        rates = self._root.findall(cac("TaxExchangeRate"))
        taken = _exchange(rates[0]) if len(rates) == 1 else None
        if taken:
            self._terms["exchange_rate"] = taken
            self._claimed.element(rates[0])

    def _legal_of(self, path: str) -> Json:
        company = self._root.find(f"{path}/{cac('PartyLegalEntity')}/{cbc('CompanyID')}")
        if company is None:
            return {}
        named = [(name, key) for name, key in _AGENCY if company.get(name, "").strip()]
        return {key: self._claimed.attribute(company, name) for name, key in named}


def _exchange(element: Any) -> Json | None:
    names = {
        cbc("SourceCurrencyCode"): "from",
        cbc("TargetCurrencyCode"): "to",
        cbc("CalculationRate"): "rate",
        cbc("Date"): "date",
    }
    children = list(element.iterchildren("*"))
    taken = {names.get(child.tag, ""): (child.text or "").strip() for child in children}
    whole = {"from", "to", "rate"} <= taken.keys() and "" not in taken and len(taken) == len(children)
    if not whole or any(child.attrib for child in children) or not all(taken.values()):
        return None
    return taken if _currency(taken["from"]) and _currency(taken["to"]) else None
