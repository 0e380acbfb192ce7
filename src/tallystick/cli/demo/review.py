"""What the demo promised and whether it came true; the table and the ways to go on."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from tallystick.cli.client import faults_of
from tallystick.cli.demo.cast import DROPPED, OVERLOADED, OWN, REFUSED
from tallystick.cli.demo.play import Played, Player
from tallystick.cli.documents import text_of
from tallystick.cli.printing import is_terminal, say, show_table

__all__ = ["broken_promises", "show_codes", "show_outcome", "show_ways_on"]

TITLES: Final = ("Number", "What it shows", "State", "Attempts", "Receipt")
BEGINNING: Final = 72


def broken_promises(player: Player, played: Sequence[Played]) -> Iterator[str]:
    """Everything that is not as it was promised, a sentence each."""
    for one in played:
        yield from piece_problems(player, one)
    yield from journal_problems(player, played)
    yield from webhook_problems(player)


def piece_problems(player: Player, one: Played) -> Iterator[str]:
    """What is wrong with one piece."""
    number = one.piece.number
    if one.piece.fault == REFUSED:
        if not player.refused(one):
            yield f"{number} should have been refused with faults, the answer was {one.status}"
        return
    if not one.id:
        yield f"{number} was refused ({one.status} {one.answer.get('detail', '')})"
        return
    if one.answer["status"] != "issued":
        yield f"{number} is {one.answer['status']} ({one.answer['processing_status']}), not issued"
    elif one.piece.ends not in ("", one.answer["authority_status"]):
        yield f"{number} is {one.answer['authority_status']}, not {one.piece.ends}"
    if one.piece.has_code and not one.answer.get("qr"):
        yield f"{number} has no QR code"
    if one.receipt != "complete":
        yield f"{number}: the receipt is {one.receipt}, not complete"
    statuses = [attempt["http_status"] for attempt in one.attempts]
    if one.piece.fault == OVERLOADED and statuses.count(503) != one.piece.times:
        yield f"{number} should have met {one.piece.times} times 503; it met {statuses}"
    if one.piece.fault == DROPPED and statuses[:1] != [None]:
        yield f"{number} should have lost its first answer; it met {statuses}"


def journal_problems(player: Player, played: Sequence[Played]) -> Iterator[str]:
    """What the authority took in: each document once, and never other bytes under the same identity."""
    journal = player.journal({one.piece.number for one in played})
    times = Counter(event["number"] for event in journal if event["event"] == "processed")
    for one in played:
        wanted = 1 if one.id and player.enrolling.get(one.answer["strategy"]) else 0
        if times[one.piece.number] != wanted:
            yield f"the authority took {one.piece.number} in {times[one.piece.number]} times, not {wanted}"
    for event in journal:
        if event["event"] in ("violation", "conflict"):
            yield f"the authority was sent other bytes under the identity of {event['number']}"


def webhook_problems(player: Player) -> Iterator[str]:
    """What subscribers were told: every event once or more, first tellings in order for each invoice."""
    events = player.events()
    arrived = player.deliveries(len(events))
    missing = {event["id"] for event in events} - {one["webhook_id"] for one in arrived}
    if missing:
        yield f"{len(missing)} of {len(events)} webhooks did not arrive"
    order: dict[str, list[int]] = defaultdict(list)
    for body in bodies_of(arrived):
        seen = order[body["data"].get("invoice_id") or body["data"]["registration_id"]]
        if body["sequence"] not in seen:
            seen.append(body["sequence"])
    for subject, seen in order.items():
        if seen != sorted(seen):
            yield f"the webhooks of {subject} came out of order: {seen}"


def bodies_of(arrived: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The events that arrived."""
    import json

    for one in arrived:
        yield json.loads(one["body"])


def show_outcome(played: Sequence[Played], as_json: bool) -> None:
    """The table; what is wrong with the user's own invoice, if anything."""
    show_table(TITLES, [row_of(one) for one in played], as_json=as_json)
    for one in played:
        if one.piece.is_own and not one.id:
            for fault in faults_of(one.answer):
                say(text_of(OWN, fault))


def show_codes(played: Sequence[Played]) -> None:
    """The QR codes to be seen: drawn on a terminal wide enough, else the beginning of their texts."""
    for one in played:
        text = one.answer.get("qr") if one.piece.has_code else None
        if text:
            say(f"\nQR code of {one.piece.number} ({one.answer['authority_status']}):")
            say(drawn(text))


def drawn(text: str) -> str:
    """The code for whoever watches."""
    from tallystick.flows.picture import TooLong, in_terminal

    if is_terminal():
        columns = shutil.get_terminal_size((0, 0)).columns
        with suppress(TooLong):
            return in_terminal(text, columns=columns).rstrip("\n")
    return f"{text[:BEGINNING]}… ({len(text)} characters)"


def row_of(one: Played) -> tuple[str, ...]:
    """A line of the table."""
    if not one.id:
        faults = len(faults_of(one.answer))
        return one.piece.number, one.piece.shows, f"refused, {faults} faults", "–", "–"
    state = one.answer["authority_status"].replace("_", " ")
    return one.piece.number, one.piece.shows, f"{one.answer['status']}, {state}", tries_of(one), one.receipt


def tries_of(one: Played) -> str:
    """How often it was sent, with which answers, and how often it was asked about."""
    sent = [attempt for attempt in one.attempts if attempt["kind"] == "submit"]
    asked = len(one.attempts) - len(sent)
    met = ", ".join(str(attempt["http_status"] or "no answer") for attempt in sent)
    return f"{len(sent)} sent ({met})" + (f", {asked} asked" if asked else "") if sent else "none"


def show_ways_on(player: Player, played: Sequence[Played], kept: bool) -> None:
    """Where to look, and what to do next."""
    stage, run = player.stage, player.run
    folder = stage.home.resolve()
    first = next((one for one in played if one.folder is not None and one.attempts), None)
    say("")
    if first is not None and first.folder is not None:
        page = (first.folder / "summary.html").resolve().as_uri()
        say(f"An invoice's story    {page}")
    say(f"All receipts          {folder / 'receipts' / run}")
    say(f"Your own invoice      {folder.parent / OWN}")
    say(f"What was logged       {folder}/*.log")
    if not kept:
        say(f"To look around        ./dev demo --keep   then {stage.api}/docs")
        return
    say(f"The API's manual      {stage.api}/docs")
    if first is not None:
        header = f"-H 'Authorization: Bearer {stage.key}'"
        say(f"An invoice            curl {header} {stage.api}/v1/invoices/{first.id}")
    say(f"Authorities           {stage.sandbox}/admin/journal")
    say(f"Webhooks              {stage.sandbox}/admin/consumer/{player.consumer}")
    say("Ctrl-C ends everything and leaves nothing running.")
