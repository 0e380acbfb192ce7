"""Tallystick: an e-invoicing compliance gateway."""

import sys

__version__ = "0.1.0"

# httpx has a command line of its own and loads a terminal library for it, which costs a third of a second.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is how an import is refused
