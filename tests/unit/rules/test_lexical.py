"""How the publishers' rules read numbers: what counts as a number, how it is rounded, when two are near."""

import random
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

from tallystick.rules.lexical import cents, decimals, divided, integer, number, units, within_one

LARGE = 9007199254740993
"""Two to the power of 53, and one: the first whole number that a floating point number cannot hold."""


@pytest.mark.parametrize(
    ("stated", "expected", "near"),
    [
        ("100.00", "100.99", True),
        ("100.00", "99.01", True),
        ("100.00", "101.00", False),
        ("100.00", "99.00", False),
        ("-0.50", "0.49", True),
        ("0.1", "1.1", True),
        ("0.1", "1.0999999999", True),
        (f"{LARGE}", f"{LARGE}", False),
        ("100000000000000000", "100000000000000000", False),
    ],
)
def test_near_is_less_than_one_apart_as_a_processor_in_binary_finds(
    stated: str, expected: str, near: bool
) -> None:
    assert within_one(Decimal(stated), Decimal(expected)) is near


def test_the_short_way_finds_what_the_long_way_finds() -> None:
    """Floating point itself is the judge here, over numbers it holds well enough and at the very edge."""
    dice = random.Random(53)
    for _ in range(2000):
        stated = Decimal(dice.randrange(10**13)) / 100
        apart = Decimal(dice.choice(("0", "0.98", "0.99", "0.9999", "1", "1.0001", "1.01", "1.02", "7")))
        expected = stated + apart * dice.choice((1, -1))
        middle = float(stated)
        near = Fraction(middle - 1) < Fraction(expected) < Fraction(middle + 1)

        assert within_one(stated, expected) is near


@pytest.mark.parametrize(
    ("value", "rounded"),
    [("0.005", "0.01"), ("-0.005", "0.00"), ("2.345", "2.35"), ("-2.345", "-2.34"), ("7", "7.00")],
)
def test_cents_round_ties_upwards_and_are_written_with_two_decimals(value: str, rounded: str) -> None:
    assert format(cents(Decimal(value)), "f") == rounded


def test_a_quotient_has_eighteen_decimals() -> None:
    with localcontext(prec=100):
        assert divided(Decimal(2), Decimal(3)) == Decimal("0.666666666666666667")


@pytest.mark.parametrize(
    ("text", "value"), [(" 1.0 ", "1.0"), ("+1", "1"), (".5", "0.5"), ("5.", "5"), ("1e2", "100")]
)
def test_a_number_is_what_xpath_takes_for_one(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", " ", "1,0", "abc", "1 0", "--1", "٣"])
def test_other_texts_are_no_numbers(text: str) -> None:
    assert number(text) is None
    assert integer(text) is None


def test_decimals_are_counted_as_written() -> None:
    assert [decimals(Decimal(text)) for text in ("1", "1.50", "1E+3")] == [0, 2, 0]
    assert [units(Decimal(text)) for text in ("0.5", "-0.5", "0.49")] == [1, 0, 0]
