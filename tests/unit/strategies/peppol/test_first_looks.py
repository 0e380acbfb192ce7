"""A family of rules that sees at once that nothing is wrong is right: a closer look tells nothing either."""

import importlib
import inspect
import json
from decimal import localcontext
from functools import cache
from typing import Any, Final

import pytest

from agreeing.european import EuropeanMutants
from tallystick.canonical import Invoice, complete, decode
from tallystick.conformance.cases import refusals_of
from unit.strategies.peppol.mutants import FIXTURES, Document, good_cases

CHECK: Final[Any] = importlib.import_module("tallystick.strategies.peppol.check")
PROFILES: Final[Any] = importlib.import_module("tallystick.strategies.peppol.profiles")


def _closer_look(family: Any) -> Any:
    """What the family asks of a case that it does not pass at once; None where there is no such thing."""
    look = getattr(inspect.getmodule(family), "_told", None)
    return look if look is not None and len(inspect.signature(look).parameters) == 1 else None


FAMILIES: Final = {
    f"{family.__module__.split('.')[-2]} {family.__name__}": (family, look)
    for family in CHECK.FAMILIES[PROFILES.PEPPOL_BILLING.name]
    if family.__module__.endswith(f".{family.__name__}") and (look := _closer_look(family)) is not None
}
"""Each family that looks twice: itself, and its closer look."""

PROCESS_FIRST: Final = "peppol head"
"""The family that passes nothing under a profile that knows no process of the network's."""

MUTANTS: Final = 1000
PRECISION: Final = 100


def alone() -> dict[str, Document]:
    """What is seldom the only thing that is wrong with a mutant."""
    good = good_cases()["standard"]
    seller = good["seller"]
    untaxed = {name: value for name, value in seller.items() if name != "tax_identifier"}
    banks = [{"value": value, "scheme": "SEPA"} for value in ("FI1", "FI2")]
    address = {"country_code": "NO"}
    norwegian = {"name": "Representant AS", "tax_identifier": "NO974760673MVA", "postal_address": address}
    return {
        "object": good | {"invoiced_object_identifier": {"value": "1", "scheme": "none"}},
        "banks": good | {"seller": seller | {"identifiers": banks}},
        "accounted": good | {"document_totals": {"total_tax_amount_in_accounting_currency": "1.00"}},
        "represented": good | {"seller": untaxed | {"postal_address": address}},
        "representative": good | {"seller": untaxed, "seller_tax_representative": norwegian},
    }


@cache
def invoices() -> tuple[Invoice, ...]:
    """Good invoices, refused ones and mutants of both, with their sums and as they were sent."""
    refused = enumerate(refusals_of(FIXTURES, "peppol"))
    bases = (
        good_cases() | alone() | {f"{one.breaks} {place}": json.loads(body) for place, (one, body) in refused}
    )
    bodies = [json.dumps(one).encode() for one in bases.values()]
    mutants = EuropeanMutants(1931, bases)
    bodies += [body for changes in (1, 3) for _, body in mutants.take(MUTANTS // 2, changes)]
    sent = [found.invoice for found in map(decode, bodies) if found.invoice is not None]
    return tuple(invoice for one in sent for invoice in (one, complete(one).invoice))


@cache
def cases(profile: Any) -> tuple[Any, ...]:
    """The same under judgement by a profile."""
    return tuple(CHECK.EuropeanCase(invoice, profile) for invoice in invoices())


def test_there_are_families_that_look_twice() -> None:
    assert {"en16931 head", "en16931 parties", "en16931 payment", "en16931 totals"} <= set(FAMILIES)
    assert "peppol national" in FAMILIES


@pytest.mark.parametrize("profile", PROFILES.PROFILES, ids=lambda profile: profile.name)
@pytest.mark.parametrize("name", FAMILIES)
def test_what_passes_at_first_sight_passes_a_closer_look(name: str, profile: Any) -> None:
    family, closer_look = FAMILIES[name]
    passed = 0
    with localcontext(prec=PRECISION):
        for case in cases(profile):
            if family(case) == ():
                passed += 1
                assert list(closer_look(case)) == []
    assert passed < len(cases(profile))
    assert passed > 0 or (name == PROCESS_FIRST and not profile.processes)
