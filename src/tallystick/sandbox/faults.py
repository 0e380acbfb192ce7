"""Misbehaviour on demand: what the sandbox can be told to do wrong, and when.

A fault is written `kind` or `kind:argument`, with `before:` or `after:` in front to say whether the
document is processed first:

* `NNN[:retry_after]`  an HTTP status 301 to 599; 429 and 503 carry Retry-After when an argument is given
* `drop` / `process_then_drop`  the TCP connection is reset without an answer, before / after processing
* `stall:SECONDS`  processed at once, answered late (`before:stall:S` waits, then processes)
* `garbage`, `html[:status]`, `empty`, `truncated`  processed, then an answer nobody can read
* `reject[:RULE[@PLACE]]`, `late_reject[:RULE]`, `duplicate`  a refusal now (the place is an XPath), a refusal
  later, "already delivered"
* `pending[:polls]`, `failed[:polls]`, `give_up[:polls]`  the access point goes on trying; it ends sent,
  sent, and given up
* `unreported`  sent, but the answer says the follow-up work failed
* `answer:NAME`  the answer of that name (each stand-in lists its own), processed first unless `before:` is
  written or the name is one that refuses
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

_TRANSPORT = frozenset({"drop", "stall", "garbage", "html", "empty", "truncated"})
_VERDICT = frozenset({"reject", "late_reject", "pending", "failed", "give_up"})
_ANSWER = frozenset({"duplicate", "unreported", "answer"})
_STATUS = re.compile(r"[3-5][0-9][0-9]")
_MAGIC = re.compile(
    r"(?:^|[^A-Za-z0-9])X-(?P<text>(?:before:|after:)?(?:[a-z_]+|[345][0-9][0-9])(?:[:-][A-Za-z0-9_.-]+?)??)"
    r"(?:-x(?P<times>[0-9]{1,4}))?$"
)
_KEYS = frozenset(
    {
        *("dialect", "operation", "sender", "receiver", "number", "instance_id", "consumer"),
        *("environment", "flow", "unit"),
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One piece of misbehaviour. `processes`: whether the document is taken in before it happens."""

    kind: str
    argument: str
    processes: bool
    text: str

    @property
    def placed(self) -> bool:
        """Whether the order itself said `before:` or `after:`."""
        return self.text.startswith(("before:", "after:"))

    def seconds(self) -> float:
        """Argument as seconds, zero when none was given."""
        return float(self.argument or 0)

    def count(self) -> int:
        """Argument as a number of polls, three when none was given."""
        return int(self.argument or 3)


def read_fault(text: str) -> Fault:
    """The fault a text names. Raises ValueError with what is wrong."""
    placed, bare = None, text.strip()
    for prefix, processes in (("before:", False), ("after:", True)):
        if bare.startswith(prefix):
            placed, bare = processes, bare.removeprefix(prefix)
    kind, _, argument = bare.partition(":")
    if kind == "process_then_drop":
        kind, placed = "drop", True
    if not (_STATUS.fullmatch(kind) or kind in _TRANSPORT | _VERDICT | _ANSWER):
        raise ValueError(f"no such fault: {text!r}")
    if kind == "stall" and not re.fullmatch(r"[0-9]{1,3}(\.[0-9]+)?", argument):
        raise ValueError("stall needs seconds, for example stall:2.5")
    if kind in ("pending", "failed", "give_up") and not re.fullmatch(r"[0-9]{0,4}", argument):
        raise ValueError(f"{kind} takes a number of polls, for example {kind}:3")
    if kind == "answer" and not re.fullmatch(r"[a-z0-9-]{1,80}", argument):
        raise ValueError("answer takes a name, for example answer:any-503")
    if kind == "html" and not re.fullmatch(r"|[2-5][0-9][0-9]", argument):
        raise ValueError("html takes a status, for example html:502")
    natural = not (_STATUS.fullmatch(kind) or kind == "drop")
    return Fault(kind, argument, natural if placed is None else placed, text.strip())


