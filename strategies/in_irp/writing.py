"""The INV-01 document (version 1.1) of an invoice, and which of its lines the items are."""

from datetime import date
from typing import Final

from msgspec import Struct

from tallystick.canonical import Invoice, exactly

from . import details, parties
from .folding import Loose, folded
from .irn import irn_of
from .items import item_list, items_of
from .supply import Supply, reverse_charge, supply_of
from .tree import Tree, block, day, text
from .values import values

VERSION: Final = "1.1"
SCHEME: Final = "GST"
MEDIA_TYPE: Final = "application/json"


class Wire(Struct, frozen=True, kw_only=True):
    """The document as a tree. `lines` are the invoice's lines behind ItemList, in its order; `loose` are
    amounts that have no place in it.
    """

    tree: Tree
    supply: Supply
    lines: tuple[int, ...]
    loose: tuple[Loose, ...]


def wire_of(invoice: Invoice) -> Wire:
    """The wire document. Pure, never raises: what the invoice lacks, the tree lacks."""
    with exactly():
        supply = supply_of(invoice)
        folding = folded(invoice, supply)
        items = items_of(invoice, folding.items, supply)
        tree = block(
            (
                ("Version", VERSION),
                ("TranDtls", _transaction(invoice, supply)),
                ("DocDtls", _document(invoice, supply)),
                ("SellerDtls", parties.seller(invoice, supply)),
                ("BuyerDtls", parties.buyer(invoice, supply)),
                ("DispDtls", parties.dispatch(supply)),
                ("ShipDtls", parties.ship_to(invoice, supply)),
                ("ItemList", item_list(items, supply)),
                ("ValDtls", values(invoice, folding, items, supply)),
                ("PayDtls", details.payment(invoice, supply)),
                ("RefDtls", details.references(invoice, supply)),
                ("AddlDocDtls", details.supporting(invoice, supply)),
                ("ExpDtls", details.export(invoice, supply)),
                ("EwbDtls", details.eway_bill(supply.block.eway_bill)),
            )
        )
    return Wire(
        tree=tree, supply=supply, lines=tuple(item.index for item in folding.items), loose=folding.loose
    )


def number_of(tree: Tree, today: date) -> str:
    """The IRN that the portal gives the document if it is sent today; empty where its identity lacks."""
    about, seller = tree.get("DocDtls", {}), tree.get("SellerDtls", {})
    gstin, kind, number, issued = (seller.get("Gstin"), *(about.get(name) for name in ("Typ", "No", "Dt")))
    return irn_of(gstin, kind, number, issued, today) if gstin and kind and number and issued else ""


def _transaction(invoice: Invoice, supply: Supply) -> Tree:
    return block(
        (
            ("TaxSch", SCHEME),
            ("SupTyp", supply.kind),
            ("RegRev", "Y" if reverse_charge(invoice, supply) else "N"),
            ("EcmGstin", supply.block.ecommerce_operator),
            ("IgstOnIntra", "Y" if supply.block.igst_on_intra else "N"),
        )
    )


def _document(invoice: Invoice, supply: Supply) -> Tree:
    number = text(invoice.invoice_number)
    return block((("Typ", supply.document), ("No", number), ("Dt", day(invoice.issue_date))))
