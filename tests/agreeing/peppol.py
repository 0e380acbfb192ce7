"""EN 16931 and Peppol BIS: billing and self-billing, invoice and credit note."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from agreeing.comparing import Family
from agreeing.european import EuropeanMutants
from agreeing.official import judge_of
from tallystick.canonical import Fault
from tallystick.conformance.cases import refusals_of
from tallystick.conformance.rules import rules_of
from tallystick.strategies import load
from tallystick.strategy import Enrolment
from unit.strategies.peppol.mutants import FIXTURES, Document, good_cases

__all__ = ["PROFILES", "once_here"]

SELF_BILLING: Final = (
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0",
    "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0",
)
_OFFICIAL: Final = {"poacc:billing:3.0": "peppol-bis3", "poacc:selfbilling:3.0": "peppol-bis3-sb"}


def _family(name: str) -> Family:
    strategy: Any = load().by_name("peppol")
    rules = rules_of("peppol", FIXTURES).values()
    choice = "en16931" if name == "en16931" else "peppol"

    def enrolled(given: Enrolment) -> Enrolment:
        return replace(given, settings=strategy.settings_type(rules=choice))

    return Family(
        name=name,
        strategy=strategy,
        native=_native(name),
        impossible=frozenset(rule.id for rule in rules if rule.impossible or rule.bindings == ("cii",)),
        enrolled=enrolled,
        judged=judge_of(partial(_profile, name)),
        heap=partial(_heap, name),
        repeats=once_here,
        unfinished=frozenset({"BR-15"}),
    )


def _native(name: str) -> Mapping[str, str]:
    """The numbers that are checked here under the profile, with their severities."""
    sets = {
        "en16931": {"en16931"},
        "peppol-bis3": {"en16931", "peppol-bis-3", "peppol-bis-3-national"},
        "peppol-bis3-sb": {"en16931", "peppol-bis-3"},
    }[name]
    rules = [rule for rule in rules_of("peppol", FIXTURES).values() if rule.set in sets]
    return {rule.id: rule.severity for rule in rules if not rule.impossible and rule.bindings != ("cii",)}


def _profile(name: str, body: bytes) -> str:
    """Under which official profile a document is judged: by what it says of itself, if it is Peppol's."""
    if name == "en16931":
        return "en16931-ubl"
    head = body[: body.index(b"</cbc:CustomizationID>")].decode()
    named = " ".join(head[head.rindex(">") + 1 :].split())
    return "peppol-bis3-sb" if named.startswith(SELF_BILLING[0]) else "peppol-bis3"


def once_here(fault: Fault, body: bytes) -> int:
    """How often the rule files say what is said once here: they judge a currency anew at each amount."""
    if fault.rule is None or fault.rule.id not in ("BR-CL-03", "PEPPOL-EN16931-CL007"):
        return 1
    return body.count(f'currencyID="{fault.actual}"'.encode())


def _heap(name: str, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """The cases, the refusals, and as many mutants of both, one to four changes each."""
    refused = {f"{one.breaks} #{place}": json.loads(body) for place, (one, body) in _refused()}
    bases = {key: _turned(name, one) for key, one in (good_cases() | refused).items()}
    if name == "peppol-bis3-sb":
        bases |= _misnamed(bases)
    yield from ((key, json.dumps(one).encode()) for key, one in bases.items())
    mutants = EuropeanMutants(seed, bases)
    for changes, share in ((1, 0.35), (2, 0.35), (4, 0.3)):
        yield from mutants.take(round(count * share), changes)


def _misnamed(bases: Mapping[str, Document]) -> dict[str, Document]:
    """Self-billed documents of a wrong specification, or of a kind that is none of theirs."""
    one = bases["standard"]
    return {
        "more than the specification": one | {"specification_identifier": f"{SELF_BILLING[0]}::x"},
        "another process": one | {"business_process_type": "urn:other"},
        "an invoice of another kind": one | {"type_code": "380"},
        "a credit note of another kind": one | {"type_code": "381"},
    }


def _refused() -> Iterator[tuple[int, Any]]:
    return iter(enumerate(refusals_of(FIXTURES, "peppol")))


def _turned(name: str, document: Document) -> Document:
    """The invoice as one of the profile: a self-billed one has a specification and types of its own."""
    if name != "peppol-bis3-sb":
        return document
    kinds = {"380": "389", "381": "261"}
    kind = document.get("type_code", "")
    specification, process = SELF_BILLING
    return document | {
        "specification_identifier": specification,
        "business_process_type": process,
        "type_code": kinds.get(kind, kind),
    }


PROFILES: Final = {name: partial(_family, name) for name in ("en16931", "peppol-bis3", "peppol-bis3-sb")}
"""Each profile by name, made when it is asked for."""
