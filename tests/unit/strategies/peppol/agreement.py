"""The strategy as the gateway loads it, and what a built document is judged under."""

import re
from typing import Final

from tallystick.strategies import load
from tallystick.strategy import Strategy

OFFICIAL: Final = {
    "poacc:billing:3.0": "peppol-bis3",
    "poacc:selfbilling:3.0": "peppol-bis3-sb",
    "kosit:xrechnung_3.0": "xrechnung",
    "kosit:extension:xrechnung_3.0": "xrechnung-ext",
    "kosit:xrechnung:cvd_0.9": "xrechnung-cvd",
}
"""How a specification identifier ends: the official profile, without its syntax where there are two."""

_SAID: Final = re.compile(
    rb"<cbc:CustomizationID>([^<]*)|<ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>([^<]*)"
).search


def peppol() -> Strategy:
    """The strategy, as the gateway loads it."""
    return load().by_name("peppol")


def profile_of(body: bytes) -> str:
    """Under which official profile a built document is to be judged: by what it says of itself."""
    found = _SAID(body)
    assert found is not None
    syntax = "ubl" if found[1] is not None else "cii"
    said = (found[1] or found[2]).decode()
    profile = next((profile for end, profile in OFFICIAL.items() if said.endswith(end)), "en16931")
    return profile if profile.startswith("peppol") else f"{profile}-{syntax}"
