"""The transaction, the document's date, exports, and what the registry says of the two parties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tallystick.sandbox.irp.judge import masters
from tallystick.sandbox.irp.judge.customs import Customs, Taxpayer
from tallystick.sandbox.irp.judge.finding import Finding, block, day, state, text
from tallystick.sandbox.irp.judge.supply import Supply

__all__ = ["dated", "exports", "registered", "transaction"]


def transaction(document: dict[str, Any], supply: Supply) -> Iterator[Finding]:
    """2162, 2262: reverse charge and integrated tax within a state."""
    if supply.reverse and (supply.export or supply.code == "DEXP"):
        yield Finding("2162", "TranDtls.RegRev", "is not for this kind of supply")
    if text(block(document, "TranDtls"), "IgstOnIntra") == "Y":
        home = state(block(document, "SellerDtls"), "Stcd")
        if home != state(block(document, "BuyerDtls"), "Pos"):
            yield Finding("2262", "TranDtls.IgstOnIntra", "needs the place of supply in the seller's state")


def dated(document: dict[str, Any], customs: Customs) -> Iterator[Finding]:
    """2225, 2163, 2284, 2305: the document's day."""
    said = text(block(document, "DocDtls"), "Dt")
    when = day(said)
    if when is None:
        if said:
            yield Finding("2225", "DocDtls.Dt", "is no day")
    elif when > customs.today:
        yield Finding("2163", "DocDtls.Dt", "lies in the future")
    elif customs.floor is not None and when < customs.floor:
        yield Finding("2284", "DocDtls.Dt", "lies before the first day that is taken")
    elif customs.window is not None and (customs.today - when).days > customs.window:
        yield Finding("2305", "DocDtls.Dt", f"is more than {customs.window} days ago")


def exports(document: dict[str, Any]) -> Iterator[Finding]:
    """2201, 2202, 2203: port, country, currency."""
    said = block(document, "ExpDtls")
    port, country, currency = (text(said, name) for name in ("Port", "CntCode", "ForCur"))
    if port and not (port.upper().startswith("IN") and port.upper()[2:] in masters.PORTS):
        yield Finding("2201", "ExpDtls.Port", "is not in the master")
    if country and (country == "IN" or country not in masters.COUNTRIES):
        yield Finding("2202", "ExpDtls.CntCode", "is not another country")
    if currency and currency.upper() not in masters.CURRENCIES:
        yield Finding("2203", "ExpDtls.ForCur", "is not in the master")


def registered(document: dict[str, Any], supply: Supply, customs: Customs) -> Iterator[Finding]:
    """3028, 3029, 3074, 3075, 3079, 2231, 2246, 2247: as far as the registry knows the parties."""
    for name in ("SellerDtls", "BuyerDtls"):
        known = customs.known(text(block(document, name), "Gstin"))
        if known is not None:
            yield from _standing(f"{name}.Gstin", known, text(block(document, "DocDtls"), "Dt"))
    seller = customs.known(text(block(document, "SellerDtls"), "Gstin"))
    if seller is not None and seller.kind == "SEZ":
        yield Finding("2231", "SellerDtls.Gstin", "is a unit of a special economic zone")
    buyer = customs.known(text(block(document, "BuyerDtls"), "Gstin"))
    if buyer is None:
        return
    if buyer.kind in ("SEZ", "SED") and not supply.zone and supply.code != "DEXP":
        yield Finding("2246", "TranDtls.SupTyp", "the recipient is in a special economic zone")
    if buyer.kind not in ("SEZ", "SED") and supply.zone:
        yield Finding("2247", "TranDtls.SupTyp", "the recipient is in no special economic zone")


def _standing(path: str, known: Taxpayer, said: str) -> Iterator[Finding]:
    when, first, last = (day(one) for one in (said, known.registered, known.deregistered))
    if known.status == "":
        yield Finding("3028", path, "is not in the portal's copy of the registry")
    elif known.status == "INA":
        yield Finding("3029", path, "is not active")
    elif known.status == "CNL" and last is None:
        yield Finding("3075", path, "is cancelled")
    elif known.status == "CNL" and when is not None and last is not None and when > last:
        yield Finding("3074", path, "was cancelled before the document's day")
    if when is not None and first is not None and when < first:
        yield Finding("3079", path, "was registered after the document's day")
