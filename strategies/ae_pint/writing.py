"""The invoice with everything that is derived, ready to be written."""

from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tallystick.canonical import (
    Amount,
    Buyer,
    DocumentTotals,
    Invoice,
    Line,
    Price,
    Quantity,
    SchemedIdentifier,
    TaxBreakdown,
    UnitPrice,
    exactly,
    rounded,
)
from tallystick.rules.pint.specification import identified
from tallystick.strategy import Enrolment

from .blocks import REGIME, Ae, AeLine
from .nature import (
    DIRHAM,
    TIN,
    block_of,
    flags_of,
    line_block,
    predefined_endpoint,
    specification_of,
)

__all__ = ["Wire", "prepared", "rate_to_dirhams"]

_NOTHING: Final = Decimal(0)
_CHARGED: Final = frozenset({"S"})
_RATELESS: Final = frozenset({"E", "O"})


class Wire(Struct, frozen=True):
    """What the writer needs beside the invoice, in place of the document's block."""

    ae: Ae
    flags: str
    uuid: str
    total_in_dirhams: Amount | None


def rate_to_dirhams(invoice: Invoice) -> Decimal | None:
    """How many dirhams one unit of the document's currency is; None if the invoice does not say."""
    if invoice.currency_code == DIRHAM:
        return Decimal(1)
    exchange = invoice.exchange_rate
    if exchange and (exchange.from_currency, exchange.to_currency) == (invoice.currency_code, DIRHAM):
        return exchange.rate
    return None


def prepared(invoice: Invoice, enrolment: Enrolment) -> Invoice:
    """The invoice as it will be written: what is stated stands, what is absent follows where it can."""
    block = block_of(invoice)
    rate = rate_to_dirhams(invoice)
    foreign = invoice.currency_code != DIRHAM
    tax_currency = invoice.tax_currency_code or (DIRHAM if foreign else None)
    total = block.total_with_tax_in_aed
    if total is None and foreign:
        total = _in_dirhams(invoice.document_totals.total_amount_with_tax, rate)
    wire = Wire(block, flags_of(block), block.uuid or enrolment.reference, total)
    return replace(
        identified(invoice, specification_of(invoice)),
        tax_currency_code=tax_currency,
        tax_point_date_code=block.billing_frequency or invoice.tax_point_date_code,
        buyer=_reachable(invoice.buyer, block),
        lines=tuple([_line(line, rate, invoice.tax_breakdown) for line in invoice.lines]),
        tax_breakdown=tuple([_without_zero_rate(entry) for entry in invoice.tax_breakdown]),
        document_totals=_accounted(invoice, tax_currency, rate),
        regime_data={REGIME: wire},
    )


def _in_dirhams(amount: Decimal | None, rate: Decimal | None) -> Amount | None:
    if amount is None or rate is None:
        return None
    with exactly():
        return Amount(rounded(amount * rate, 2))


def _accounted(invoice: Invoice, tax_currency: str | None, rate: Decimal | None) -> DocumentTotals:
    """The totals with the tax in dirhams, where the invoice is in another currency."""
    totals = invoice.document_totals
    stated = totals.total_tax_amount_in_accounting_currency
    if stated is not None or tax_currency != DIRHAM or invoice.currency_code == DIRHAM:
        return totals
    tax = _in_dirhams(totals.total_tax_amount, rate)
    return replace(totals, total_tax_amount_in_accounting_currency=tax)


def _reachable(buyer: Buyer | None, block: Ae) -> Buyer | None:
    """The buyer; one who is on no network gets the endpoint that says why."""
    endpoint = predefined_endpoint(block)
    if buyer is None or buyer.electronic_address is not None or endpoint is None:
        return buyer
    return replace(buyer, electronic_address=SchemedIdentifier(scheme=TIN, value=endpoint))


def _without_zero_rate(entry: TaxBreakdown) -> TaxBreakdown:
    """What is exempt or out of scope has no rate; zero is as good as none."""
    if entry.tax_category_code in _RATELESS and entry.tax_category_rate == 0:
        return replace(entry, tax_category_rate=None)
    return entry


def _line(line: Line, rate: Decimal | None, breakdown: tuple[TaxBreakdown, ...]) -> Line:
    block = line_block(line)
    tax, amount = block.tax_in_aed, block.amount_in_aed
    exempt = line.tax.category_code == "E"
    with exactly():
        own = (line.net_amount or _NOTHING) * (line.tax.rate or _NOTHING) / 100
        if line.tax.category_code not in _CHARGED:
            own = _NOTHING
        if tax is None and not exempt and rate is not None:
            tax = Amount(abs(rounded(own * rate, 2)) if own == 0 else rounded(own * rate, 2))
        if amount is None and rate is not None and line.net_amount is not None:
            amount = Amount(rounded(line.net_amount * rate, 2) + (tax or _NOTHING))
    code, reason = block.exemption_reason_code, block.exemption_reason
    if exempt and code is None:
        code, reason = _reasons(breakdown, reason)
    stated = AeLine(
        amount_in_aed=amount,
        tax_in_aed=tax,
        commodity=block.commodity,
        nature=block.nature,
        service_code=block.service_code,
        exemption_reason_code=code,
        exemption_reason=reason,
        lot=block.lot,
        tax_base_per_unit=block.tax_base_per_unit,
    )
    return replace(line, price=_price(line), regime_data={REGIME: stated})


def _reasons(breakdown: tuple[TaxBreakdown, ...], reason: str | None) -> tuple[str | None, str | None]:
    """Why a line is exempt, where it does not say itself: what the breakdown says of all that is."""
    entry = next((one for one in breakdown if one.tax_category_code == "E"), None)
    if entry is None:
        return None, reason
    return entry.exemption_reason_code, reason or entry.exemption_reason_text


def _price(line: Line) -> Price:
    """The price with its base quantity and gross price, which every line has here."""
    price = line.price
    if price.base_quantity is not None and price.item_gross_price is not None:
        return price
    with exactly():
        gross = price.item_net_price + (price.item_price_discount or _NOTHING)
    base, unit = price.base_quantity, price.base_quantity_unit_code
    return replace(
        price,
        item_gross_price=price.item_gross_price if price.item_gross_price is not None else UnitPrice(gross),
        base_quantity=base if base is not None else Quantity(1),
        base_quantity_unit_code=unit or line.unit_of_measure_code,
    )
