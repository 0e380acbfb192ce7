"""INV-01 documents into the canonical model: the head. What cannot be carried is named."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import msgspec

from tallystick.canonical import complete, decode
from tallystick.formats import Unreadable
from tallystick.strategy import Reading, Unread

from .binding import Bound, leaves, parsed, shown
from .blocks import BLOCKS, REGIME
from .codes import ABROAD, DOCUMENT_TYPES, EXPORTS, HOME
from .reading_details import additional, eway_bill, export, payment, references
from .reading_items import Sums, lines
from .supply import RUPEE, UNREGISTERED
from .tree import block
from .writing import SCHEME, VERSION, wire_of

UNKNOWN_COUNTRY: Final = "ZZ"


def recognises(body: bytes) -> bool:
    """Whether the bytes look like an INV-01 document."""
    head = body[:1].strip() or body.lstrip()[:1]
    return head == b"{" and b'"itemlist"' in body.lower()


def read(body: bytes) -> Reading:
    """An INV-01 document as canonical JSON. Raises Unreadable for anything else."""
    value = parsed(body)
    if not isinstance(value, dict) or not {"docdtls", "itemlist"} <= {str(name).lower() for name in value}:
        raise Unreadable("too_foreign", "the document is no INV-01: it has no DocDtls or no ItemList")
    unread: list[Unread] = []
    invoice = msgspec.json.encode(_invoice(Bound(value, "", unread)))
    return Reading(invoice, (*unread, *_lost(value, invoice, unread)))


def _invoice(root: Bound) -> dict[str, Any]:
    if root.text("Version") != VERSION:
        root.tell("Version", "", f"the version is not {VERSION}")
    transaction, about = root.child("TranDtls"), root.child("DocDtls")
    kind, values = transaction.text("SupTyp"), root.child("ValDtls")
    reverse = transaction.text("RegRev") == "Y"
    if transaction.text("TaxSch") != SCHEME:
        transaction.tell("TaxSch", "", f"the tax scheme is not {SCHEME}")
    rows, sums = lines(root.children("ItemList"), kind, reverse=reverse)
    places, own = _places(root, kind)
    issued = about.day("Dt")
    paid, paying, pay_block = payment(root.child("PayDtls"), _iso(issued))
    referring, refer_block = references(root.child("RefDtls"))
    documents, document_block = additional(root.children("AddlDocDtls"))
    own |= block(
        (
            ("reverse_charge", True if reverse and sums.totalled else None),
            ("igst_on_intra", True if transaction.text("IgstOnIntra") == "Y" else None),
            ("ecommerce_operator", transaction.text("EcmGstin")),
            ("eway_bill", eway_bill(root.child("EwbDtls"))),
            ("payment", pay_block),
            ("total_in_foreign_currency", values.number("TotInvValFc")),
        )
    )
    totals = block((("paid_amount", paid), ("rounding_amount", _given(values, "RndOffAmt"))))
    invoice = block(
        (
            ("invoice_number", about.text("No")),
            ("issue_date", issued),
            ("type_code", _type(about)),
            ("currency_code", RUPEE),
            ("supply_type", kind),
            ("lines", rows),
            ("document_totals", totals),
            ("regime_data", block(((REGIME, own | refer_block | document_block),))),
        )
    )
    invoice |= places | paying | referring | documents | _adjusted(values, sums)
    for part in (transaction, about, root):
        part.finish()
    return invoice


def _places(root: Bound, kind: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Who sells to whom, from where to where: the terms of the model; those of the block."""
    seller, buyer = root.child("SellerDtls"), root.child("BuyerDtls")
    shipping, exports = root.child("ShipDtls"), root.child("ExpDtls")
    country = exports.text("CntCode") if kind in EXPORTS else None
    place = buyer.text("Pos")
    sold_to = _party(buyer, abroad=country)
    delivery, ship_to = _delivery(shipping)
    terms = block((("seller", _party(seller)), ("buyer", sold_to), ("delivery", delivery)))
    own = block(
        (
            ("place_of_supply", _override(place, kind, delivery, sold_to)),
            ("dispatch", _dispatch(root.child("DispDtls"))),
            ("ship_to", ship_to),
            ("export", export(exports)),
        )
    )
    for part in (seller, buyer, shipping, exports):
        part.finish()
    return terms, own


def _type(about: Bound) -> str | None:
    said = about.text("Typ")
    if said is not None and said not in DOCUMENT_TYPES:
        about.tell("Typ", said, "there is no such type of document")
    return DOCUMENT_TYPES.get(said or "")


