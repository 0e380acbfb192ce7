"""Seller, buyer, where the goods leave and where they go."""

import re
from typing import Any, Final

from tallystick.canonical import Contact, Invoice, PostalAddress

from .codes import HOME
from .supply import UNREGISTERED, Supply, delivery_state, gstin_of, party_state
from .tree import Tree, block, text

ABROAD_PIN: Final = 999999

_email: Final = re.compile(r"[a-zA-Z0-9+_.-]+@[a-zA-Z0-9.-]+").fullmatch
_pin: Final = re.compile(r"[0-9]{3} ?[0-9]{3}", re.ASCII).fullmatch
_not_digits: Final = re.compile(r"[^0-9]")


def seller(invoice: Invoice, supply: Supply) -> Tree:
    """SellerDtls."""
    party = invoice.seller
    return block(
        (
            ("Gstin", gstin_of(party)),
            ("LglNm", text(party.name)),
            ("TrdNm", text(party.trading_name, shortest=3)),
            *_address(party.postal_address),
            ("Stcd", supply.seller_state),
            *_contact(party.contact),
        )
    )


def buyer(invoice: Invoice, supply: Supply) -> Tree:
    """BuyerDtls. A buyer abroad has no GSTIN, and his state and postal code are the portal's own."""
    party = invoice.buyer
    if party is None:
        return {}
    return block(
        (
            ("Gstin", UNREGISTERED if supply.export else gstin_of(party)),
            ("LglNm", text(party.name)),
            ("TrdNm", text(party.trading_name, shortest=3)),
            ("Pos", supply.place),
            *_address(party.postal_address, abroad=supply.export),
            ("Stcd", supply.buyer_state),
            *_contact(party.contact),
        )
    )


def dispatch(supply: Supply) -> Tree:
    """DispDtls: where the goods leave from, if not from the seller's address."""
    place = supply.block.dispatch
    if place is None:
        return {}
    return block(
        (
            ("Nm", text(place.name)),
            ("Addr1", text(place.line_1)),
            ("Addr2", text(place.line_2, shortest=3)),
            ("Loc", text(place.city)),
            ("Pin", _postal_code(place.post_code)),
            ("Stcd", place.state),
        )
    )


def ship_to(invoice: Invoice, supply: Supply) -> Tree:
    """ShipDtls: where the goods go, if an address of delivery is given."""
    delivery = invoice.delivery
    if delivery is None or delivery.deliver_to_address is None:
        return {}
    address = delivery.deliver_to_address
    buyer_name = invoice.buyer.name if invoice.buyer else None
    known = supply.block.ship_to
    state = delivery_state(invoice) or party_state(invoice.buyer)
    return block(
        (
            ("Gstin", known.tax_identifier if known else None),
            ("LglNm", text(delivery.deliver_to_party_name, buyer_name)),
            ("TrdNm", text(known.trading_name if known else None, shortest=3)),
            *_address(address),
            ("Stcd", state),
        )
    )


def _address(address: PostalAddress | None, *, abroad: bool = False) -> list[tuple[str, Any]]:
    if address is None:
        return []
    lines = [line for line in (address.line_1, address.line_2, address.line_3) if line and line.strip()]
    abroad = abroad or address.country_code != HOME
    return [
        ("Addr1", text(*lines[:1])),
        ("Addr2", text(" ".join(lines[1:]), shortest=3)),
        ("Loc", text(address.city)),
        ("Pin", ABROAD_PIN if abroad else _postal_code(address.post_code)),
    ]


def _postal_code(said: str | None) -> int | None:
    found = _pin(said.strip()) if said else None
    return int(found[0].replace(" ", "")) if found else None


def _contact(contact: Contact | None) -> list[tuple[str, Any]]:
    if contact is None:
        return []
    email = text(contact.email_address, shortest=6)
    return [("Ph", _phone(contact.telephone_number)), ("Em", email if email and _email(email) else None)]


def _phone(said: str | None) -> str | None:
    """Digits only; a number that has too few or too many says nothing to the portal."""
    digits = _not_digits.sub("", said or "")
    return digits if 6 <= len(digits) <= 12 else None
