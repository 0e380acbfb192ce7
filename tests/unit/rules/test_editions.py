"""Two editions of the rules in a grace period: chosen by the day of issue, or by a setting."""

import importlib
import json
from datetime import date
from types import MappingProxyType
from typing import Any

import pytest
from msgspec.structs import replace

from tallystick.canonical import RuleRef, complete, decode
from tallystick.conformance import enrolment, number_of
from tallystick.rules import Edition, Profile, Rule
from unit.strategies.peppol.agreement import peppol
from unit.strategies.peppol.mutants import CASES

BEGAN, ENDED = date(2026, 11, 16), date(2026, 12, 15)
profiles: Any = importlib.import_module("tallystick.strategies.peppol.profiles")


def _rule(number: str, version: str, since: date | None = None) -> Rule:
    return Rule(ref=RuleRef("set", number, version), severity="error", text="There is one.", since=since)


OLD = Edition(
    name="1", rules=MappingProxyType({"R-1": _rule("R-1", "1")}), began=date(2026, 5, 1), ended=ENDED
)
NEW = MappingProxyType({"R-1": _rule("R-1", "2"), "R-2": _rule("R-2", "2", date(2027, 1, 1))})
BOTH = Profile(name="p", rules=NEW, began=BEGAN, edition="2", earlier=(OLD,))


@pytest.mark.parametrize(
    ("day", "wished", "version"),
    [
        (date(2026, 11, 15), "", "1"),
        (date(2026, 11, 16), "", "2"),
        (date(2026, 11, 15), "2", "1"),
        (date(2026, 11, 16), "1", "1"),
        (date(2026, 12, 15), "1", "1"),
        (date(2026, 12, 16), "1", "2"),
        (date(2026, 12, 1), "no such", "2"),
        (date(2020, 1, 1), "", "1"),
    ],
)
def test_in_the_days_of_grace_the_wish_decides_and_else_the_day(day: date, wished: str, version: str) -> None:
    assert BOTH.on(day, wished)["R-1"].ref.version == version


def test_a_rule_may_come_later_than_its_edition() -> None:
    assert "R-2" not in BOTH.on(date(2026, 12, 31))
    assert "R-2" in BOTH.on(date(2027, 1, 1))


def test_what_is_left_out_is_left_out_of_every_edition() -> None:
    less = BOTH.without({"R-1"})

    assert dict(less.on(date(2026, 6, 1))) == {}
    assert less.on(date(2027, 1, 1)).keys() == {"R-2"}


@pytest.fixture
def in_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """An edition of Peppol's rules in which quantities of unknown units were only warned of."""
    latest = profiles.PEPPOL_BILLING
    lenient = replace(latest.rules["BR-CL-23"], severity="warning")
    before = Edition(
        name="3.0.20", rules={**latest.rules, "BR-CL-23": lenient}, began=date(2026, 2, 1), ended=ENDED
    )
    monkeypatch.setattr(profiles, "PEPPOL_BILLING", replace(latest, began=BEGAN, earlier=(before,)))


@pytest.mark.usefixtures("in_grace")
@pytest.mark.parametrize(
    ("day", "edition", "severity"),
    [
        ("2026-11-15", None, "warning"),
        ("2026-11-16", None, "error"),
        ("2026-11-16", "3.0.20", "warning"),
        ("2026-12-16", "3.0.20", "error"),
    ],
)
def test_a_registration_may_stay_with_the_edition_that_ends(
    day: str, edition: str | None, severity: str
) -> None:
    strategy: Any = peppol()
    document = json.loads((CASES / "standard" / "invoice.json").read_text()) | {"issue_date": day}
    document["lines"][0]["unit_of_measure_code"] = "no unit"
    decoded = decode(json.dumps(document).encode())
    assert decoded.invoice is not None
    invoice = complete(decoded.invoice).invoice
    enrolled = replace(enrolment(strategy), settings=strategy.settings_type(edition=edition))

    [fault] = strategy.check(invoice, enrolled)

    assert (number_of(fault), fault.severity) == ("BR-CL-23", severity)
