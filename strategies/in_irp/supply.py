"""What follows for the whole document: its type, the kind of supply, the states, and which tax is due."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from tallystick.canonical import Buyer, Invoice, Line, PostalAddress, Seller, rounded

from .blocks import REGIME, In, LineBlock
from .codes import ABROAD, EXEMPT, EXPORTS, HOME, SPECIAL_ZONES, document_type, state_code, state_of_pin

RUPEE: Final = "INR"
UNREGISTERED: Final = "URP"
REVERSE_CHARGE: Final = "AE"

_NOTHING: Final = In()
_NOTHING_ON_LINE: Final = LineBlock()
_ONE: Final = Decimal(1)


class Supply(Struct, frozen=True, kw_only=True):
    """The document as the portal sees it. States are two digits, None where nothing tells them.

    `igst`: integrated tax is due, not the two halves. `rate` turns amounts of the document into rupees; None
    where the invoice is in another currency and does not say.
    """

    block: In
    document: str
    kind: str
    seller_state: str | None
    buyer_state: str | None
    place: str | None
    igst: bool
    rate: Decimal | None

    @property
    def export(self) -> bool:
        """Whether the goods or services leave the country."""
        return self.kind in EXPORTS

    def rupees(self, amount: Decimal) -> Decimal:
        """An amount of the document in rupees, to the paisa."""
        return rounded(amount * (self.rate or _ONE), 2)


def block_of(invoice: Invoice) -> In:
    """The document's block, or an empty one."""
    block = invoice.regime_data.get(REGIME)
    return block if isinstance(block, In) else _NOTHING


def line_block_of(line: Line) -> LineBlock:
    """The line's block, or an empty one."""
    block = line.regime_data.get(REGIME)
    return block if isinstance(block, LineBlock) else _NOTHING_ON_LINE


def is_exempt(line: Line) -> bool:
    """Whether the line bears no tax of this kind at all, so that the portal does not see it as an item."""
    return line.tax.category_code in EXEMPT


def needs_portal(invoice: Invoice) -> bool:
    """Whether the law wants the document registered: not for consumers, nor where all of it is exempt."""
    return invoice.transaction_type != "b2c" and not all(map(is_exempt, invoice.lines))


def supply_of(invoice: Invoice) -> Supply:
    """What follows from the invoice. Pure, and never raises."""
    block = block_of(invoice)
    kind = invoice.supply_type or _ordinary(invoice)
    seller_state = party_state(invoice.seller)
    buyer_state = ABROAD if kind in EXPORTS else party_state(invoice.buyer)
    place = _place(invoice, block, kind, buyer_state)
    always = kind in EXPORTS or kind in SPECIAL_ZONES or block.igst_on_intra
    return Supply(
        block=block,
        document=document_type(invoice.type_code),
        kind=kind,
        seller_state=seller_state,
        buyer_state=buyer_state,
        place=place,
        igst=always or seller_state != place,
        rate=_rate(invoice),
    )


def reverse_charge(invoice: Invoice, supply: Supply) -> bool:
    """Whether the buyer owes the tax."""
    return supply.block.reverse_charge or any(
        line.tax.category_code == REVERSE_CHARGE for line in invoice.lines
    )


def gstin_of(party: Seller | Buyer | None) -> str | None:
    """The party's GSTIN as it is compared: upper case, no blanks around it."""
    if party is None or party.tax_identifier is None:
        return None
    return party.tax_identifier.strip().upper()


def party_state(party: Seller | Buyer | None) -> str | None:
    """The state of a party: as its address says, else as its GSTIN begins; without one as its PIN."""
    address = party.postal_address if party else None
    if address is not None and address.country_code != HOME:
        return ABROAD
    said = address_state(address)
    if said is not None:
        return said
    gstin = gstin_of(party)
    if gstin:
        return state_code(gstin[:2])
    return state_of_pin(address.post_code) if address and address.post_code else None


def address_state(address: PostalAddress | None) -> str | None:
    """The state an address itself names, 96 for one abroad."""
    if address is None:
        return None
    if address.country_code != HOME:
        return ABROAD
    return state_code(address.country_subdivision) if address.country_subdivision else None


def delivery_state(invoice: Invoice) -> str | None:
    """Where the goods or services are delivered: the state the address names, else the one of its PIN."""
    address = invoice.delivery.deliver_to_address if invoice.delivery else None
    said = address_state(address)
    return state_of_pin(address.post_code) if said is None and address and address.post_code else said


def _ordinary(invoice: Invoice) -> str:
    """The supply type where none is given: an export to a buyer abroad, else an ordinary sale."""
    address = invoice.buyer.postal_address if invoice.buyer else None
    if address is None or address.country_code == HOME or gstin_of(invoice.buyer) not in (None, UNREGISTERED):
        return "B2B"
    return "EXPWP" if any(line.tax.rate for line in invoice.lines) else "EXPWOP"


def _place(invoice: Invoice, block: In, kind: str, buyer_state: str | None) -> str | None:
    if block.place_of_supply is not None:
        return block.place_of_supply
    if kind in EXPORTS:
        return ABROAD
    delivered = delivery_state(invoice)
    place = delivered if delivered not in (None, ABROAD) else buyer_state
    at_the_counter = place is None and invoice.transaction_type == "b2c"
    return party_state(invoice.seller) if at_the_counter else place


def _rate(invoice: Invoice) -> Decimal | None:
    if invoice.currency_code == RUPEE:
        return _ONE
    exchange = invoice.exchange_rate
    if exchange is None or (exchange.from_currency, exchange.to_currency) != (invoice.currency_code, RUPEE):
        return None
    return exchange.rate