@dataclass(slots=True)
class FaultRule:
    """A standing order: requests that match get the fault, every n-th of them, a number of times.

    `share` below 1 lets chance decide which ones, the same ones each time for the same `seed`.
    """

    id: int
    match: dict[str, str]
    fault: Fault
    times: int | None
    every: int = 1
    share: float = 1.0
    seed: int = 0
    seen: int = 0
    fired: int = 0
    chance: random.Random = field(default_factory=random.Random, repr=False)

    def due(self) -> bool:
        """Whether this match, the `seen`-th, is one that gets the fault."""
        self.seen += 1
        return self.seen % self.every == 0 and (self.share >= 1 or self.chance.random() < self.share)

    def fits(self, facts: dict[str, str]) -> bool:
        """Whether all patterns match; `operation` is `submit` unless the order says otherwise."""
        patterns = {"operation": "submit", **self.match}
        return all(fnmatchcase(facts.get(key, ""), pattern) for key, pattern in patterns.items())

    def public(self) -> dict[str, Any]:
        """The order as the admin interface shows it."""
        return {
            "id": self.id,
            "match": self.match,
            "fault": self.fault.text,
            "times": self.times,
            "every": self.every,
            "share": self.share,
            "seed": self.seed,
            "seen": self.seen,
            "fired": self.fired,
        }


@dataclass(slots=True)
class FaultBook:
    """All standing orders, the magic suffixes met so far, and how often each fault happened.

    `answers` are the names that `answer:NAME` takes: each stand-in adds its own.
    """

    answers: set[str] = field(default_factory=set)
    rules: list[FaultRule] = field(default_factory=list)
    fired: dict[str, int] = field(default_factory=dict)
    _magic: dict[tuple[str, str, str], int] = field(default_factory=dict)
    _last: int = 0

    def add(
        self,
        match: dict[str, str],
        fault: str,
        times: int | None = None,
        every: int = 1,
        share: float = 1.0,
        seed: int = 0,
    ) -> FaultRule:
        """Write down an order. Raises ValueError for an unknown fault, match key, count or share."""
        unknown = set(match) - _KEYS
        if unknown:
            raise ValueError(
                f"cannot match on {', '.join(sorted(unknown))}; one of {', '.join(sorted(_KEYS))}"
            )
        if (times is not None and times < 1) or every < 1:
            raise ValueError("times and every must be at least 1")
        if not 0 < share <= 1:
            raise ValueError("share must be above 0 and at most 1")
        named = read_fault(fault)
        if named.kind == "answer" and named.argument not in self.answers:
            raise ValueError(f"no such answer: {named.argument!r}")
        self._last += 1
        rule = FaultRule(self._last, dict(match), named, times, every, share, seed)
        rule.chance.seed(seed)
        self.rules.append(rule)
        return rule

    def remove(self, rule_id: int) -> bool:
        """Strike one order; False when there is none."""
        before = len(self.rules)
        self.rules = [rule for rule in self.rules if rule.id != rule_id]
        return len(self.rules) < before

    def clear(self) -> None:
        """Strike every order and forget which magic suffixes were used up."""
        self.rules.clear()
        self._magic.clear()

    def pick(self, facts: dict[str, str], header: str = "") -> Fault | None:
        """The fault for this request: header first, then orders in their order, then magic suffixes.

        Raises ValueError when the header names no fault.
        """
        fault = read_fault(header) if header else self._ordered(facts) or self._suffixed(facts)
        if fault is not None:
            self.fired[fault.text] = self.fired.get(fault.text, 0) + 1
        return fault

    def _ordered(self, facts: dict[str, str]) -> Fault | None:
        for rule in self.rules:
            if (rule.times is not None and rule.fired >= rule.times) or not rule.fits(facts):
                continue
            if rule.due():
                rule.fired += 1
                return rule.fault
        return None

    def _suffixed(self, facts: dict[str, str]) -> Fault | None:
        """`INV-7-X-503-x3`: three times 503 for this document. A verdict holds for ever, others once."""
        if facts.get("operation") != "submit":
            return None
        for key in ("number", "receiver", "sender"):
            found = _MAGIC.search(facts.get(key, ""))
            if found is None:
                continue
            try:
                fault = read_fault(_colon(found["text"]))
            except ValueError:
                continue
            spent = (facts.get("sender", ""), facts.get("number", ""), fault.text)
            lasting = fault.kind in _VERDICT and found["times"] is None
            if lasting or self._magic.get(spent, 0) < int(found["times"] or 1):
                self._magic[spent] = self._magic.get(spent, 0) + 1
                return fault
        return None


def _colon(text: str) -> str:
    """A suffix may write `reject-BR-CO-15` where a colon does not fit."""
    if ":" in text.removeprefix("before:").removeprefix("after:"):
        return text
    return text.replace("-", ":", 1)
