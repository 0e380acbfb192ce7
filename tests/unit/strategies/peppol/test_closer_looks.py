"""Within a family only what may be wrong is looked at closely: a closer look at all finds no more."""

import importlib
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Final

import pytest
from msgspec.structs import replace

from agreeing.peppol import PROFILES
from tallystick.canonical import Fault, Invoice, complete, decode
from tallystick.conformance import enrolment
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.categories import CATEGORIES
from unit.strategies.peppol.agreement import peppol
from unit.strategies.peppol.mutants import CASES

PLAIN: Final = (
    "en16931.adjustments.are_right",
    "en16931.breakdown._is_plain",
    "en16931.tax._is_usual",
    "peppol.adjustments._are_plain",
)
"""The questions within a family whose answer spares the close look."""

PROFILE: Final = "peppol-bis3"
MUTANTS, EVERY = 300, 3
_OFF: Final = (*range(-102, -97), *range(-2, 3), *range(98, 103))
"""Hundredths that a tax may be off."""


@cache
def invoices() -> tuple[Invoice, ...]:
    """Some of the cases, refusals and mutants of both, as far as they are invoices."""
    some = islice(PROFILES[PROFILE]().heap(7, MUTANTS), None, None, EVERY)
    decoded = (decode(body).invoice for _, body in some)
    return tuple(complete(one).invoice for one in decoded if one is not None)


def faults() -> list[tuple[Fault, ...]]:
    enrolled = PROFILES[PROFILE]().enrolled(enrolment(peppol()))
    return [tuple(peppol().check(one, enrolled)) for one in invoices()]


@cache
def usual() -> list[tuple[Fault, ...]]:
    return faults()


@pytest.mark.parametrize("question", PLAIN)
def test_a_close_look_at_what_is_plain_finds_the_same(monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    before = usual()
    module, _, name = question.rpartition(".")
    asked = importlib.import_module(f"tallystick.rules.{module}")
    plain, answers = getattr(asked, name), set()

    def never(*given: object) -> bool:
        answers.add(plain(*given))
        return False

    monkeypatch.setattr(asked, name, never)

    assert faults() == before
    assert answers == {True, False}


def test_every_category_that_rules_are_on_is_a_listed_one() -> None:
    assert CATEGORIES.keys() <= codes.TAX_CATEGORIES


def test_what_a_profile_calls_itself_is_a_specification_of_its_own() -> None:
    profiles = importlib.import_module("tallystick.strategies.peppol.profiles")
    network = [one for one in profiles.PROFILES if "PEPPOL-EN16931-R004" in one.rules]

    assert len(network) == 2
    assert not [one.name for one in network if "::" in one.specification or " " in one.specification]


@pytest.mark.parametrize("rate", ["-25.5", "0", "0.4", "0.5", "7", "25.5", "100"])
@pytest.mark.parametrize("base", ["-1000.01", "-0.04", "0.00", "0.04", "10.00", "1000.01"])
def test_a_tax_that_looks_plain_is_so_when_looked_at_closely(
    monkeypatch: pytest.MonkeyPatch, base: str, rate: str
) -> None:
    """Up to a little more than one unit of currency off, in both directions."""
    taxed, at = Decimal(base), Decimal(rate)
    right = (taxed * at / 100).quantize(Decimal("0.01"))
    some = [_taxed(taxed, at, right + Decimal(off) / 100) for off in _OFF]
    enrolled = PROFILES[PROFILE]().enrolled(enrolment(peppol()))
    before = [tuple(peppol().check(one, enrolled)) for one in some]
    monkeypatch.setattr("tallystick.rules.en16931.breakdown._is_plain", lambda *_: False)

    assert [tuple(peppol().check(one, enrolled)) for one in some] == before
    assert any(fault.rule and fault.rule.id == "BR-S-09" for found in before for fault in found)


def _taxed(base: Decimal, rate: Decimal, tax: Decimal) -> Invoice:
    """The standard case with one line and one entry of standard rated tax, whatever they come to."""
    decoded = decode((CASES / "standard" / "invoice.json").read_bytes()).invoice
    assert decoded is not None
    one = complete(decoded).invoice
    line, entry = one.lines[0], one.tax_breakdown[0]
    line = replace(line, net_amount=base, tax=replace(line.tax, category_code="S", rate=rate))
    entry = replace(
        entry,
        tax_category_code="S",
        tax_category_rate=rate,
        tax_category_taxable_amount=base,
        tax_category_tax_amount=tax,
    )
    return replace(one, lines=(line,), allowances=(), charges=(), tax_breakdown=(entry,))
