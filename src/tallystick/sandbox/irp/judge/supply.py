"""What kind of supply the document says it is, from which the tax follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tallystick.sandbox.irp.judge.finding import block, state, text

__all__ = ["Supply", "supply_of"]


@dataclass(frozen=True, slots=True)
class Supply:
    """`code`: B2B, EXPWP, ...; `kind`: INV, CRN, DBN; `split`: central and state tax are due."""

    code: str
    kind: str
    intra: bool
    split: bool
    reverse: bool

    @property
    def export(self) -> bool:
        """Goods or services leave the country."""
        return self.code in ("EXPWP", "EXPWOP")

    @property
    def zone(self) -> bool:
        """To a special economic zone."""
        return self.code in ("SEZWP", "SEZWOP")

    @property
    def untaxed(self) -> bool:
        """Made without paying the tax."""
        return self.code in ("EXPWOP", "SEZWOP")


def supply_of(document: dict[str, Any]) -> Supply:
    """Read it off the document, whatever else is wrong with it."""
    said = block(document, "TranDtls")
    code = text(said, "SupTyp")
    home = state(block(document, "SellerDtls"), "Stcd")
    away = code in ("EXPWP", "EXPWOP", "SEZWP", "SEZWOP")
    intra = home == state(block(document, "BuyerDtls"), "Pos") and not away
    return Supply(
        code=code,
        kind=text(block(document, "DocDtls"), "Typ"),
        intra=intra,
        split=intra and text(said, "IgstOnIntra") != "Y",
        reverse=text(said, "RegRev") == "Y",
    )
