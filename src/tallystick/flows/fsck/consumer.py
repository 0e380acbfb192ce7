"""I9 against the consumers' own journal: everything arrived, in order, unchanged, and signed by us."""

import hashlib
from base64 import b64decode
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec import Struct

from tallystick.flows.fsck.journal import lines
from tallystick.flows.fsck.proof import parsed
from tallystick.flows.fsck.report import Finding
from tallystick.flows.fsck.story import Story
from tallystick.store.fsck import Row

__all__ = ["Consumers"]

MARK: Final = "v1a,"


class Arrival(Struct, frozen=True):
    """One arrival: the event's id, its bytes' SHA-256, whether the consumer said that it has it."""

    event: str
    sha256: bytes
    accepted: bool


class Consumers:
    """The journal of all consumers. `key` is the gateway's public webhook key (32 bytes): without it no
    signature is checked.
    """

    def __init__(self, path: Path | None, key: bytes | None) -> None:
        """Raises ValueError or OSError when the journal cannot be read."""
        self.given = path is not None
        self._key = None if key is None else Ed25519PublicKey.from_public_bytes(key)
        self._seen: dict[tuple[str, str], list[Arrival]] = {}
        self._bad: list[Finding] = []
        self.arrivals = 0
        for event in lines(path):
            self.arrivals += 1
            self._note(event)

    def _note(self, event: dict[str, Any]) -> None:
        text = str(event.get("body"))
        body = b64decode(text) if event.get("encoding") == "base64" else text.encode()
        content = parsed(body)
        data = content.get("data") if isinstance(content, dict) else None
        about = str(data.get("invoice_id") or data.get("registration_id")) if isinstance(data, dict) else ""
        where = f"arrival of event {event.get('webhook_id')} at {event.get('consumer')}"
        if self._key is not None and not _signed(self._key, event, body):
            self._bad.append(Finding("I9", "its signature is not ours", where))
        arrival = Arrival(
            str(event.get("webhook_id")), hashlib.sha256(body).digest(), event.get("accepted") is True
        )
        self._seen.setdefault((str(event.get("consumer")), about), []).append(arrival)

    def compare(self, story: Story, addresses: Mapping[UUID, str]) -> Iterator[Finding]:
        """Whatever arrived otherwise than this invoice's deliveries say. Once for each invoice.

        `addresses` are the endpoints' URLs; the last part of its path is the consumer's name.
        """
        if not self.given:
            return
        events = {row["id"]: row for row in story.events}
        by_endpoint: dict[UUID, list[Row]] = {}
        for row in story.deliveries:
            by_endpoint.setdefault(row["endpoint_id"], []).append(row)
        for endpoint, rows in by_endpoint.items():
            name = urlsplit(addresses.get(endpoint, "")).path.rpartition("/")[2]
            arrived = self._seen.pop((name, str(story.invoice["id"])), [])
            where = f"{story.where} to endpoint {endpoint} ({name})"
            yield from _ordered(rows, arrived, where)
            yield from _unchanged(events, arrived, where)

    def leftovers(self) -> Iterator[Finding]:
        """Bad signatures, and arrivals that nothing here was to deliver. After every invoice."""
        yield from self._bad
        for name, about in self._seen:
            yield Finding(
                "I9", "something arrived that nothing here was to deliver", f"{name}, about {about}"
            )


def _signed(key: Ed25519PublicKey, event: dict[str, Any], body: bytes) -> bool:
    """Whether one of the signatures is the gateway's, over id, time and bytes."""
    signed = f"{event.get('webhook_id')}.{event.get('webhook_timestamp')}.".encode() + body
    for mark in str(event.get("webhook_signature")).split():
        if mark.startswith(MARK):
            try:
                key.verify(b64decode(mark.removeprefix(MARK)), signed)
            except (InvalidSignature, ValueError):
                continue
            return True
    return False


def _ordered(rows: list[Row], arrived: list[Arrival], where: str) -> Iterator[Finding]:
    """First arrivals, and first arrivals that were accepted, come in the order of their places."""
    places = {str(row["event_id"]): row["seq"] for row in rows}
    for word, seen in (
        ("arrived", arrived),
        ("was accepted", [arrival for arrival in arrived if arrival.accepted]),
    ):
        firsts = list(dict.fromkeys(arrival.event for arrival in seen if arrival.event in places))
        order = [places[event] for event in firsts]
        for before, after in pairwise(order):
            if after < before:
                yield Finding("I9", f"delivery {after} first {word} after delivery {before}", where)
    has = {arrival.event for arrival in arrived if arrival.accepted}
    for row in rows:
        if row["state"] == "delivered" and str(row["event_id"]) not in has:
            yield Finding("I9", f"delivery {row['seq']} is delivered, and the consumer never had it", where)
        if row["state"] == "failed" and str(row["event_id"]) in has and row["attempts"] == 1:
            yield Finding("I9", f"delivery {row['seq']} was given up after one try", where)


def _unchanged(events: Mapping[UUID, Row], arrived: list[Arrival], where: str) -> Iterator[Finding]:
    ours = {str(id_): hashlib.sha256(row["body"]).digest() for id_, row in events.items()}
    for arrival in arrived:
        if arrival.event not in ours:
            yield Finding("I9", f"event {arrival.event} arrived, and it is not there", where)
        elif arrival.sha256 != ours[arrival.event]:
            yield Finding("I9", f"event {arrival.event} arrived with other bytes than are stored", where)
