"""The strategy as the gateway loads it, and what a built document is judged under."""

from typing import Final

from tallystick.strategies import load
from tallystick.strategy import Strategy

OFFICIAL: Final = {"poacc:billing:3.0": "peppol-bis3", "poacc:selfbilling:3.0": "peppol-bis3-sb"}


def peppol() -> Strategy:
    """The strategy, as the gateway loads it."""
    return load().by_name("peppol")


def profile_of(body: bytes) -> str:
    """Under which official profile a built document is to be judged: by what it says of itself."""
    head = body[: body.index(b"</cbc:CustomizationID>")].decode()
    return next((profile for end, profile in OFFICIAL.items() if end in head), "en16931-ubl")
