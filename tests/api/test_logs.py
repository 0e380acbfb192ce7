"""What the API writes down, and what it never writes down."""

import json
import logging
from typing import Any

import pytest

from api.conftest import Actor, default_invoice, registered
from tallystick.api import logs


def lines(captured: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in captured.splitlines() if line.startswith("{")]


async def test_a_request_is_one_line_that_names_neither_body_nor_key_nor_query(
    alice: Actor, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    await registered(alice)
    headers = {"Idempotency-Key": "canary-key-of-the-caller"}
    posted = await alice.post("/v1/invoices", json=default_invoice("CANARY-NUMBER"), headers=headers)
    await alice.get("/v1/invoices?number=CANARY-NUMBER")
    written = capsys.readouterr().err
    found = [line for line in lines(written) if line["event"] == "request"]
    assert [line["route"] for line in found][-2:] == ["/v1/invoices", "/v1/invoices"]
    assert set(found[-1]) <= logs.FIELDS
    ours = (alice.key[17:], "CANARY-NUMBER", "canary-key", "canary-7c1f", "P051234567Q", posted.json()["id"])
    for secret in ours:
        assert secret not in written, secret


def test_a_field_that_is_not_on_the_list_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    logs.logger.warning("told", status=200, body="secret", authorization="secret")
    (line,) = lines(capsys.readouterr().err)
    assert line["status"] == 200
    assert "secret" not in str(line)


def test_an_exception_is_told_by_type_and_place_not_by_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("Key (number)=(INV-1) already exists")
    except ValueError as error:
        logs.logger.error("unforeseen", exc_info=error)
    (line,) = lines(capsys.readouterr().err)
    assert line["error"] == "ValueError"
    assert line["where"][0].startswith("test_logs.py:")
    assert "INV-1" not in str(line)


def test_what_libraries_log_becomes_a_line_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("canary")
    except ValueError as error:
        given = (type(error), error, error.__traceback__)
        record = logging.LogRecord("uvicorn.error", logging.ERROR, "f", 1, "it failed", None, given)
    logs.Forward().emit(record)
    (line,) = lines(capsys.readouterr().err)
    assert (line["event"], line["logger"], line["error"]) == ("it failed", "uvicorn.error", "ValueError")
    assert "canary" not in str(line)


def test_what_is_below_the_least_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        logs.least("warning")
        logs.logger.info("quiet")
        logs.logger.warning("loud")
    finally:
        logs.least("info")
    assert [line["event"] for line in lines(capsys.readouterr().err)] == ["loud"]
