"""Our rules beside the authority's own, on the same documents."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from tallystick.canonical import Fault, Invoice, complete, decode
from tallystick.conformance import enrolment
from tallystick.conformance.rules import rules_of
from tallystick.conformance.trial import public_half
from tallystick.strategies import load
from tallystick.strategy import Enrolment
from unit.strategies.sa_zatca.cases import FIXTURES
from unit.strategies.sa_zatca.judge import Verdict, judged

Findings = Counter[tuple[str, str]]

CRASHES: Final = frozenset(
    {
        "sa/creditor-identifier",
        "sa/reserved-reference",
        "sa/second-account",
        "sa/second-buyer-identifier",
        "sa/second-tax-number",
    }
)
"""Refusals of what the rule files cannot judge, or would take for a part of ours."""

_ALL_RATES: Final = frozenset(
    {
        "BR-KSA-84",
        "BR-KSA-93",
        "BR-KSA-94",
        "BR-KSA-95",
        "BR-KSA-96",
        "BR-KSA-CL-07",
        "BR-KSA-F-06-C39",
    }
)
_EXCHANGE: Final = frozenset({"BR-KSA-88", "BR-KSA-89", "BR-KSA-90"})
_standard_rated: Final = re.compile(rb"TaxCategory><cbc:ID[^>]*>[ \t\r\n]*S[ \t\r\n]*</cbc:ID>")
_currencies: Final = re.compile(rb"<cbc:(?!RoundingAmount)\w+ currencyID=\"([A-Z]{3})\"")


class Compared(Struct, frozen=True):
    """One document that both have judged."""

    what: str
    body: bytes
    faults: tuple[Fault, ...]
    theirs: tuple[tuple[str, str], ...]

    def apart(self, without: str = "") -> str:
        """How the two differ, empty if they do not. `without` is a number that we are made to forget."""
        told: Findings = Counter()
        for fault in self.faults:
            if fault.rule is not None and fault.rule.id != without:
                told[fault.rule.id, fault.severity] += repeats(fault, self.body)
        theirs: Findings = Counter(self.theirs)
        if told == theirs:
            return ""
        return f"{self.what}: only here {dict(told - theirs)}, only there {dict(theirs - told)}"


def saudi() -> Any:
    """The strategy, as the gateway loads it."""
    return load().by_name("sa_zatca")


def repeats(fault: Fault, body: bytes) -> int:
    """How often the rule files say what is said once here.

    They judge some things anew at each of several elements: all rates of category S at each category S, the
    exchange rate at three elements, a note's reason at each means of payment, an advance that nothing points
    to at each line, a currency at each amount.
    """
    number = fault.rule.id if fault.rule else ""
    if number in _ALL_RATES:
        return len(_standard_rated.findall(body))
    if number in _EXCHANGE:
        return 3
    if number in ("BR-KSA-17", "BR-KSA-F-06-C13"):
        return body.count(b"<cac:PaymentMeans>") or 1
    if number == "BR-KSA-73" and b"<cac:DocumentReference>" not in body:
        return body.count(b"<cac:InvoiceLine>")
    if number == "BR-CL-03":
        return _currencies.findall(body).count(fault.actual.encode())
    if number == "BR-KSA-CL-01":
        lines = body[body.index(b"<cac:InvoiceLine>") :]
        return 1 + 2 * lines.count(b"<cac:TaxSubtotal>") + body.count(b"<cbc:PayableRoundingAmount ")
    return 1


class Agreement:
    """What became of a heap of invoices.

    `apart` tells each document on which the two do not say the same numbers with the same severities equally
    often; `unsound` each that nothing stopped here and that is no valid document. `fired` counts in how many
    documents each number was said by both; `crashed` the refusals at which the rule files gave up. The clock
    is the one of this machine, which theirs is too: fixtures are years old and mutants decades off, so that
    no document is judged while its day begins or ends.
    """

    def __init__(self) -> None:
        self.strategy = saudi()
        self.now = datetime.now(UTC)
        self.compared: list[Compared] = []
        self.unsound: list[str] = []
        self.crashed: Counter[str] = Counter()
        self.unread = self.refused = 0

    @property
    def apart(self) -> list[str]:
        """How the two differ, document by document."""
        return [found for one in self.compared if (found := one.apart())]

    @property
    def fired(self) -> Findings:
        """In how many documents each number was said by the authority's rules."""
        return Counter(number for one in self.compared for number in set(one.theirs))

    def over(self, invoices: Iterable[tuple[str, bytes]]) -> "Agreement":
        """Judge them all."""
        for what, body in invoices:
            self._one(what, body)
        return self

    def survivors(self, numbers: Iterable[str]) -> Iterator[str]:
        """Those numbers whose rule could be taken out here without anybody noticing."""
        for number in numbers:
            said = (
                one
                for one in self.compared
                if any(fault.rule and fault.rule.id == number for fault in one.faults)
            )
            if not any(one.apart(without=number) for one in said):
                yield number

    def _one(self, what: str, body: bytes) -> None:
        """Judge one invoice, whatever the model's own arithmetic says of it."""
        decoded = decode(body, {self.strategy.regime: self.strategy.blocks})
        if decoded.invoice is None:
            self.unread += 1
            return
        completed = complete(decoded.invoice, self.strategy.decimals)
        invoice = completed.invoice
        given = replace(enrolment(self.strategy, invoice=invoice, cases=FIXTURES), now=self.now)
        faults = tuple(self.strategy.check(invoice, public_half(given)))
        stopped = any(fault.severity == "error" for fault in (*completed.faults, *faults))
        document = self._built(what, invoice, given, stopped=stopped)
        if document is not None:
            self._compare(what, document, faults, judged(document), stopped=stopped)

    def _built(self, what: str, invoice: Invoice, given: Enrolment, *, stopped: bool) -> bytes | None:
        if not whole(invoice):
            self.refused += 1
            return None
        try:
            return bytes(self.strategy.build(invoice, given).body)
        except Exception as error:  # noqa: BLE001  # what was refused may fail in any way
            if not stopped:
                self.unsound.append(f"{what}: cannot be built: {error!r}")
            self.refused += 1
            return None

    def _compare(
        self, what: str, document: bytes, faults: tuple[Fault, ...], verdict: Verdict, *, stopped: bool
    ) -> None:
        traps = {fault.code for fault in faults} & CRASHES
        if verdict.crash or traps:
            self.crashed.update(traps if verdict.crash else ())
            if not stopped:
                self.unsound.append(f"{what}: the rules crash: {verdict.crash}")
            return
        if verdict.schema and not stopped:
            self.unsound.append(f"{what}: against the schema: {verdict.schema}")
        self.compared.append(Compared(what, document, faults, verdict.found))


def whole(invoice: Invoice) -> bool:
    """Whether the model has all sums: where it cannot compute one, it refuses."""
    taxes = [entry.tax_category_tax_amount for entry in invoice.tax_breakdown]
    return invoice.document_totals.amount_due_for_payment is not None and None not in taxes


def native() -> Mapping[str, str]:
    """Every number of the authority's that is checked here, with its severity."""
    rules = rules_of("sa_zatca", FIXTURES).values()
    return {rule.id: rule.severity for rule in rules if rule.set == "zatca" and not rule.impossible}
