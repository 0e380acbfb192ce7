"""The strategy's doubles are the machine's: same neighbours, same sums, same spelling."""

import importlib
import math
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as some

from tallystick.strategies import load

load()
doubles: Any = importlib.import_module("tallystick.strategies.sa_zatca.doubles")

numbers = some.decimals(-(10**18), 10**18, places=4) | some.decimals(-1000, 1000, places=12)


@given(numbers)
def test_the_nearest_double_is_the_machines(number: Decimal) -> None:
    assert doubles.double(number) == Decimal(float(number))


@given(numbers, numbers)
def test_products_sums_and_quotients_are_the_machines(one: Decimal, other: Decimal) -> None:
    left, right = doubles.double(one), doubles.double(other)

    assert doubles.times(left, right) == Decimal(float(one) * float(other))
    assert doubles.plus(left, right) == Decimal(float(one) + float(other))
    assume(other != 0)
    assert doubles.over(left, right) == Decimal(float(one) / float(other))


@given(some.lists(some.decimals(-(10**6), 10**6, places=3)))
def test_a_sum_gathers_the_machines_noise(parts: list[Decimal]) -> None:
    total = 0.0
    for part in parts:
        total += float(part)

    assert doubles.added(parts) == Decimal(total)


@given(numbers)
def test_a_double_is_printed_as_the_machine_spells_it(number: Decimal) -> None:
    cents = Decimal(repr(float(number))).quantize(Decimal("0.01"), ROUND_HALF_EVEN)

    assert doubles.printed(doubles.double(number)) == cents


@given(some.decimals(-(10**6), 10**6, places=2))
def test_a_tie_is_rounded_up(number: Decimal) -> None:
    assert doubles.rounded(doubles.double(number)) == math.floor(Decimal(float(number)) + Decimal("0.5"))


def test_a_tie_that_is_none_in_doubles_is_no_tie() -> None:
    hundredfold = doubles.times(doubles.double(Decimal("1.005")), doubles.HUNDRED)

    assert hundredfold < Decimal("100.5")
    assert doubles.rounded(hundredfold) == 100
