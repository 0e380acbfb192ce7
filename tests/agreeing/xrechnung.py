"""XRechnung in either syntax, with its extension and its clean vehicles; EN 16931 in CII."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final
from xml.sax.saxutils import unescape

from msgspec.structs import replace

from agreeing.comparing import Family
from agreeing.european import EuropeanMutants
from agreeing.german import CVD, EXTENSION, GermanMutants, german_cases
from agreeing.official import judge_of
from agreeing.peppol import once_here
from tallystick.conformance.cases import refusals_of
from tallystick.rules.listing import Rule, read_table, shelved
from tallystick.strategies import load
from tallystick.strategy import Enrolment
from unit.strategies.peppol.mutants import FIXTURES, Document, good_cases

__all__ = ["PROFILES"]

_OWN_SETS: Final = frozenset({"cii", "leitweg"})
"""What no publisher's judge says."""


def _family(name: str) -> Family:
    strategy: Any = load().by_name("peppol")
    standard, _, syntax = name.rpartition("-")
    listed = _listed(standard, syntax)

    def enrolled(given: Enrolment) -> Enrolment:
        return replace(given, settings=strategy.settings_type(rules=standard, syntax=syntax))

    return Family(
        name=name,
        strategy=strategy,
        native={rule.id: rule.severity for rule in listed if not rule.impossible and _bound(rule, syntax)},
        impossible=frozenset(rule.id for rule in listed if rule.impossible or not _bound(rule, syntax)),
        enrolled=enrolled,
        judged=judge_of(partial(_profile, standard, syntax)),
        heap=partial(_heap, standard),
        repeats=once_here if syntax == "ubl" else lambda fault, body: 1,
        unfinished=frozenset({"BR-15"}),
    )


def _listed(standard: str, syntax: str) -> list[Rule]:
    """Every rule of the publishers that concerns the profile."""
    tables = ["en16931", f"{syntax}-syntax", *(("xrechnung",) if standard == "xrechnung" else ())]
    rules: Mapping[str, Rule] = {
        number: rule for table in tables for number, rule in read_table(shelved(table)).rules.items()
    }
    return [rule for rule in rules.values() if rule.set not in _OWN_SETS]


def _bound(rule: Rule, syntax: str) -> bool:
    other = "CII-" if syntax == "ubl" else "UBL-"
    return syntax in (rule.bindings or (syntax,)) and not rule.id.startswith(other)


def _profile(standard: str, syntax: str, body: bytes) -> str:
    """Under which official profile a document is judged: XRechnung's further ones name themselves."""
    if standard == "en16931":
        return f"en16931-{syntax}"
    start, end = (
        (b"<cbc:CustomizationID>", b"</cbc:CustomizationID>")
        if syntax == "ubl"
        else (b"<ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>", b"</ram:ID></ram:Guideline")
    )
    named = unescape(body.split(start, 1)[1].split(end, 1)[0].decode())
    return f"xrechnung-{ {EXTENSION: 'ext-', CVD: 'cvd-'}.get(named, '') }{syntax}".replace(" ", "")


def _heap(standard: str, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """The cases, the refusals, and as many mutants of both, one to four changes each."""
    refusals = enumerate(refusals_of(FIXTURES, "peppol"))
    refused = {f"{one.breaks} #{place}": json.loads(body) for place, (one, body) in refusals}
    bases: dict[str, Document] = good_cases() | refused
    mutants: EuropeanMutants
    if standard == "xrechnung":
        bases = german_cases(bases)
        mutants = GermanMutants(seed, bases)
    else:
        mutants = EuropeanMutants(seed, bases)
    yield from ((key, json.dumps(one).encode()) for key, one in bases.items())
    for changes, share in ((1, 0.35), (2, 0.35), (4, 0.3)):
        yield from mutants.take(round(count * share), changes)


PROFILES: Final = {name: partial(_family, name) for name in ("xrechnung-ubl", "xrechnung-cii", "en16931-cii")}
"""Each profile by name, made when it is asked for."""
