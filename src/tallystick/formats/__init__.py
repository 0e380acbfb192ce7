"""The pens: writers and readers of wire formats. Told a profile, never a country. What leaves is bytes."""

from tallystick.formats.xml_in import Unreadable

__all__ = ["Unreadable"]
