"""The business rules a document must keep: the authority's own, and those of the European norm it uses."""

from __future__ import annotations

from tallystick.sandbox.fatoora.finding import Law
from tallystick.sandbox.fatoora.law.calendar import clock

LAWS: tuple[Law, ...] = ()

__all__ = ["LAWS", "clock"]
