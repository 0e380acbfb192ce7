"""The chain of one unit as the authority saw it: counters, links, bytes."""

from __future__ import annotations

import re
from typing import Any

from tallystick.sandbox.fatoora.hashing import FIRST_PIH

_SHOWN = ("at", "number", "type", "flow", "verdict", "icv", "pih", "hash", "instance_id", "document_sha256")
_MOST = 10_000
_COUNTER = re.compile(r"[0-9]{1,18}")


def chain(
    environment: str, unit: str, events: list[dict[str, Any]], *, bodies: bool = False
) -> dict[str, Any]:
    """Everything one unit handed in, in the order of its counters, refused documents included.

    `whole` is true when they count from 1 to their number without a gap or a repeat and each names the hash
    of the one before; otherwise `missing`, `repeated` and `broken` say where not (counters). `contents`
    above 1 in a repeat are different documents under one counter.
    """
    shown = (*_SHOWN, "document") if bodies else _SHOWN
    numbered = sorted((event for event in _latest(events) if _COUNTER.fullmatch(event["icv"])), key=_counter)
    counters = [_counter(event) for event in numbered]
    present = set(counters)
    first, last = (counters[0], counters[-1]) if counters else (0, 0)
    missing = [number for number in range(1, min(last, _MOST) + 1) if number not in present]
    repeated = (
        sorted({number for number in counters if counters.count(number) > 1})
        if len(present) < len(counters)
        else []
    )
    broken = _broken(numbered)
    return {
        "environment": environment,
        "unit": unit,
        "first": first,
        "last": last,
        "whole": bool(counters) and not (missing or repeated or broken),
        "missing": missing,
        "repeated": repeated,
        "broken": broken,
        "accepted": sum(event["verdict"] == "accepted" for event in numbered),
        "documents": [{name: event[name] for name in shown} for event in numbered],
    }


def _counter(event: dict[str, Any]) -> int:
    return int(event["icv"])


def _latest(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One event for each document: the last judgement of it."""
    return list({(event["hash"], event["document_sha256"]): event for event in events}.values())


def _broken(numbered: list[dict[str, Any]]) -> list[int]:
    """Counters of documents that do not name the hash of their predecessor, where that one is known."""
    hashes: dict[int, set[str]] = {}
    for event in numbered:
        hashes.setdefault(_counter(event), set()).add(event["hash"])
    return [
        number
        for event in numbered
        if (number := _counter(event)) and event["pih"] not in _named(hashes, number, event["pih"])
    ]


def _named(hashes: dict[int, set[str]], number: int, pih: str) -> set[str]:
    if number == 1:
        return {FIRST_PIH}
    return hashes.get(number - 1, {pih})
