"""Rules are asked closely only where something may be wrong: looking closer everywhere finds no more."""

import importlib
from functools import cache
from itertools import islice
from typing import Final

import pytest

from agreeing.peppol import PROFILES
from tallystick.canonical import Fault, Invoice, complete, decode
from tallystick.conformance import enrolment
from tallystick.rules.en16931 import codes
from tallystick.rules.en16931.categories import CATEGORIES
from unit.strategies.peppol.agreement import peppol

PLAIN: Final = (
    "en16931.adjustments.are_right",
    "en16931.breakdown._is_plain",
    "en16931.head._is_plain",
    "en16931.parties._are_plain",
    "en16931.payment._is_plain",
    "en16931.tax._is_usual",
    "en16931.totals._is_plain",
    "peppol.adjustments._are_plain",
    "peppol.head._is_plain",
    "peppol.parties._is_known",
    "peppol.tax._is_plain",
)
"""The questions whose answer spares the close look."""

PROFILE: Final = "peppol-bis3"
MUTANTS, EVERY = 300, 3


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
