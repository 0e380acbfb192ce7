"""The document's money: allowances, charges, totals, tax breakdown, exchange rate."""

import datetime as dt
from typing import Annotated, ClassVar, Final

from msgspec import field

from tallystick.canonical.numbers import Amount, Percent, Rate
from tallystick.canonical.regime import RegimeData
from tallystick.canonical.terms import CurrencyCode, Group, bt, ours


class AllowanceOrCharge(Group, frozen=True, kw_only=True):
    """A deduction or an addition. Its four subclasses name the terms they stand for."""

    level: ClassVar[str] = "allowance"

    amount: Amount
    base_amount: Amount | None = None
    percentage: Percent | None = None
    reason: str | None = None
    reason_code: str | None = None
    regime_data: RegimeData = field(default_factory=dict)


class DocumentAllowance(AllowanceOrCharge, frozen=True, kw_only=True):
    """BG-20: a deduction from the document as a whole."""

    group: ClassVar[str] = "BG-20"

    amount: Annotated[Amount, bt("BT-92", "Amount without tax.")]
    base_amount: Annotated[Amount | None, bt("BT-93", "Amount the percentage is taken of.")] = None
    percentage: Annotated[Percent | None, bt("BT-94", "Percentage of the base amount.")] = None
    reason: Annotated[str | None, bt("BT-97", "Reason in words.")] = None
    reason_code: Annotated[str | None, bt("BT-98", "Reason, code of UNTDID 5189.")] = None
    regime_data: RegimeData = field(default_factory=dict)
    tax_category_code: Annotated[str, bt("BT-95", "Tax category, code of UNTDID 5305.")]
    tax_rate: Annotated[Percent | None, bt("BT-96", "Tax rate.")] = None


class DocumentCharge(AllowanceOrCharge, frozen=True, kw_only=True):
    """BG-21: an addition to the document as a whole."""

    group: ClassVar[str] = "BG-21"

    amount: Annotated[Amount, bt("BT-99", "Amount without tax.")]
    base_amount: Annotated[Amount | None, bt("BT-100", "Amount the percentage is taken of.")] = None
    percentage: Annotated[Percent | None, bt("BT-101", "Percentage of the base amount.")] = None
    reason: Annotated[str | None, bt("BT-104", "Reason in words.")] = None
    reason_code: Annotated[str | None, bt("BT-105", "Reason, code of UNTDID 7161.")] = None
    regime_data: RegimeData = field(default_factory=dict)
    tax_category_code: Annotated[str, bt("BT-102", "Tax category, code of UNTDID 5305.")]
    tax_rate: Annotated[Percent | None, bt("BT-103", "Tax rate.")] = None


class LineAllowance(AllowanceOrCharge, frozen=True, kw_only=True):
    """BG-27: a deduction from one line."""

    group: ClassVar[str] = "BG-27"

    amount: Annotated[Amount, bt("BT-136", "Amount without tax.")]
    base_amount: Annotated[Amount | None, bt("BT-137", "Amount the percentage is taken of.")] = None
    percentage: Annotated[Percent | None, bt("BT-138", "Percentage of the base amount.")] = None
    reason: Annotated[str | None, bt("BT-139", "Reason in words.")] = None
    reason_code: Annotated[str | None, bt("BT-140", "Reason, code of UNTDID 5189.")] = None
    regime_data: RegimeData = field(default_factory=dict)


class LineCharge(AllowanceOrCharge, frozen=True, kw_only=True):
    """BG-28: an addition to one line."""

    group: ClassVar[str] = "BG-28"

    amount: Annotated[Amount, bt("BT-141", "Amount without tax.")]
    base_amount: Annotated[Amount | None, bt("BT-142", "Amount the percentage is taken of.")] = None
    percentage: Annotated[Percent | None, bt("BT-143", "Percentage of the base amount.")] = None
    reason: Annotated[str | None, bt("BT-144", "Reason in words.")] = None
    reason_code: Annotated[str | None, bt("BT-145", "Reason, code of UNTDID 7161.")] = None
    regime_data: RegimeData = field(default_factory=dict)


class DocumentTotals(Group, frozen=True, kw_only=True):
    """BG-22: the sums. What is absent is computed, what is present is checked."""

    group: ClassVar[str] = "BG-22"

    sum_of_invoice_line_net_amount: Annotated[
        Amount | None, bt("BT-106", "Sum of the lines' net amounts.")
    ] = None
    sum_of_allowances: Annotated[Amount | None, bt("BT-107", "Sum of the allowances on document level.")] = (
        None
    )
    sum_of_charges: Annotated[Amount | None, bt("BT-108", "Sum of the charges on document level.")] = None
    total_amount_without_tax: Annotated[
        Amount | None, bt("BT-109", "Lines less allowances plus charges.")
    ] = None
    total_tax_amount: Annotated[Amount | None, bt("BT-110", "Sum of the tax amounts per category.")] = None
    total_tax_amount_in_accounting_currency: Annotated[
        Amount | None, bt("BT-111", "Total tax in the tax accounting currency.")
    ] = None
    additional_tax_amount: Annotated[
        Amount | None, ours("Sum of the tax components that come on top; not part of BT-110.")
    ] = None
    total_amount_with_tax: Annotated[Amount | None, bt("BT-112", "Total including tax.")] = None
    paid_amount: Annotated[Amount | None, bt("BT-113", "What was paid in advance.")] = None
    rounding_amount: Annotated[Amount | None, bt("BT-114", "What is added to round the amount due.")] = None
    amount_due_for_payment: Annotated[Amount | None, bt("BT-115", "What is still to be paid.")] = None


NO_TOTALS: Final = DocumentTotals()
"""Of an invoice that says none, known by identity; one that is decoded may hold another that is as empty."""


class TaxBreakdown(Group, frozen=True, kw_only=True):
    """BG-23: the tax of one category and rate. Amounts may be left out and are then computed."""

    group: ClassVar[str] = "BG-23"

    tax_category_taxable_amount: Annotated[
        Amount | None, bt("BT-116", "What the tax of this category and rate is taken of.")
    ] = None
    tax_category_tax_amount: Annotated[Amount | None, bt("BT-117", "The tax of this category and rate.")] = (
        None
    )
    tax_category_code: Annotated[str, bt("BT-118", "Tax category, code of UNTDID 5305.")]
    tax_category_rate: Annotated[Percent | None, bt("BT-119", "Tax rate of this category.")] = None
    exemption_reason_text: Annotated[str | None, bt("BT-120", "Why no tax is charged, in words.")] = None
    exemption_reason_code: Annotated[
        str | None, bt("BT-121", "Why no tax is charged, code of the VATEX list.")
    ] = None


class ExchangeRate(Group, frozen=True, kw_only=True):
    """How the document currency translates into the tax accounting currency."""

    from_currency: Annotated[CurrencyCode, ours("Currency one unit of which is translated.")] = field(
        name="from"
    )
    to_currency: Annotated[CurrencyCode, ours("Currency it is translated into.")] = field(name="to")
    rate: Annotated[Rate, ours("How many units of `to` one unit of `from` is worth.")]
    date: Annotated[dt.date | None, ours("Day the rate was fixed.")] = None
    source: Annotated[str | None, ours("Who published the rate.")] = None
