"""Identifiers sort by time and never repeat, whatever the clock does."""

import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import msgspec
import pytest

from tallystick.store import ids


def test_they_are_version_seven_of_now() -> None:
    before = time.time_ns() // 1_000_000
    made = ids.new()
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before - 1 <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1


def test_each_is_greater_than_the_one_before() -> None:
    made = [ids.new() for _ in range(10_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_a_clock_that_goes_back_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.new()
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert ids.new() > first


def test_threads_get_different_ones() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.new(), range(5_000)))
    assert len(set(made)) == 5_000


def test_random_ones_are_version_four_and_never_the_same() -> None:
    made = [ids.random() for _ in range(10_000)]
    assert {(one.version, one.variant) for one in made} == {(4, "specified in RFC 4122")}
    assert len(set(made)) == len(made)


def test_they_are_uuids_like_any_other() -> None:
    made = ids.new()
    plain = UUID(bytes=made.bytes)
    assert made == plain and plain == made and hash(made) == hash(plain) and {plain: 1}[made]
    assert str(made) == str(plain) and msgspec.json.encode(made) == msgspec.json.encode(plain)
    assert pickle.loads(pickle.dumps(made)) == plain
