"""The sandbox's judgement of a document: its own reading, its own rules, the public rule ids.

What it checks is what keeps a document from being refused by a receiving access point: well-formedness,
agreement with the envelope, mandatory terms, code lists, dates, EN 16931 and Peppol arithmetic, VAT
categories. It is no complete rule engine: national identifiers and national rules are left out. A document
of a PINT is looked at for what all PINTs share, an XRechnung for what German receivers want, a document in
CII for its sums and what must be there.
"""

from __future__ import annotations

from dataclasses import dataclass

from tallystick.sandbox.judge import german, industry, network, order, pint, presence, sums, tax
from tallystick.sandbox.judge.complaint import Addressing, Complaint, Rule
from tallystick.sandbox.judge.paper import (
    CREDIT_NOTE,
    CROSS_INDUSTRY_INVOICE,
    INVOICE,
    Part,
    Unreadable,
    parse,
)

__all__ = ["Addressing", "Complaint", "Judgement", "judge", "number_of"]

_RULES: tuple[Rule, ...] = (
    network.envelope,
    order.order,
    order.emptiness,
    presence.header,
    presence.line_terms,
    presence.allowances,
    presence.groups,
    presence.references,
    network.document,
    network.currencies,
    network.amounts,
    network.dates,
    network.code_lists,
    network.address_schemes,
    network.global_numbers,
    network.reasons,
    network.line_references,
    sums.totals,
    sums.taxes,
    sums.line_amounts,
    sums.entries,
    sums.decimals,
    tax.categories,
    tax.exemptions,
    tax.identified,
)
_PINT_RULES: tuple[Rule, ...] = (network.envelope, order.emptiness, pint.header, pint.sums, pint.lines)
_GERMAN_RULES: tuple[Rule, ...] = (
    network.envelope,
    order.order,
    order.emptiness,
    presence.header,
    presence.line_terms,
    presence.allowances,
    presence.groups,
    presence.references,
    german.header,
    network.amounts,
    network.dates,
    sums.totals,
    sums.taxes,
    sums.line_amounts,
    tax.categories,
    tax.identified,
)
_CII_RULES: tuple[Rule, ...] = (industry.envelope, industry.header, industry.sums)
_LIMIT = 50
"""Complaints kept per document: enough to mend it, short enough to log."""
_CII_ROOT = f"{{{CROSS_INDUSTRY_INVOICE}}}CrossIndustryInvoice"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The outcome. `number` is the document's own number, empty when it could not be read."""

    complaints: tuple[Complaint, ...]
    number: str = ""

    @property
    def accepted(self) -> bool:
        """Whether nothing was wrong."""
        return not self.complaints

    @property
    def rules(self) -> list[str]:
        """Broken rules, each once, in the order found."""
        return list(dict.fromkeys(complaint.rule for complaint in self.complaints))


def judge(document: bytes, addressing: Addressing) -> Judgement:
    """Judge one document against its addressing. Never raises for any bytes."""
    try:
        root = parse(document)
    except Unreadable as refusal:
        return Judgement((Complaint(refusal.rule, refusal.text),))
    rules = _rules(root)
    if not rules:
        return Judgement((Complaint("SANDBOX-ROOT", f"{root.element.tag} is no UBL invoice or credit note"),))
    found: dict[Complaint, None] = {}
    for rule in rules:
        found.update(dict.fromkeys(_heard(rule, root, addressing)))
    return Judgement(tuple(found)[:_LIMIT], number_of(root))


def number_of(root: Part) -> str:
    """The document's own number, in either syntax; empty where there is none."""
    return industry.number_of(root) if root.element.tag == _CII_ROOT else root.text("cbc:ID")


def _rules(root: Part) -> tuple[Rule, ...]:
    """What is looked at; nothing for a document that is no invoice."""
    if root.element.tag == _CII_ROOT:
        return _CII_RULES
    if root.element.tag not in (f"{{{INVOICE}}}Invoice", f"{{{CREDIT_NOTE}}}CreditNote"):
        return ()
    specification = root.text("cbc:CustomizationID")
    if pint.named(specification):
        return _PINT_RULES
    return _GERMAN_RULES if german.named(specification) else _RULES


def _heard(rule: Rule, root: Part, addressing: Addressing) -> list[Complaint]:
    """All complaints of one group; a value that is no number ends the group with that complaint."""
    complaints: list[Complaint] = []
    try:
        complaints.extend(rule(root, addressing))
    except Unreadable as refusal:
        complaints.append(Complaint(refusal.rule, refusal.text))
    return complaints
