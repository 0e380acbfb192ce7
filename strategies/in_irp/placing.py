"""Who, where and what kind of supply: states, GSTINs, postal codes, reverse charge, dates, references."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from tallystick import schemas
from tallystick.canonical import Fault

from .case import Case
from .codes import ABROAD, EXPORTS, FORMER_STATES, STATES
from .identity import TAX_COLLECTOR, is_valid
from .parties import ABROAD_PIN
from .rules import hard
from .supply import RUPEE, UNREGISTERED

__all__ = ["placing"]

DEEMED: Final = "DEXP"
LIMIT: Final = timedelta(days=30)
PORTS: Final = frozenset(schemas.path("codelists/in-ports.txt").read_text(encoding="ascii").split())
CURRENCIES: Final = frozenset(schemas.path("codelists/in-currencies.txt").read_text(encoding="ascii").split())
_KNOWN_STATES: Final = frozenset(STATES) | FORMER_STATES
_PINS: Final[Mapping[str, list[list[int]]]] = tomllib.loads(
    schemas.path("codelists/in-pins.toml").read_text(encoding="utf-8")
)
_shaped: Final = re.compile("[0-9]{2}[0-9A-Z]{13}", re.ASCII).fullmatch
_GSTINS: Final = (
    ("SellerDtls", "Gstin"),
    ("BuyerDtls", "Gstin"),
    ("ShipDtls", "Gstin"),
    ("TranDtls", "EcmGstin"),
)


def placing(case: Case) -> Iterator[Fault]:
    """Everything about the parties, the places and the document itself."""
    yield from _gstins(case)
    yield from _states(case)
    yield from _buyer(case)
    yield from _postal_codes(case)
    yield from _transaction(case)
    yield from _document(case)
    yield from _export(case)


def _gstins(case: Case) -> Iterator[Fault]:
    for block, name in _GSTINS:
        gstin = case.block(block).get(name)
        if not isinstance(gstin, str) or gstin == UNREGISTERED or not _shaped(gstin):
            continue
        where = f"{block}.{name}"
        if gstin[:2] not in _KNOWN_STATES:
            yield case.fault("2271", where, expected="a state's two digits first", actual=gstin)
        if not is_valid(gstin):
            fault = case.fault("3030", where, actual=gstin)
            yield hard(fault) if case.production else fault
    seller, buyer = case.block("SellerDtls").get("Gstin"), case.block("BuyerDtls").get("Gstin")
    if seller and seller == buyer:
        yield case.fault("2211", "BuyerDtls.Gstin", actual=buyer)
    if seller and case.own_gstin and seller != case.own_gstin:
        yield case.fault("2143", "SellerDtls.Gstin", expected=case.own_gstin, actual=seller)
    shipped = case.block("ShipDtls").get("Gstin")
    if shipped and shipped == buyer and shipped != UNREGISTERED:
        yield case.fault("2323", "ShipDtls.Gstin", actual=shipped)


def _states(case: Case) -> Iterator[Fault]:
    for block, number in (("SellerDtls", "2258"), ("BuyerDtls", "2265")):
        party = case.block(block)
        state, gstin = party.get("Stcd"), party.get("Gstin")
        if state and gstin and gstin != UNREGISTERED and gstin[:2] != state:
            yield case.fault(number, f"{block}.Stcd", expected=gstin[:2], actual=state)
    place = case.block("BuyerDtls").get("Pos")
    if place is not None and place != ABROAD and place not in _KNOWN_STATES:
        yield case.fault("2243", "BuyerDtls.Pos", actual=place)


def _buyer(case: Case) -> Iterator[Fault]:
    """An ordinary buyer is registered and in the country; one abroad is neither: the writer sees to that."""
    supply, buyer = case.wire.supply, case.block("BuyerDtls")
    if supply.export and buyer and buyer.get("Pos") != ABROAD:
        yield case.fault("2232", "BuyerDtls.Pos", expected=ABROAD, actual=buyer.get("Pos"))
    if supply.export or not buyer:
        return
    if buyer.get("Gstin") == UNREGISTERED:
        number = "2171" if supply.kind == DEEMED else "2212"
        yield case.fault(number, "BuyerDtls.Gstin", actual=UNREGISTERED)
    if buyer.get("Pos") == ABROAD:
        yield case.fault("2242", "BuyerDtls.Pos", actual=ABROAD)
    if buyer.get("Pin") in (None, ABROAD_PIN):
        yield case.fault("2244", "BuyerDtls.Pin", expected="six digits", actual=buyer.get("Pin", ""))


def _postal_codes(case: Case) -> Iterator[Fault]:
    for block in ("SellerDtls", "BuyerDtls", "DispDtls", "ShipDtls"):
        party = case.block(block)
        pin, ranges = party.get("Pin"), _PINS.get(party.get("Stcd", ""))
        if not isinstance(pin, int) or pin == ABROAD_PIN or not ranges:
            continue
        if not any(first <= pin // 1000 <= last for first, last in ranges):
            usual = ", ".join(f"{first} to {last}" for first, last in ranges)
            yield case.fault("3039", f"{block}.Pin", expected=f"to begin with {usual}", actual=pin)


def _transaction(case: Case) -> Iterator[Fault]:
    supply, said = case.wire.supply, case.block("TranDtls")
    if said.get("RegRev") == "Y" and supply.kind in EXPORTS | {DEEMED}:
        yield case.fault("2162", "TranDtls.RegRev", actual=supply.kind)
    if said.get("IgstOnIntra") == "Y" and supply.seller_state != supply.place:
        yield case.fault("2262", "TranDtls.IgstOnIntra", expected=supply.seller_state, actual=supply.place)
    operator = said.get("EcmGstin", "")
    if len(operator) == 15 and operator[13] != TAX_COLLECTOR:
        yield case.fault("2195", "TranDtls.EcmGstin", expected="C in position 14", actual=operator)
    if case.invoice.currency_code != RUPEE and supply.rate is None:
        yield case.fault(
            "in/exchange-rate",
            "ValDtls.TotInvVal",
            pointer="/exchange_rate",
            expected=f"a rate from {case.invoice.currency_code} to {RUPEE}",
        )


def _document(case: Case) -> Iterator[Fault]:
    issued: date = case.invoice.issue_date
    if issued > case.today:
        yield case.fault("2163", "DocDtls.Dt", expected=f"at most {case.today}", actual=issued)
    elif case.settings.thirty_day_limit and case.today - issued > LIMIT:
        days = (case.today - issued).days
        yield case.fault(
            "2305", "DocDtls.Dt", expected=f"since {case.today - LIMIT}", actual=f"{days} days old"
        )
    number = case.block("DocDtls").get("No", "")
    if number != number.upper():
        yield case.fault("in/number-case", "DocDtls.No", expected=number.upper(), actual=number)
    if case.wire.supply.document != "INV" and not case.block("RefDtls").get("PrecDocDtls"):
        yield case.fault("2191", "RefDtls.PrecDocDtls", pointer="/preceding_invoice_references")
    for loose in case.wire.loose:
        yield case.fault("in/loose-amount", "ItemList", pointer=loose.pointer, actual=loose.amount)


def _export(case: Case) -> Iterator[Fault]:
    said: dict[str, Any] = case.block("ExpDtls")
    if said and not case.wire.supply.export:
        kind = case.wire.supply.kind
        yield case.fault("in/export-details", "ExpDtls", pointer="/regime_data/in/export", actual=kind)
    if (port := said.get("Port")) and port.upper() not in PORTS:
        yield case.fault("2201", "ExpDtls.Port", actual=port)
    if (currency := said.get("ForCur")) and currency.upper() not in CURRENCIES:
        pointer = (
            None
            if case.wire.supply.block.export and case.wire.supply.block.export.currency
            else "/currency_code"
        )
        yield case.fault("2203", "ExpDtls.ForCur", pointer=pointer, actual=currency)
