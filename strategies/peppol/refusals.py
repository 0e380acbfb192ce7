"""A refusal of the network under the rule it names: our table knows the set, the edition and the term."""

from typing import Final

from msgspec.structs import replace

from tallystick.canonical import Fault
from tallystick.rules import read
from tallystick.strategy import Outcome

__all__ = ["named"]

_TABLES: Final = ("cii-syntax", "xrechnung", "en16931", "peppol", "peppol-national")
_KNOWN: Final = {number: rule for table in _TABLES for number, rule in read(table).items()}


def named(outcome: Outcome) -> Outcome:
    """The outcome, its faults under the publisher's set where the number is one of the tables."""
    return replace(outcome, faults=tuple(map(_named, outcome.faults)))


def _named(fault: Fault) -> Fault:
    known = _KNOWN.get(fault.rule.id) if fault.rule else None
    return replace(fault, rule=known.ref, term=fault.term or known.term) if known else fault
