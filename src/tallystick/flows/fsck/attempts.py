"""I6: every attempt was on record before its outcome, once, and as the log tells it."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from tallystick.flows.fsck.document import NEAR, apart
from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story, id_of, named, unlike
from tallystick.store.fsck import Row

__all__ = ["attempts"]

REQUEST: Final = "authority.request"
ANSWERS: Final = ("authority.response", "authority.no_answer")
CRASHED: Final = "crashed"


def attempts(story: Story) -> Iterator[Finding]:
    """Whatever is wrong with the attempts of an invoice's submission."""
    if story.submission is None:
        return
    requests = _by_number(story, REQUEST)
    answers = _by_number(story, *ANSWERS)
    token = 0
    for place, row in enumerate(story.attempts, 1):
        where = f"attempt {row['n']} of {story.where}"
        if row["n"] != place:
            yield Finding("I6", f"it stands at place {place}: one is missing or doubled", where)
        if row["token"] < token:
            yield Finding("I6", "its token is lower than that of the attempt before", where)
        token = max(token, row["token"])
        if row["tenant_id"] != story.invoice["tenant_id"]:
            yield Finding("I6", "it belongs to another tenant", where)
        yield from _intent(row, requests.pop(row["n"], []), where)
        yield from _outcome(story, row, answers.pop(row["n"], []), where)
    for number in (*requests, *answers):
        yield Finding("I6", "the log tells of it, its row is missing", f"attempt {number} of {story.where}")
    yield from _sent(story)


def _by_number(story: Story, *names: str) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = {}
    for entry in story.of_event(*names):
        found.setdefault(entry.get("attempt"), []).append(entry)
    return found


def _intent(row: Row, entries: list[dict[str, Any]], where: str) -> Iterator[Finding]:
    if len(entries) != 1:
        yield Finding("I6", f"its request is in the log {len(entries)} times", where)
        return
    entry = entries[0]
    data = entry.get("data") or {}
    stored = {"kind": row["kind"], "method": row["method"], "token": row["token"]}
    yield from unlike("I6", where, {name: data.get(name) for name in stored}, stored)
    if entry.get("endpoint") != row["endpoint"]:
        yield Finding("I6", "endpoint is not what the log says", where)
    if [id_ for id_, _ in named(entry)] != [id_of(row["request_object"])]:
        yield Finding("I6", "request_object is not what the log says", where)
    if apart(row["started_at"], entry) > NEAR:
        yield Finding("I6", "started_at is not the time of its entry", where)


def _outcome(story: Story, row: Row, entries: list[dict[str, Any]], where: str) -> Iterator[Finding]:
    if row["finished_at"] is None:
        yield from _unfinished(story, row, entries, where)
        return
    if row["finished_at"] < row["started_at"]:
        yield Finding("I6", "it ended before it began", where)
    if row["outcome"] == CRASHED:
        if entries:
            what = "its worker was given up for lost, yet its answer was written: by one who was overtaken"
            yield Finding("I6", what, where)
        return
    if len(entries) != 1:
        yield Finding("I6", f"its end is in the log {len(entries)} times", where)
        return
    entry = entries[0]
    data = entry.get("data") or {}
    stored = {name: row[name] for name in ("http_status", "outcome", "duration_ms", "error")}
    yield from unlike("I6", where, {name: data.get(name) for name in stored}, stored)
    wanted = [] if row["response_object"] is None else [id_of(row["response_object"])]
    if [id_ for id_, _ in named(entry)] != wanted:
        yield Finding("I6", "response_object is not what the log says", where)
    if apart(row["finished_at"], entry) > NEAR:
        yield Finding("I6", "finished_at is not the time of its entry", where)


def _unfinished(story: Story, row: Row, entries: list[dict[str, Any]], where: str) -> Iterator[Finding]:
    """Only the last attempt of a submission that is in somebody's hands may have no end."""
    submission = story.submission
    under_way = submission is not None and submission["state"] == "in_flight"
    if entries or not under_way or row["n"] != len(story.attempts):
        yield Finding("I6", "it has no end, and nobody is at it", where)


def _sent(story: Story) -> Iterator[Finding]:
    """first_sent_at says that something was sent exactly when an attempt to submit is on record."""
    submission = story.submission
    tries = [row for row in story.attempts if row["kind"] == "submit"]
    if submission is None or bool(tries) == (submission["first_sent_at"] is not None):
        return
    yield Finding("I6", "first_sent_at does not agree with its attempts", _of(submission["id"], story))


def _of(submission: UUID, story: Story) -> str:
    return f"submission {submission} of {story.where}"
