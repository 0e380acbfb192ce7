"""What a strategy makes of canonical JSON: the invoice, completed, and everything that is wrong with it."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tallystick.canonical import Fault, Invoice, RegimeBlocks, anew, complete, decode, placed, proven
from tallystick.conformance.cases import Case
from tallystick.conformance.trial import Example, changed, enrolment, example_of, public_half
from tallystick.strategy import CarriesData, Document, Enrolment, Rounds, Strategy

__all__ = ["Judged", "errors", "finest", "judge", "judge_case", "number_of"]


class Judged(Struct, frozen=True):
    """`invoice` is None when the bytes are no invoice; `faults` are all there are, in order of discovery.

    `own` are those among them that the strategy's `check` found.
    """

    invoice: Invoice | None
    enrolment: Enrolment | None
    faults: tuple[Fault, ...]
    own: tuple[Fault, ...]

    @property
    def good(self) -> bool:
        """Whether `build` must succeed: an invoice, and no fault that blocks."""
        return self.invoice is not None and not errors(self.faults)


def judge(
    strategy: Strategy,
    body: bytes,
    *,
    cases: Path | None = None,
    example: Example | None = None,
    blocks: Mapping[str, RegimeBlocks] | None = None,
) -> Judged:
    """Decode, complete and check canonical JSON as the gateway does, under the strategy's test enrolment."""
    own = {strategy.regime: strategy.blocks} if isinstance(strategy, CarriesData) else {}
    known = own if blocks is None else blocks
    decoded = decode(body, known)
    if decoded.invoice is None:
        return Judged(None, None, decoded.faults, ())
    completed = complete(decoded.invoice, finest(strategy))
    invoice = completed.invoice
    trial = enrolment(strategy, invoice=invoice, cases=cases, example=example)
    again = anew(known, finest(strategy), lambda other: strategy.check(other, public_half(trial)))
    found = proven(placed(strategy.check(invoice, public_half(trial)), body, invoice), body, again)
    sums = proven(placed((*decoded.faults, *completed.faults), body, invoice), body, again)
    return Judged(invoice, trial, (*sums, *found), found)


def judge_case(strategy: Strategy, case: Case, cases: Path | None = None) -> Judged:
    """The same for a case of the strategy's folder, under the enrolment it asks for."""
    example = changed(example_of(strategy.name, cases), case.enrolment)
    return judge(strategy, case.invoice, cases=cases, example=example)


def finest(strategy: Strategy) -> int | None:
    """How many decimals amounts have at most under the strategy; None: as many as their currency."""
    return strategy.decimals if isinstance(strategy, Rounds) else None


def built(strategy: Strategy, judged: Judged) -> Document:
    """The document of a good invoice. Raises ValueError for one that is not."""
    if judged.invoice is None or judged.enrolment is None:
        raise ValueError("there is no invoice to build from")
    return strategy.build(judged.invoice, judged.enrolment)


def errors(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """The faults that block; warnings and notes do not."""
    return tuple(fault for fault in faults if fault.severity == "error")


def number_of(fault: Fault) -> str:
    """Under which number the fault stands in the strategy's rule table."""
    return fault.rule.id if fault.rule else fault.code
