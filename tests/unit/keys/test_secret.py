"""A secret shows itself to nobody who did not ask by name."""

import copy
import json
import logging
import pickle

import msgspec
import pytest

from tallystick.keys import Secret

CANARY = "canary-4711"


def test_no_way_of_printing_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(CANARY)
    logging.getLogger("x").warning("%s %r", secret, {"k": secret})
    shown = f"{secret} {secret!r} {secret!s} {secret:>40} {[secret]} {caplog.text}"
    assert CANARY not in shown
    assert "Secret(…)" in shown
    assert CANARY not in repr(KeyError(secret))


@pytest.mark.parametrize(
    "carry", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps, msgspec.json.encode, vars, hash]
)
def test_it_cannot_be_carried_out_by_accident(carry: object) -> None:
    with pytest.raises(TypeError):
        carry(Secret(CANARY))  # type: ignore[operator]


def test_it_is_handed_out_when_asked() -> None:
    assert Secret(CANARY).reveal() == CANARY
    assert Secret(b"\xff").reveal_bytes() == b"\xff"
    assert Secret("a") == Secret(b"a") != Secret("b")
    assert Secret("a") != "a"
    assert not Secret("")
