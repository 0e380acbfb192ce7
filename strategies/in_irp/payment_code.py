"""The dynamic payment code that large sellers print on invoices to consumers; no portal has a part in it.

Source: Notification 14/2020 - Central Tax, Circulars 146/02/2021-GST and 156/12/2021-GST: GSTIN, UPI id,
account and IFSC of the seller, number and date of the invoice, its value and the parts of its tax. The form
is not fixed; this is a UPI deep link (NPCI linking specification 1.6), which payment apps open.
"""

from decimal import Decimal
from typing import Final
from urllib.parse import quote

from tallystick.canonical import Invoice, exactly

from .folding import folded
from .items import items_of
from .settings import Payee
from .supply import gstin_of, supply_of
from .taxes import Taxes
from .tree import money
from .values import payable

ZERO: Final = Decimal(0)


def payment_code(invoice: Invoice, payee: Payee) -> str:
    """The text of the code; empty for what nobody is to pay by it (notes, exports, foreign currency)."""
    with exactly():
        supply = supply_of(invoice)
        total = payable(invoice, supply)
        if supply.document != "INV" or supply.export or supply.rate != 1 or total is None or total <= 0:
            return ""
        taxes = [item.taxes for item in items_of(invoice, folded(invoice, supply).items, supply)]
        parts = (
            ("CGST", sum((one.central for one in taxes), ZERO)),
            ("SGST", sum((one.state for one in taxes), ZERO)),
            ("IGST", sum((one.integrated for one in taxes), ZERO)),
            ("CESS", sum((_cess(one) for one in taxes), ZERO)),
        )
        members = (
            ("pa", payee.upi_id),
            ("pn", payee.name),
            ("tr", invoice.invoice_number),
            ("tn", f"Invoice {invoice.invoice_number}"),
            ("am", format(money(total) or ZERO, "f")),
            ("cu", "INR"),
            ("gstIn", gstin_of(invoice.seller) or ""),
            ("invoiceNo", invoice.invoice_number),
            ("invoiceDate", invoice.issue_date.isoformat()),
            ("account", payee.account),
            ("ifsc", payee.ifsc),
            ("gstBrkUp", "|".join(f"{name}:{money(amount):f}" for name, amount in parts)),
        )
    return "upi://pay?" + "&".join(f"{name}={quote(value, safe='@.:|')}" for name, value in members)


def _cess(taxes: Taxes) -> Decimal:
    """What comes on top, to the union and to the state."""
    return taxes.cess + taxes.cess_specific + taxes.state_cess + taxes.state_cess_specific
