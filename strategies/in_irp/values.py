"""ValDtls: the sums of the items, what is added and taken off untaxed, and the round-off."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from tallystick.canonical import Invoice

from .folding import Folding, line_of
from .items import Item
from .supply import RUPEE, Supply
from .taxes import Taxes
from .tree import Tree, block, money

ZERO: Final = Decimal(0)


def values(invoice: Invoice, folding: Folding, items: Sequence[Item], supply: Supply) -> Tree:
    """ValDtls. The total is the invoice's own, rounded as it says; what the parts miss is the round-off."""

    def of(amount: Callable[[Taxes], Decimal]) -> Decimal | None:
        return money(sum((amount(item.taxes) for item in items), ZERO))

    on = folding.on + _stray(invoice, items, supply)
    parts = sum((item.total for item in items), ZERO) - folding.off + on
    total = payable(invoice, supply)
    total = parts if total is None else total
    return block(
        (
            ("AssVal", money(sum((item.folded.value for item in items), ZERO))),
            ("CgstVal", of(lambda taxes: taxes.central)),
            ("SgstVal", of(lambda taxes: taxes.state)),
            ("IgstVal", of(lambda taxes: taxes.integrated)),
            ("CesVal", of(lambda taxes: taxes.cess + taxes.cess_specific)),
            ("StCesVal", of(lambda taxes: taxes.state_cess + taxes.state_cess_specific)),
            ("Discount", money(folding.off)),
            ("OthChrg", money(on)),
            ("RndOffAmt", money(total - parts)),
            ("TotInvVal", money(total)),
            ("TotInvValFc", money(_foreign(invoice, supply))),
        )
    )


def payable(invoice: Invoice, supply: Supply) -> Decimal | None:
    """The invoice's value in rupees: its total with tax, rounded as it says; None where it has no total."""
    total = _own_total(invoice)
    return None if total is None else supply.rupees(total)


def _own_total(invoice: Invoice) -> Decimal | None:
    totals = invoice.document_totals
    if totals.total_amount_with_tax is None:
        return None
    return totals.total_amount_with_tax + (totals.rounding_amount or ZERO)


def _foreign(invoice: Invoice, supply: Supply) -> Decimal | None:
    """The value in the foreign currency: of an invoice in it, or as the invoice says."""
    if supply.block.total_in_foreign_currency is not None:
        return supply.block.total_in_foreign_currency
    return None if invoice.currency_code == RUPEE else _own_total(invoice)


def _stray(invoice: Invoice, items: Sequence[Item], supply: Supply) -> Decimal:
    """Untaxed charges that name a line which is no item: they stay with the document."""
    known = {item.folded.line.line_identifier for item in items}
    return sum(
        (
            supply.rupees(charge.amount)
            for charge in invoice.charges
            if (line := line_of(charge)) is not None and line not in known
        ),
        ZERO,
    )
