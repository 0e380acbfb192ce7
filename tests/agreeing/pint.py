"""PINT of a country: billing and self-billing, invoice and credit note, each under its own rule files."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from agreeing.comparing import Family
from agreeing.official import judge_of
from agreeing.pint_mutants import CASES, FIXTURES, Document, PintMutants
from tallystick.canonical import Fault
from tallystick.conformance.cases import cases_of, refusals_of
from tallystick.conformance.rules import rules_of
from tallystick.strategies import load

__all__ = ["PROFILES"]


def _family(strategy: str, name: str) -> Family:
    rules = rules_of(strategy, FIXTURES).values()
    return Family(
        name=name,
        strategy=load().by_name(strategy),
        native={rule.id: rule.severity for rule in rules if rule.checked},
        impossible=frozenset(rule.id for rule in rules if rule.impossible),
        enrolled=lambda given: given,
        judged=judge_of(_profile),
        heap=partial(_heap, strategy, self_billed=name.endswith("-sb")),
        repeats=_repeats,
        unfinished=frozenset({"ibr-015"}),
    )


def _profile(body: bytes) -> str:
    """By what the document says of itself."""
    head = body[: body.index(b"</cbc:CustomizationID>")]
    return "pint-ae-sb" if b"selfbilling" in head else "pint-ae"


def _repeats(fault: Fault, body: bytes) -> int:
    """How often the rule files say what is said once here: they judge a currency anew at each amount."""
    if fault.rule is None or fault.rule.id != "ibr-cl-03":
        return 1
    currency = f' currencyID="{fault.actual}"'.encode()
    return body.count(currency) - body.count(b"<cbc:PerUnitAmount" + currency)


def _heap(strategy: str, seed: int, count: int, *, self_billed: bool) -> Iterator[tuple[str, bytes]]:
    """The cases, the refusals, and as many mutants of both, one to four changes each."""
    good: dict[str, Document] = {one.name: json.loads(one.invoice) for one in cases_of(FIXTURES, strategy)}
    refused = {
        f"{one.breaks} #{place}": json.loads(body)
        for place, (one, body) in enumerate(refusals_of(FIXTURES, strategy))
    }
    bases = {name: _turned(one, self_billed=self_billed) for name, one in (good | refused).items()}
    yield from ((name, json.dumps(one).encode()) for name, one in bases.items())
    del bases["hundred_lines"]
    mutants = PintMutants(seed, bases)
    for changes, share in ((1, 0.35), (2, 0.35), (4, 0.3)):
        yield from mutants.take(round(count * share), changes)


def _turned(document: Document, *, self_billed: bool) -> Document:
    """The invoice as one of the profile, with types of its own; one that names its specification stays."""
    if "specification_identifier" in document:
        return document
    kinds = {"380": "389", "381": "261"} if self_billed else {"389": "380", "261": "381"}
    kind = document.get("type_code", "")
    turned = document | {"type_code": kinds.get(kind, kind)}
    if self_billed:
        turned["specification_identifier"] = "urn:peppol:pint:selfbilling-1@ae-1"
        turned.setdefault("business_process_type", "urn:peppol:bis:selfbilling")
    return turned


PROFILES: dict[str, Any] = {name: partial(_family, CASES.name, name) for name in ("pint-ae", "pint-ae-sb")}
"""Each profile by name, made when it is asked for."""
