"""Tallystick: an e-invoicing compliance gateway."""

__version__ = "0.1.0"
