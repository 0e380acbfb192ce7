"""Our rules beside the publishers' own, on the same invoices."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tallystick.conformance import built, judge, number_of
from tallystick.strategies import load
from tallystick.strategy import Strategy
from unit.formats.official import fatal
from unit.strategies.peppol.mutants import FIXTURES

OFFICIAL: Final = {"poacc:billing:3.0": "peppol-bis3", "poacc:selfbilling:3.0": "peppol-bis3-sb"}


def peppol() -> Strategy:
    """The strategy, as the gateway loads it."""
    return load().by_name("peppol")


def profile_of(body: bytes) -> str:
    """Under which official profile a built document is to be judged: by what it says of itself."""
    head = body[: body.index(b"</cbc:CustomizationID>")].decode()
    return next((profile for end, profile in OFFICIAL.items() if end in head), "en16931-ubl")


class Agreement:
    """What became of a heap of invoices.

    `unsound`: we accept, the official judge does not. `stricter`: only we refuse, by rule. `accepted` and
    `refused` count the invoices on which both agree.
    """

    def __init__(self, scratch: Path) -> None:
        self.strategy = peppol()
        self.scratch = scratch / "document.xml"
        self.unsound: list[str] = []
        self.stricter: Counter[str] = Counter()
        self.accepted = 0
        self.refused = 0

    def over(self, invoices: Iterable[tuple[str, bytes]]) -> "Agreement":
        """Judge them all."""
        for what, body in invoices:
            self._one(what, judge(self.strategy, body, cases=FIXTURES))
        return self

    def _one(self, what: str, judged: Any) -> None:
        if judged.good:
            if objections := self._objections(built(self.strategy, judged).body):
                self.unsound.append(f"{what}: {objections[:3]}")
            else:
                self.accepted += 1
        elif judged.invoice is not None and len(judged.faults) == len(judged.own):
            if self._objections(built(self.strategy, judged).body):
                self.refused += 1
            else:
                self.stricter.update({number_of(fault) for fault in judged.own})

    def _objections(self, body: bytes) -> list[str]:
        self.scratch.write_bytes(body)
        return fatal(profile_of(body), self.scratch)
