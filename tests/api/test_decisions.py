"""What a person decides about a dead letter, over HTTP."""

from typing import Any

import asyncpg
import pytest

from api.conftest import Actor, actor, default_invoice
from tallystick.flows.gateway import Gateway


@pytest.fixture
async def dead(alice: Actor, database_url: str) -> str:
    """The path of an invoice whose submission is a dead letter."""
    posted = await alice.post("/v1/invoices", json=default_invoice())
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "UPDATE submission SET state = 'dead', next_at = NULL, dead_reason = 'tried'"
        )
        await connection.execute("UPDATE invoice SET processing_status = 'dead_lettered'")
    finally:
        await connection.close()
    return str(posted.headers["Location"])


async def test_a_dead_letter_is_replayed_once(alice: Actor, dead: str) -> None:
    answer = await alice.post(f"{dead}:replay")
    assert answer.status_code == 200, answer.text
    assert answer.json()["processing_status"] == "accepted"
    assert (await alice.get(dead)).json()["status"] == "processing"
    again = await alice.post(f"{dead}:replay", json={"reason": "again"})
    assert (again.status_code, again.json()["code"]) == (409, "state/illegal-transition")
    assert again.json()["allowed_actions"] == []


async def test_a_dead_letter_is_resolved_with_evidence(alice: Actor, dead: str) -> None:
    blank = await alice.post(f"{dead}:resolve", json={"decision": "sent", "evidence": "  "})
    assert (blank.status_code, blank.json()["errors"][0]["pointer"]) == (422, "/evidence")
    body = {"decision": "sent", "evidence": "seen in the portal", "reference": "R-1"}
    answer = await alice.post(f"{dead}:resolve", json=body)
    assert answer.status_code == 200, answer.text
    read = (await alice.get(dead)).json()
    assert (read["status"], read["authority_reference"]) == ("issued", "R-1")
    names = [one["name"] for one in (await alice.get(f"{dead}/artifacts")).json()["data"]]
    assert "evidence.txt" in names


async def test_writing_invoices_is_not_deciding_about_them(
    gateway: Gateway, client: Any, alice: Actor, dead: str
) -> None:
    writer = await actor(gateway, client, "invoices:write", tenant=alice.tenant)
    answer = await writer.post(f"{dead}:replay")
    assert (answer.status_code, answer.json()["code"]) == (403, "auth/scope")