def _party(part: Bound, abroad: str | None = None) -> dict[str, Any]:
    state, gstin, pin = part.text("Stcd"), part.text("Gstin"), part.text("Pin")
    outside = _two_digits(state) == ABROAD
    address = block(
        (
            ("line_1", part.text("Addr1")),
            ("line_2", part.text("Addr2")),
            ("city", part.text("Loc")),
            ("post_code", None if outside else pin),
            ("country_subdivision", None if outside else state),
            ("country_code", (abroad or UNKNOWN_COUNTRY) if outside else HOME),
        )
    )
    contact = block((("telephone_number", part.text("Ph")), ("email_address", part.text("Em"))))
    return block(
        (
            ("name", part.text("LglNm")),
            ("trading_name", part.text("TrdNm")),
            ("tax_identifier", None if outside and gstin == UNREGISTERED else gstin),
            ("postal_address", address),
            ("contact", contact),
        )
    )


def _dispatch(part: Bound) -> dict[str, Any]:
    found = block(
        (
            ("name", part.text("Nm")),
            ("line_1", part.text("Addr1")),
            ("line_2", part.text("Addr2")),
            ("city", part.text("Loc")),
            ("post_code", part.text("Pin")),
            ("state", _two_digits(part.text("Stcd"))),
        )
    )
    part.finish()
    return found


def _delivery(part: Bound) -> tuple[dict[str, Any], dict[str, Any]]:
    """Where it was delivered, and what the canonical model has no place for."""
    known = block((("tax_identifier", part.text("Gstin")), ("trading_name", part.text("TrdNm"))))
    receiver = _party(part)
    address = receiver.get("postal_address", {})
    if not receiver.keys() - {"postal_address"} and not address.keys() - {"country_code"}:
        return {}, {}
    return block((("deliver_to_party_name", receiver.get("name")), ("deliver_to_address", address))), known


def _override(
    place: str | None, kind: str | None, delivery: dict[str, Any], buyer: dict[str, Any]
) -> str | None:
    """The place of supply where it is not what the addresses say."""
    said = _two_digits(place)
    addresses = (delivery.get("deliver_to_address", {}), buyer.get("postal_address", {}))
    states = [_two_digits(address.get("country_subdivision")) for address in addresses]
    derived = ABROAD if kind in EXPORTS else next((state for state in states if state), None)
    return None if said == derived else said


def _adjusted(values: Bound, sums: Sums) -> dict[str, Any]:
    """What is added and taken off untaxed, and the tax per rate as the items give it."""
    off, on = values.number("Discount"), values.number("OthChrg")
    charges = [*sums.charges]
    untaxed = sums.untaxed
    if on is not None and Decimal(on):
        charges.append({"amount": on, "tax_category_code": "O"})
        untaxed += Decimal(on)
    allowances = []
    if off is not None and Decimal(off):
        allowances.append({"amount": off, "tax_category_code": "O"})
        untaxed -= Decimal(off)
    breakdown = sums.breakdown(untaxed if charges or allowances else None)
    for name in ("AssVal", "CgstVal", "SgstVal", "IgstVal", "CesVal", "StCesVal", "TotInvVal"):
        values.number(name)
    values.finish()
    return block((("charges", charges), ("allowances", allowances), ("tax_breakdown", breakdown)))


def _given(part: Bound, name: str) -> str | None:
    """A number unless it is zero."""
    said = part.number(name)
    return said if said is not None and Decimal(said) else None


def _two_digits(state: str | None) -> str | None:
    return state.zfill(2) if state and state.isascii() and state.isdigit() else state


def _iso(said: str | None) -> date | None:
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        return None


def _lost(original: Any, invoice: bytes, told: list[Unread]) -> list[Unread]:
    """What a document made of the invoice would say otherwise, as far as it is not told already."""
    found = decode(invoice, {REGIME: BLOCKS}).invoice
    if found is None:
        return []
    wire = wire_of(complete(found).invoice)
    if wire.loose:
        return []
    rebuilt = {path.lower(): value for path, value in leaves(wire.tree)}
    known = {one.path for one in told}
    return [
        Unread(path, shown(value), f"a document made of the invoice says {there or 'nothing'}")
        for path, value in leaves(original)
        if path not in known and not _same(value, there := rebuilt.get(path.lower()))
    ]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, (int, Decimal)) or isinstance(other, (int, Decimal)):
        try:
            return Decimal(str(one)) == Decimal(str(0 if other is None else other))
        except ArithmeticError:
            return False
    return other is not None and " ".join(str(one).split()) == str(other)
