"""Two verdicts on one document, held against each other as multisets of number and severity."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from tallystick.canonical import Fault, Invoice, complete, decode
from tallystick.conformance import enrolment
from tallystick.conformance.judging import finest
from tallystick.strategy import Enrolment

__all__ = ["Agreement", "Compared", "Family", "Verdict", "blocks_of"]

Findings = Counter[tuple[str, str]]


class Verdict(Struct, frozen=True):
    """What the official judge found: (number, severity) as often as it says so; `crash` is its own error."""

    found: tuple[tuple[str, str], ...]
    schema: str = ""
    crash: str = ""


class Family(Struct, frozen=True, kw_only=True):
    """One profile under comparison.

    `native` are the numbers that are checked here, with their severities; `impossible` those that no
    document of our writer breaks. `enrolled` is the enrolment an invoice is judged under, `judged` the
    official verdict on a document; `heap` yields that many invoices for a seed, each with what was done to
    it. `unheard` are refusals of our own, behind which the official judge may say anything. `repeats` tells
    how often the judge says on a document what is said once here, `unfinished` which numbers are compared
    where the model could not compute all sums.
    """

    name: str
    strategy: Any
    native: Mapping[str, str]
    impossible: frozenset[str]
    enrolled: Callable[[Enrolment], Enrolment]
    judged: Callable[[bytes], Verdict]
    heap: Callable[[int, int], Iterator[tuple[str, bytes]]]
    unheard: frozenset[str] = frozenset()
    repeats: Callable[[Fault, bytes], int] = lambda fault, body: 1
    unfinished: frozenset[str] = frozenset()


class Compared(Struct, frozen=True):
    """One document that both have judged, `ours` and `theirs`."""

    what: str
    ours: tuple[tuple[str, str], ...]
    theirs: tuple[tuple[str, str], ...]

    def apart(self, without: str = "") -> str:
        """How the two differ, empty if they do not. `without` is a number that we are made to forget."""
        ours: Findings = Counter(finding for finding in self.ours if finding[0] != without)
        theirs: Findings = Counter(self.theirs)
        if ours == theirs:
            return ""
        return f"{self.what}: only here {_told(ours - theirs)}; only there {_told(theirs - ours)}"


def _told(findings: Findings) -> str:
    return ", ".join(f"{count} {number} ({level})" for (number, level), count in sorted(findings.items()))


class Agreement:
    """What became of a heap of invoices.

    `unsound` tells each document that nothing stopped here and that is no valid document; `unread` and
    `refused` count what the model itself turned down, so that no document came of it; `crashed` those on
    which the official judge gave up, all refused here.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self.compared: list[Compared] = []
        self.unsound: list[str] = []
        self.unread = self.refused = self.crashed = self.unheard = 0

    @property
    def apart(self) -> list[str]:
        """How the two differ, document by document."""
        return [found for one in self.compared if (found := one.apart())]

    @property
    def fired(self) -> Counter[str]:
        """In how many documents each number was said by the official judge."""
        return Counter(number for one in self.compared for number, _ in set(one.theirs))

    @property
    def silent(self) -> list[str]:
        """The numbers that are checked here and that no document broke."""
        fired = self.fired
        return sorted(number for number in self.family.native if number not in fired)

    @property
    def broken(self) -> list[str]:
        """The numbers that are called impossible and were broken all the same."""
        return sorted(number for number in self.fired if number in self.family.impossible)

    def over(self, invoices: Iterable[tuple[str, bytes]]) -> "Agreement":
        """Judge them all."""
        for what, body in invoices:
            self._one(what, body)
        return self

    def survivors(self, numbers: Iterable[str]) -> list[str]:
        """Those numbers whose rule could be taken out here without anybody noticing."""
        saying: dict[str, list[Compared]] = {}
        for one in self.compared:
            for number in {number for number, _ in one.ours}:
                saying.setdefault(number, []).append(one)
        return [n for n in numbers if not any(one.apart(without=n) for one in saying.get(n, ()))]

    def _one(self, what: str, body: bytes) -> None:
        """Judge one invoice, whatever the model's own arithmetic says of it."""
        strategy = self.family.strategy
        decoded = decode(body, blocks_of(strategy))
        if decoded.invoice is None:
            self.unread += 1
            return
        completed = complete(decoded.invoice, finest(strategy))
        invoice = completed.invoice
        whole = _whole(invoice)
        if not whole and not self.family.unfinished:
            self.refused += 1
            return
        given = self.family.enrolled(enrolment(strategy, invoice=invoice))
        faults: tuple[Fault, ...] = tuple(strategy.check(invoice, given))
        stopped = any(fault.severity == "error" for fault in (*completed.faults, *faults))
        document = bytes(strategy.build(invoice, given).body)
        verdict, ours = self.family.judged(document), self._counted(faults, document)
        if whole:
            self._compare(what, faults, ours, verdict, stopped=stopped)
        else:
            self._compare_unfinished(what, ours, verdict)

    def _counted(self, faults: Iterable[Fault], document: bytes) -> tuple[tuple[str, str], ...]:
        """Our findings, each as often as the official judge says it."""
        return tuple(
            (fault.rule.id, fault.severity)
            for fault in faults
            if fault.rule is not None
            for _ in range(self.family.repeats(fault, document))
        )

    def _compare_unfinished(self, what: str, ours: tuple[tuple[str, str], ...], verdict: Verdict) -> None:
        self.refused += 1
        known = self.family.unfinished
        ours, theirs = (tuple(one for one in found if one[0] in known) for found in (ours, verdict.found))
        self.compared.append(Compared(what, ours, theirs))

    def _compare(
        self,
        what: str,
        faults: tuple[Fault, ...],
        ours: tuple[tuple[str, str], ...],
        verdict: Verdict,
        *,
        stopped: bool,
    ) -> None:
        if {fault.code for fault in faults} & self.family.unheard:
            self.unheard += 1
            return
        if verdict.crash:
            self.crashed += 1
            if not stopped:
                self.unsound.append(f"{what}: the rules crash: {verdict.crash}")
            return
        if verdict.schema and not stopped:
            self.unsound.append(f"{what}: against the schema: {verdict.schema}")
        self.compared.append(Compared(what, ours, verdict.found))


def blocks_of(strategy: Any) -> Mapping[str, Any]:
    regime = getattr(strategy, "regime", None)
    return {} if regime is None else {regime: strategy.blocks}


def _whole(invoice: Invoice) -> bool:
    """Whether the model has all sums: where it cannot compute one, it refuses."""
    totals = invoice.document_totals
    amounts = [totals.amount_due_for_payment, totals.total_amount_with_tax, totals.total_tax_amount]
    amounts += [totals.sum_of_invoice_line_net_amount, totals.total_amount_without_tax]
    amounts += [line.net_amount for line in invoice.lines]
    for entry in invoice.tax_breakdown:
        amounts += [entry.tax_category_taxable_amount, entry.tax_category_tax_amount]
    return None not in amounts
