"""PINT of a country: billing and self-billing, invoice and credit note, each under its own rule files."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from msgspec import Struct

from agreeing.comparing import Family
from agreeing.official import judge_of
from agreeing.pint_mutants import FIXTURES, Document, PintMutants
from agreeing.pint_words import AE, ANZ, Words
from tallystick.canonical import Fault
from tallystick.conformance.cases import cases_of, refusals_of
from tallystick.conformance.rules import rules_of
from tallystick.strategies import load

__all__ = ["PROFILES"]


class Country(Struct, frozen=True, kw_only=True):
    """A country's PINT: its version, the strategy that serves it, what its mutants say.

    `billing_only` and `self_billing_only` are the rules that only one of the two rule files has.
    """

    strategy: str
    version: str
    words: Words
    billing_only: frozenset[str] = frozenset()
    self_billing_only: frozenset[str] = frozenset()


COUNTRIES: Final = {
    "pint-ae": Country(strategy="ae_pint", version="ae-1", words=AE),
    "pint-aunz": Country(
        strategy="anz_pint",
        version="aunz-1",
        words=ANZ,
        billing_only=frozenset({"aligned-ibrp-001-aunz", "aligned-ibrp-002", "ibr-cl-01"}),
        self_billing_only=frozenset(
            {"aligned-ibrp-001-aunz-sb", "aligned-ibrp-002-aunz-sb", "ibr-cl-01-aunz-sb"}
        ),
    ),
}


def _family(name: str) -> Family:
    self_billed = name.endswith("-sb")
    country = COUNTRIES[name.removesuffix("-sb")]
    rules = rules_of(country.strategy, FIXTURES).values()
    others = country.billing_only if self_billed else country.self_billing_only
    return Family(
        name=name,
        strategy=load().by_name(country.strategy),
        native={rule.id: rule.severity for rule in rules if rule.checked and rule.id not in others},
        impossible=frozenset(rule.id for rule in rules if rule.impossible),
        enrolled=lambda given: given,
        judged=judge_of(partial(_profile, name.removesuffix("-sb"))),
        heap=partial(_heap, country, self_billed=self_billed),
        repeats=_repeats,
        unfinished=frozenset({"ibr-015"}),
    )


def _profile(billing: str, body: bytes) -> str:
    """By what the document says of itself."""
    head = body[: body.index(b"</cbc:CustomizationID>")]
    return f"{billing}-sb" if b"selfbilling" in head else billing


def _repeats(fault: Fault, body: bytes) -> int:
    """How often the rule files say what is said once here: they judge a currency anew at each amount."""
    if fault.rule is None or fault.rule.id != "ibr-cl-03":
        return 1
    currency = f' currencyID="{fault.actual}"'.encode()
    return body.count(currency) - body.count(b"<cbc:PerUnitAmount" + currency)


def _heap(country: Country, seed: int, count: int, *, self_billed: bool) -> Iterator[tuple[str, bytes]]:
    """The cases, the refusals, and as many mutants of both, one to four changes each."""
    cases = cases_of(FIXTURES, country.strategy)
    good: dict[str, Document] = {one.name: json.loads(one.invoice) for one in cases}
    refused = {
        f"{one.breaks} #{place}": json.loads(body)
        for place, (one, body) in enumerate(refusals_of(FIXTURES, country.strategy))
    }
    turned = partial(_turned, country.version, self_billed=self_billed)
    bases = {name: turned(one) for name, one in (good | refused).items()}
    yield from ((name, json.dumps(one).encode()) for name, one in bases.items())
    bases.pop("hundred_lines", None)
    mutants = PintMutants(seed, bases, country.words)
    for changes, share in ((1, 0.35), (2, 0.35), (4, 0.3)):
        yield from mutants.take(round(count * share), changes)


def _turned(version: str, document: Document, *, self_billed: bool) -> Document:
    """The invoice as one of the profile, with types of its own; one that names its specification stays."""
    if "specification_identifier" in document:
        return document
    kinds = {"380": "389", "381": "261"} if self_billed else {"389": "380", "261": "381"}
    kind = document.get("type_code", "")
    turned = document | {"type_code": kinds.get(kind, kind)}
    if self_billed:
        turned["specification_identifier"] = f"urn:peppol:pint:selfbilling-1@{version}"
        turned.setdefault("business_process_type", "urn:peppol:bis:selfbilling")
    return turned


PROFILES: dict[str, Any] = {
    name: partial(_family, name) for billing in COUNTRIES for name in (billing, f"{billing}-sb")
}
"""Each profile by name, made when it is asked for."""
