"""A refusal may be tried under another enrolment than the strategy's own example."""

from datetime import UTC, datetime

import pytest

from tallystick.conformance import Example, ExampleInvalid, enrolment
from tallystick.conformance.trial import changed
from tallystick.strategies import load

EXAMPLE = Example(registration="one", settings={"a": "1", "b": "2"})


def test_members_are_replaced_and_settings_one_by_one() -> None:
    other = changed(EXAMPLE, {"now": "2030-01-01T00:00:00Z", "settings": {"b": "3"}})

    assert other.registration == "one"
    assert other.now == datetime(2030, 1, 1, tzinfo=UTC)
    assert other.settings == {"a": "1", "b": "3"}
    assert EXAMPLE.settings == {"a": "1", "b": "2"}


def test_no_change_is_no_change() -> None:
    assert changed(EXAMPLE, {}) == EXAMPLE


@pytest.mark.parametrize("changes", [{"clock": "now"}, {"environment": "moon"}, {"now": "yesterday"}])
def test_what_no_enrolment_file_may_say_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(ExampleInvalid):
        changed(EXAMPLE, changes)


def test_the_environment_of_the_example_wins() -> None:
    strategy = load().by_name("default")
    assert strategy is not None

    assert enrolment(strategy, "simulation", example=Example()).environment == "simulation"
    named = changed(Example(), {"environment": "production"})
    assert enrolment(strategy, "simulation", example=named).environment == "production"
