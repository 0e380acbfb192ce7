"""The amounts that a document carries and the invoice does not say: all derived, in one place."""

from decimal import Decimal
from typing import Final

from tallystick.canonical import Amount, Invoice, Line, exponent, rounded

from .blocks import REGIME, SaLine
from .reckoning import EXACT, percent_of

__all__ = ["RIYAL", "decimals_of", "line_tax", "tax_in_riyals"]

RIYAL: Final = "SAR"
_NO_TAX: Final = Decimal(0)


def decimals_of(currency: str) -> int:
    """How many decimals an amount of the currency has here: its own, but never more than two."""
    return min(exponent(currency), 2)


def tax_in_riyals(invoice: Invoice) -> Amount | None:
    """BT-111: as stated, the tax itself in a document in riyals, or by the exchange rate; None if unknown."""
    totals, exchange = invoice.document_totals, invoice.exchange_rate
    if totals.total_tax_amount_in_accounting_currency is not None:
        return totals.total_tax_amount_in_accounting_currency
    if invoice.currency_code == RIYAL or totals.total_tax_amount is None:
        return totals.total_tax_amount
    if exchange is None or (exchange.from_currency, exchange.to_currency) != (invoice.currency_code, RIYAL):
        return None
    return Amount(rounded(EXACT.multiply(totals.total_tax_amount, exchange.rate), 2))


def line_tax(line: Line, decimals: int) -> Decimal:
    """KSA-11: as its block states it, or the line's net amount times its rate, rounded."""
    if line.regime_data:
        block = line.regime_data.get(REGIME)
        if isinstance(block, SaLine) and block.tax_amount is not None:
            return block.tax_amount
    net, rate = line.net_amount, line.tax.rate
    if not net or not rate:
        return rounded(_NO_TAX, decimals)
    return rounded(percent_of(net, rate), decimals)
