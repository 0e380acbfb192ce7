"""The authority's judgement of one document: its hash, its stamp, its QR code, its owner, its content."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tallystick.sandbox.fatoora import law, qr
from tallystick.sandbox.fatoora.answers import WRONG_HASH, WRONG_VAT
from tallystick.sandbox.fatoora.finding import Finding, warning
from tallystick.sandbox.fatoora.form import Form
from tallystick.sandbox.fatoora.hashing import FIRST_PIH, excluded
from tallystick.sandbox.fatoora.registry import Credential
from tallystick.sandbox.fatoora.stamp import NoStamp, Stamp, read_stamp, verified
from tallystick.sandbox.judge.complaint import Addressing
from tallystick.sandbox.judge.order import order
from tallystick.sandbox.judge.paper import INVOICE, Part, Unreadable

Flow = Literal["reporting", "clearance", "compliance"]
_NOBODY = Addressing("", "", "", "", "")
_DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Case:
    """A document before the authority. `parent_text`: certificate of the unit's compliance credential."""

    form: Form
    flow: Flow
    credential: Credential
    now: datetime
    parent_text: str = ""
    strict: bool = True


def judged(case: Case) -> list[Finding]:
    """Everything that is wrong, worst kind of trouble first. Empty: nothing is."""
    root = case.form.root
    if root is None:
        return [_schema(case.form.trouble)]
    broken = list(_structure(root))
    if broken:
        return broken
    return [*_identity(case), *_stamped(case, root), *_chained(case), *_content(case, root)]


def schema_valid(findings: list[Finding]) -> bool:
    """Whether the document passed the schema, which the authority says in so many words."""
    return all(finding.code != "XSD_ZATCA_INVALID" for finding in findings)


def _schema(text: str) -> Finding:
    return Finding(
        "ERROR",
        "XSD_ZATCA_INVALID",
        "XSD validation",
        f"Schema validation failed; XML does not comply with UBL 2.1 standards: {text}"[:500],
    )


def _structure(root: Part) -> Iterator[Finding]:
    if root.element.tag != f"{{{INVOICE}}}Invoice":
        yield _schema("the root is no UBL Invoice")
        return
    names = [child.tag for child in excluded(root.element)]
    if len(names) != len(set(names)):
        yield _schema("extensions, QR code or signature stand twice")
    for needed in ("cac:AccountingSupplierParty", "cac:AccountingCustomerParty", "cac:LegalMonetaryTotal"):
        if not root.has(needed):
            yield _schema(f"{needed} is missing")
    for complaint in order(root, _NOBODY):
        yield _schema(complaint.text)


def _identity(case: Case) -> Iterator[Finding]:
    form, owner = case.form, case.credential
    if form.hash != form.claimed_hash:
        yield WRONG_HASH
    if form.uuid != form.text("cbc:UUID"):
        yield Finding(
            "ERROR", "invalid-uuid", "Invoice-Errors", "The uuid of the API body is not that of the XML"
        )
    name = _type_name(form)
    side = "cac:AccountingCustomerParty" if name[6:7] == "1" else "cac:AccountingSupplierParty"
    if form.text(f"{side}/cac:Party/cac:PartyTaxScheme/cbc:CompanyID") != owner.vat:
        yield _wrong_buyer() if side.endswith("CustomerParty") else WRONG_VAT
    if form.kind[0] in ("01", "02") and not owner.covers(form.kind[0]):
        text = "The certificate does not cover documents of this type"
        yield Finding("ERROR", "certificate-permissions", "certificate-permissions", text)
    if case.flow == "clearance" and form.kind[0] == "02":
        text = "Simplified documents are reported, not cleared"
        yield Finding("ERROR", "invalid-invoice-type", "Invoice-Errors", text)


def _type_name(form: Form) -> str:
    code = None if form.root is None else form.root.one("cbc:InvoiceTypeCode")
    return "" if code is None else code.attribute("name")


def _wrong_buyer() -> Finding:
    text = "The buyer who bills himself must be the owner of the authentication certificate"
    return Finding("ERROR", "WRONG_BUYER_VAT_NUMBER", "SELF_BILLED_VALIDATION", text)


def _stamped(case: Case, root: Part) -> Iterator[Finding]:
    simplified = case.form.kind[0] == "02"
    try:
        stamp = read_stamp(root.element)
    except NoStamp as problem:
        yield Finding("ERROR", "invalid-certificate", "CERTIFICATE_ERRORS", f"Invalid stamp: {problem}"[:300])
        return
    needed = simplified or case.flow == "reporting"
    if stamp is None and needed:
        yield Finding("ERROR", "invalid-digital-signature", "SIGNATURE_ERRORS", "The document is not stamped")
    if stamp is not None:
        yield from verified(stamp, case.form.digest, strict=case.strict)
        yield from _owned(case, stamp)
    yield from qr.checked(
        root, case.form.digest, stamp, needed=needed, simplified=simplified, strict=case.strict
    )


def _owned(case: Case, stamp: Stamp) -> Iterator[Finding]:
    """The certificate in the stamp must be the one of the credential that the document came under."""
    if stamp.certificate_text == case.credential.certificate_text:
        return
    text = "The document must be signed with the certificate it is submitted under"
    if case.parent_text and stamp.certificate_text == case.parent_text:
        yield Finding("WARNING", "invalid-signing-certificate", "CERTIFICATE_ERRORS", text)
    else:
        yield Finding("ERROR", "invalid-signing-certificate", "CERTIFICATE_ERRORS", text)


def _chained(case: Case) -> Iterator[Finding]:
    pih = case.form.pih
    if pih and not plausible_pih(pih):
        yield Finding("ERROR", "KSA-13", "PIH_VALIDATION", "PIH is invalid")
    if case.form.icv and not _DIGITS.fullmatch(case.form.icv):
        return  # BR-KSA-34 tells it
    if case.form.icv and (int(case.form.icv[:40]) == 0 or len(case.form.icv) > 18):
        yield warning("KSA-16", "The invoice counter value must be a counter from 1")


def plausible_pih(text: str) -> bool:
    """Whether a text can be a predecessor's hash: 32 bytes in base64, or what the first document names."""
    if text == FIRST_PIH:
        return True
    try:
        return len(b64decode(text, validate=True)) == 32
    except (ValueError, Base64Error):
        return False


def _content(case: Case, root: Part) -> Iterator[Finding]:
    for rules in law.LAWS:
        try:
            yield from rules(root)
        except Unreadable as problem:
            yield _schema(problem.text)
        except ArithmeticError:
            yield _schema("a number that nobody can calculate with")
    yield from law.clock(root, case.now)
