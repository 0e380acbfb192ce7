"""The checker beside an authority's journal: found under whatever name the authority has for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tallystick.flows.fsck.authority import Authority
from tallystick.flows.fsck.story import Story

REFERENCE, NAME = "8d487816-70b8-4ade-a618-9d620b73814a", "a-name-of-the-authority-s-own"
FROZEN, WIRE = bytes(32), "11" * 32


def story(*, marks: dict[str, str] | None = None, state: str = "done", sent: str = WIRE) -> Story:
    """An invoice that was cleared, and sent once."""
    row = {
        "id": UUID(int=1),
        "external_ref": REFERENCE,
        "marks_text": json.dumps(marks or {}),
        "outcome_marks_text": None,
        "wire_sha256": FROZEN,
        "state": state,
        "verdict": "cleared" if state == "done" else "rejected",
    }
    entry = {"event": "authority.request", "data": {"kind": "submit", "content_sha256": sent}}
    return Story(
        invoice={"id": UUID(int=2)},
        rows=(),
        entries=[entry],
        submission=row,
        attempts=(),
        events=(),
        deliveries=(),
        bodies={},
    )


def event(**changed: Any) -> dict[str, Any]:
    taken = {"event": "processed", "authority": "somebody", "instance_id": REFERENCE, "sha256": WIRE}
    return {**taken, "document_sha256": FROZEN.hex(), "verdict": "accepted", **changed}


def findings(folder: Path, told: Story, *events: dict[str, Any]) -> list[str]:
    path = folder / "journal"
    path.write_text("".join(json.dumps(one) + "\n" for one in events), encoding="utf-8")
    authority = Authority(path)
    return [one.what for one in (*authority.compare(told), *authority.leftovers())]


def test_a_document_is_found_under_its_reference(tmp_path: Path) -> None:
    assert findings(tmp_path, story(), event(), event(event="duplicate")) == []


@pytest.mark.parametrize("mark", ["uuid", "irn", "anything"])
def test_a_document_is_found_under_a_name_that_its_marks_give(tmp_path: Path, mark: str) -> None:
    assert findings(tmp_path, story(marks={mark: NAME}), event(instance_id=NAME)) == []


@pytest.mark.parametrize("state", ["rejected", "conflict"])
def test_what_was_refused_does_not_claim_what_another_took_under_its_number(
    tmp_path: Path, state: str
) -> None:
    refused = story(marks={"irn": NAME}, state=state)
    left = ["the authority processed a document that no submission here stands for"]
    assert findings(tmp_path, refused, event(instance_id=NAME, document_sha256="33" * 32)) == left
    assert "it is rejected, and the authority says accepted" in [
        *findings(tmp_path, story(marks={"irn": NAME}, state="rejected"), event(instance_id=NAME)),
    ]


def test_a_name_that_nobody_has_is_left_over(tmp_path: Path) -> None:
    found = findings(tmp_path, story(), event(instance_id=NAME))
    assert found == [
        "it is cleared, and the authority never processed it",
        "the authority processed a document that no submission here stands for",
    ]


def test_the_document_itself_is_compared_where_the_request_is_another_thing(tmp_path: Path) -> None:
    assert findings(tmp_path, story(sent="22" * 32), event()) == []
    other = findings(tmp_path, story(), event(document_sha256="33" * 32))
    assert other == ["the authority processed other bytes than were frozen"]


def test_the_request_is_compared_where_the_journal_knows_nothing_else(tmp_path: Path) -> None:
    plain = {name: value for name, value in event().items() if name != "authority"}
    assert findings(tmp_path, story(), plain) == []
    assert findings(tmp_path, story(sent="22" * 32), plain) == [
        "the authority processed other bytes than the log says were sent"
    ]


def test_a_late_rejection_is_the_authority_s_last_word(tmp_path: Path) -> None:
    late = event(event="rejected")
    assert findings(tmp_path, story(state="rejected"), event(), late) == []
    assert findings(tmp_path, story(), event(), late) == ["it is cleared, and the authority says rejected"]
    assert findings(tmp_path, story(state="rejected"), event()) == [
        "it is rejected, and the authority says accepted"
    ]


def test_what_was_processed_twice_or_otherwise_is_told(tmp_path: Path) -> None:
    found = findings(tmp_path, story(), event(), event(sha256="22" * 32))
    assert found == ["the authority processed 2 contents", "the authority processed it 2 times as new"]
