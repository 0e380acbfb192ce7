"""Levels: a tenant may take a rule more seriously than its publisher, never less.

What is raised is told as an error, so the document is refused; what a publisher calls an error stays one.
"""

from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from tallystick.canonical import Fault

__all__ = ["number_of", "raised"]


def raised(faults: Iterable[Fault], numbers: Collection[str]) -> Iterator[Fault]:
    """The faults in their order, those of these rules as errors. Nothing else about them changes."""
    for fault in faults:
        if fault.severity != "error" and number_of(fault) in numbers:
            yield replace(fault, severity="error")
        else:
            yield fault


def number_of(fault: Fault) -> str:
    """The number of the broken rule; the fault's code where no published rule is broken."""
    return fault.rule.id if fault.rule else fault.code
