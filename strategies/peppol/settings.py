"""What a seller's registration says: which access point product, as whom, under which rules."""

from typing import Annotated

from msgspec import Meta, Struct

from tallystick.network import Adapter
from tallystick.rules.en16931 import Syntax

from .profiles import RuleChoice


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All is optional. `participant` (`0088:7300010000001`) and `c1_country` are the sender's, and stand in
    his document if absent here; `rules` overrides what a document's own specification identifier asks for.
    `syntax` is what documents of EN 16931 and of XRechnung are written in; Peppol's own are always UBL.
    `edition` is the one of two editions of the rules by which documents are judged while both hold; without
    it, it is the later one, and an edition that does not hold on the day of issue is not heeded.
    """

    adapter: Adapter = "phoss-ap"
    participant: Annotated[str, Meta(pattern="^[0-9]{4}:[!-~]{1,130}$")] | None = None
    c1_country: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    rules: RuleChoice | None = None
    syntax: Syntax = "ubl"
    edition: Annotated[str, Meta(pattern=r"^[0-9A-Za-z.-]{1,20}$")] | None = None
