"""What is tried again, what is not, and how often."""

import asyncpg
import pytest

from tallystick.store import StoreUnavailable
from tallystick.store.retry import TRIES, persistently, sqlstate


class Failing:
    def __init__(self, error: Exception, times: int) -> None:
        self.error, self.times, self.calls = error, times, 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.times:
            raise self.error
        return "done"


AGAIN = [asyncpg.SerializationError("x"), asyncpg.DeadlockDetectedError("x"), ConnectionResetError()]
AGAIN += [asyncpg.AdminShutdownError("x"), asyncpg.InterfaceError("connection is closed"), OSError()]


@pytest.mark.parametrize("error", AGAIN, ids=lambda error: type(error).__name__)
async def test_a_lost_race_or_connection_is_tried_again(error: Exception) -> None:
    work = Failing(error, 2)
    assert await persistently(work) == "done"
    assert work.calls == 3


async def test_it_gives_up_after_three_tries() -> None:
    work = Failing(asyncpg.SerializationError("x"), 99)
    with pytest.raises(StoreUnavailable):
        await persistently(work)
    assert work.calls == TRIES


@pytest.mark.parametrize("error", [asyncpg.QueryCanceledError("x"), asyncpg.LockNotAvailableError("x")])
async def test_a_time_out_is_not_tried_again(error: Exception) -> None:
    work = Failing(error, 99)
    with pytest.raises(StoreUnavailable):
        await persistently(work)
    assert work.calls == 1


@pytest.mark.parametrize("error", [asyncpg.UniqueViolationError("x"), ValueError("x"), KeyError("x")])
async def test_any_other_failure_is_told_as_it_is(error: Exception) -> None:
    work = Failing(error, 99)
    with pytest.raises(type(error)):
        await persistently(work)
    assert work.calls == 1


def test_the_state_is_found_inside_a_wrapping() -> None:
    outer = RuntimeError()
    outer.__cause__ = asyncpg.DeadlockDetectedError("x")
    assert sqlstate(outer) == "40P01"
    assert sqlstate(RuntimeError()) == ""
