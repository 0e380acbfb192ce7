"""Seller, buyer and the two addresses beside them: numbers, states and postal codes agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tallystick.sandbox.irp.judge import masters
from tallystick.sandbox.irp.judge.customs import Customs, check_digit
from tallystick.sandbox.irp.judge.finding import Finding, block, number, state, text
from tallystick.sandbox.irp.judge.supply import Supply

__all__ = ["parties"]

_ABROAD_PIN = 999999
_SHAPE = re.compile(r"[0-9]{2}[0-9A-Z]{13}")


def parties(document: dict[str, Any], supply: Supply, customs: Customs) -> Iterator[Finding]:
    """Everything about who and where."""
    seller, buyer = block(document, "SellerDtls"), block(document, "BuyerDtls")
    for path, number_of in _numbers(document):
        yield from _taxpayer_number(path, number_of, customs)
    yield from _states(seller, buyer)
    if text(seller, "Gstin") and text(seller, "Gstin") == text(buyer, "Gstin"):
        yield Finding("2211", "BuyerDtls.Gstin", "is the seller's own")
    yield from _buyer_abroad(buyer) if supply.export else _buyer_at_home(buyer, supply)
    yield from _places(document)


def _numbers(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in ("SellerDtls", "BuyerDtls", "ShipDtls"):
        said = text(block(document, name), "Gstin")
        if said:
            yield f"{name}.Gstin", said
    operator = text(block(document, "TranDtls"), "EcmGstin")
    if operator:
        yield "TranDtls.EcmGstin", operator


def _taxpayer_number(path: str, said: str, customs: Customs) -> Iterator[Finding]:
    if said == "URP":
        if path == "SellerDtls.Gstin":
            yield Finding("2213", path, "a seller must be registered")
        return
    if not _SHAPE.fullmatch(said) or said[:2] not in masters.STATES:
        yield Finding("3030", path, "is no taxpayer's number")
    elif customs.strict and check_digit(said[:14]) != said[14]:
        yield Finding("3030", path, "has a wrong check digit")
    elif customs.strict and path == "TranDtls.EcmGstin" and said[13] != "C":
        yield Finding("2195", path, "is not registered to collect tax at source")


def _states(seller: dict[str, Any], buyer: dict[str, Any]) -> Iterator[Finding]:
    for code, path, where in (
        ("2259", "SellerDtls.Stcd", state(seller, "Stcd")),
        ("2260", "BuyerDtls.Stcd", state(buyer, "Stcd")),
        ("2243", "BuyerDtls.Pos", state(buyer, "Pos")),
    ):
        if where not in masters.STATES:
            yield Finding(code, path, "is no state")
    if text(seller, "Gstin") and text(seller, "Gstin")[:2] != state(seller, "Stcd"):
        yield Finding("2258", "SellerDtls.Stcd", "is not the state of the taxpayer's number")
    if text(buyer, "Gstin") not in ("", "URP") and text(buyer, "Gstin")[:2] != state(buyer, "Stcd"):
        yield Finding("2265", "BuyerDtls.Stcd", "is not the state of the taxpayer's number")


def _buyer_abroad(buyer: dict[str, Any]) -> Iterator[Finding]:
    if text(buyer, "Gstin") != "URP":
        yield Finding("2248", "BuyerDtls.Gstin", "must be URP for exports")
    if state(buyer, "Stcd") != masters.OTHER_COUNTRY:
        yield Finding("2261", "BuyerDtls.Stcd", "must be 96 for exports")
    if state(buyer, "Pos") != masters.OTHER_COUNTRY:
        yield Finding("2232", "BuyerDtls.Pos", "must be 96 for exports")
    if "Pin" in buyer and number(buyer, "Pin") != _ABROAD_PIN:
        yield Finding("2272", "BuyerDtls.Pin", "must be 999999 for exports")


def _buyer_at_home(buyer: dict[str, Any], supply: Supply) -> Iterator[Finding]:
    if text(buyer, "Gstin") == "URP":
        code = "2171" if supply.code == "DEXP" else "2212"
        yield Finding(code, "BuyerDtls.Gstin", "must be a registered taxpayer")
    if state(buyer, "Pos") == masters.OTHER_COUNTRY:
        yield Finding("2242", "BuyerDtls.Pos", "must be a state")
    if "Pin" not in buyer:
        yield Finding("2244", "BuyerDtls.Pin", "is mandatory")
    elif number(buyer, "Pin") == _ABROAD_PIN:
        yield Finding("2244", "BuyerDtls.Pin", "must be a postal code of the country")


def _places(document: dict[str, Any]) -> Iterator[Finding]:
    for name in ("SellerDtls", "BuyerDtls", "DispDtls", "ShipDtls"):
        place = block(document, name)
        where, pin = state(place, "Stcd"), number(place, "Pin")
        if name in ("DispDtls", "ShipDtls") and place and where not in masters.STATES:
            yield Finding("2200", f"{name}.Stcd", "is no state")
        if pin and pin != _ABROAD_PIN and not masters.pin_fits(int(pin), where):
            yield Finding("3039", f"{name}.Pin", "does not belong to the state")
