"""What `read`, `check` and `build` make of one document: pure, no file, no printing, no database."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, structs

from tallystick.canonical import Fault, Invoice, anew, complete, decode, encode, placed, proven
from tallystick.conformance import (
    Example,
    ExampleInvalid,
    Judged,
    built,
    enrolment,
    errors,
    example_of,
    read_example,
)
from tallystick.conformance.cases import suffix_of
from tallystick.conformance.judging import finest
from tallystick.strategies import Choice, Registry, load
from tallystick.strategy import Artifact, Enrols, Strategy, Unread

__all__ = ["Made", "Office"]

NOBODY: Final = "No strategy recognises this document."


class Made(Struct, frozen=True, kw_only=True):
    """What came of a document: `body` is the result, None if there is none because of `faults`.

    `faults` holds warnings too; `suffix` is how the result's file ends; `facts` are worth telling.
    """

    body: bytes | None = None
    suffix: str = ".json"
    faults: tuple[Fault, ...] = ()
    unread: tuple[Unread, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    facts: Mapping[str, Any] = {}

    @property
    def good(self) -> bool:
        """Whether nothing blocks."""
        return self.body is not None and not errors(self.faults)


class Office:
    """Reads, checks and builds under a test enrolment, so that no registration is needed.

    `strategy` and `rules` override what the document asks for; `file` is an enrolment in place of the
    built-in one.
    """

    def __init__(
        self, strategy: str | None = None, rules: str | None = None, file: Path | None = None
    ) -> None:
        """Raises KeyError for an unknown strategy, ExampleInvalid for an enrolment that does not fit."""
        self.registry: Registry = load()
        self._asked = self.registry.by_name(strategy) if strategy else None
        self._rules = rules
        self._given = read_example(file) if file else None
        knowing = [self._asked] if self._asked else self.registry.all
        if rules is not None and not any(map(has_rules, knowing)):
            raise ExampleInvalid(f"{strategy or 'any strategy'} has no rules to choose from")
        for one in knowing:
            if self._asked is not None or (rules is not None and has_rules(one)):
                enrolment(one, example=self.example(one))

    def example(self, strategy: Strategy) -> Example:
        """What the enrolment says: the given file, else the strategy's built-in one, and the chosen rules."""
        found = self._given or example_of(strategy.name)
        if self._rules is None:
            return found
        return structs.replace(found, settings={**found.settings, "rules": self._rules})

    def read(self, body: bytes) -> Made:
        """A wire document as canonical JSON, and what the model could not carry."""
        refusals = []
        for reader in self.registry.readers(body):
            try:
                reading = reader.read(body)
            except ValueError as error:  # Unreadable: hostile or foreign bytes
                code = getattr(error, "code", "unreadable")
                refusals.append(Fault(code=f"document/{code}", pointer="", message=str(error)))
                continue
            text = msgspec.json.format(self._in_order(reading.invoice), indent=2) + b"\n"
            return Made(body=text, unread=reading.unread, facts={"strategy": getattr(reader, "name", "")})
        nobody = Fault(code="document/not-recognised", pointer="", message=NOBODY)
        return Made(faults=tuple(refusals) or (nobody,))

    def _in_order(self, text: bytes) -> bytes:
        """Canonical JSON in the model's order where it is an invoice, so that equal ones are equal bytes."""
        invoice = decode(text, self.registry.blocks).invoice
        return text if invoice is None else encode(invoice)

    def check(self, body: bytes) -> Made:
        """Every fault of canonical JSON; the result is the completed invoice."""
        judged, facts = self._judged(body)
        if judged.invoice is None or errors(judged.faults):
            return Made(faults=judged.faults, facts=facts)
        text = msgspec.json.format(encode(judged.invoice), indent=2) + b"\n"
        return Made(body=text, faults=judged.faults, facts=facts)

    def build(self, body: bytes) -> Made:
        """The wire document of canonical JSON, if nothing is wrong with it."""
        judged, facts = self._judged(body)
        strategy = facts.get("strategy")
        if judged.invoice is None or strategy is None or errors(judged.faults):
            return Made(faults=judged.faults, facts=facts)
        document = built(self.registry.by_name(strategy), judged)
        marks = {"media_type": document.media_type, "marks": dict(document.marks)}
        return Made(
            body=document.body,
            suffix=f".{suffix_of(document.media_type)}",
            faults=judged.faults,
            artifacts=document.artifacts,
            facts={**facts, **marks},
        )

    def _judged(self, body: bytes) -> tuple[Judged, dict[str, Any]]:
        """The invoice with all its faults, each once, and who serves its seller and why."""
        decoded = decode(body, self.registry.blocks)
        if decoded.invoice is None:
            return Judged(None, None, decoded.faults, ()), {}
        choice = self._choice(decoded.invoice)
        decimals = None if isinstance(choice, Fault) else finest(choice.strategy)
        completed = complete(decoded.invoice, decimals)
        invoice, found = completed.invoice, [*decoded.faults, *completed.faults]
        if isinstance(choice, Fault):
            return Judged(invoice, None, placed(once([*found, choice]), body), ()), {}
        strategy = choice.strategy
        trial = enrolment(strategy, invoice=invoice, example=self.example(strategy))
        public = structs.replace(trial, signer=None, secrets={}, session=None, slot=None)
        own = tuple(strategy.check(invoice, public))
        facts = {"strategy": strategy.name, "strategy_reason": choice.reason, "computed": completed.computed}
        told = placed(once([*found, *own]), body, invoice)
        again = anew(self.registry.blocks, decimals, lambda other: strategy.check(other, public))
        return Judged(invoice, trial, proven(told, body, again), own), facts

    def _choice(self, invoice: Invoice) -> Choice | Fault:
        """Who judges: whom the user named, else who serves the seller, if it knows the rules asked for."""
        if self._asked is not None:
            return Choice(self._asked, "asked for")
        country = invoice.seller.postal_address.country_code
        choice = self.registry.dispatch(country, invoice.tax_region, invoice.regime)
        knowing = [one for one in self.registry.all if has_rules(one)]
        if self._rules is None or len(knowing) != 1:
            return choice
        return Choice(knowing[0], f"rules {self._rules}")


def has_rules(strategy: Strategy) -> bool:
    """Whether an enrolment of the strategy may choose rules."""
    return isinstance(strategy, Enrols) and "rules" in strategy.settings_type.__struct_fields__


def once(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Each place and number once: the model and a strategy may both know a rule."""
    seen = {
        (fault.pointer, fault.rule.id if fault.rule else fault.code): fault for fault in reversed([*faults])
    }
    return tuple(reversed(seen.values()))
