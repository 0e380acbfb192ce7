"""Payment, allowances, charges, tax and totals as CII text."""

import re
from typing import Final

from tallystick.canonical import (
    AllowanceOrCharge,
    CreditTransfer,
    Invoice,
    PaymentCard,
    PaymentInstructions,
    Percent,
    TaxBreakdown,
)
from tallystick.formats.cii.names import TAX, TAX_POINT_EVENTS
from tallystick.formats.cii.pieces import date_time, number, wrapped
from tallystick.formats.ubl.pen import attribute, element, text

__all__ = [
    "adjustment",
    "adjustments",
    "breakdown",
    "has_form_of_iban",
    "means",
    "tax",
    "terms",
    "totals",
]

_is_iban: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII).fullmatch


def means(invoice: Invoice) -> str:
    """One element per account, or per means of payment without one."""
    return "".join([_means(one) for one in invoice.payment_instructions])


def _means(one: PaymentInstructions) -> str:
    debit = one.direct_debit
    payer = element("ram:IBANID", debit.debited_account_identifier) if debit else ""
    first = (
        f"{element('ram:Information', one.payment_means_text)}{_card(one.payment_card)}"
        f"{wrapped('ram:PayerPartyDebtorFinancialAccount', payer)}"
    )
    accounts = one.credit_transfers
    code = f"<ram:TypeCode>{text(one.payment_means_type_code)}</ram:TypeCode>"
    tag = "ram:SpecifiedTradeSettlementPaymentMeans"
    pieces = [f"<{tag}>{code}{first}{_account(accounts[0]) if accounts else ''}</{tag}>"]
    pieces += [f"<{tag}>{code}{_account(account)}</{tag}>" for account in accounts[1:]]
    return "".join(pieces)


def _card(card: PaymentCard | None) -> str:
    if card is None:
        return ""
    holder = element("ram:CardholderName", card.holder_name)
    return wrapped(
        "ram:ApplicableTradeSettlementFinancialCard", element("ram:ID", card.primary_account_number) + holder
    )


def has_form_of_iban(number: str) -> bool:
    """Whether the account's number is written into the syntax's element for IBANs."""
    return _is_iban("".join(number.split())) is not None


def _account(account: CreditTransfer) -> str:
    """An IBAN has its own element; the account's name stands between it and another kind of number."""
    said, name = account.payment_account_identifier, element("ram:AccountName", account.payment_account_name)
    iban = element("ram:IBANID", said) + name if has_form_of_iban(said) else ""
    numbered = iban or name + element("ram:ProprietaryID", said)
    provider = element("ram:BICID", account.payment_service_provider_identifier)
    return (
        f"<ram:PayeePartyCreditorFinancialAccount>{numbered}</ram:PayeePartyCreditorFinancialAccount>"
        f"{wrapped('ram:PayeeSpecifiedCreditorFinancialInstitution', provider)}"
    )


def tax(code: str, rate: Percent | None, tag: str) -> str:
    """A category with its rate, where a line, an allowance or a charge names one."""
    percent = "" if rate is None else f"<ram:RateApplicablePercent>{number(rate)}</ram:RateApplicablePercent>"
    return (
        f"<{tag}><ram:TypeCode>{TAX}</ram:TypeCode><ram:CategoryCode>{text(code)}</ram:CategoryCode>"
        f"{percent}</{tag}>"
    )


def adjustments(invoice: Invoice) -> str:
    """The document's allowances, then its charges."""
    low = [
        adjustment("false", one, tax(one.tax_category_code, one.tax_rate, "ram:CategoryTradeTax"))
        for one in invoice.allowances
    ]
    high = [
        adjustment("true", one, tax(one.tax_category_code, one.tax_rate, "ram:CategoryTradeTax"))
        for one in invoice.charges
    ]
    return "".join(low + high)


def adjustment(indicator: str, one: AllowanceOrCharge, category: str = "") -> str:
    """An allowance ("false") or charge ("true"), with its finished tax category."""
    percent = None if one.percentage is None else number(one.percentage)
    base = None if one.base_amount is None else number(one.base_amount)
    return (
        "<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator>"
        f"<udt:Indicator>{indicator}</udt:Indicator></ram:ChargeIndicator>"
        f"{element('ram:CalculationPercent', percent)}{element('ram:BasisAmount', base)}"
        f"<ram:ActualAmount>{number(one.amount)}</ram:ActualAmount>"
        f"{element('ram:ReasonCode', one.reason_code)}{element('ram:Reason', one.reason)}{category}"
        "</ram:SpecifiedTradeAllowanceCharge>"
    )


def breakdown(invoice: Invoice) -> str:
    """BG-23. When the tax becomes due is said in its first entry."""
    event = invoice.tax_point_date_code
    due = date_time("ram:TaxPointDate", invoice.tax_point_date, kind="DateString")
    code = element("ram:DueDateTypeCode", None if event is None else TAX_POINT_EVENTS.get(event, event))
    return "".join(
        [
            _subtotal(one, "" if place else due, "" if place else code)
            for place, one in enumerate(invoice.tax_breakdown)
        ]
    )


def _subtotal(one: TaxBreakdown, due: str, code: str) -> str:
    amount, base, rate = one.tax_category_tax_amount, one.tax_category_taxable_amount, one.tax_category_rate
    return (
        "<ram:ApplicableTradeTax>"
        f"{element('ram:CalculatedAmount', None if amount is None else number(amount))}"
        f"<ram:TypeCode>{TAX}</ram:TypeCode>{element('ram:ExemptionReason', one.exemption_reason_text)}"
        f"{element('ram:BasisAmount', None if base is None else number(base))}"
        f"<ram:CategoryCode>{text(one.tax_category_code)}</ram:CategoryCode>"
        f"{element('ram:ExemptionReasonCode', one.exemption_reason_code)}{due}{code}"
        f"{element('ram:RateApplicablePercent', None if rate is None else number(rate))}"
        "</ram:ApplicableTradeTax>"
    )


def terms(invoice: Invoice) -> str:
    """When to pay, in words and as a day, and under which mandate it is collected."""
    mandate = next(
        (
            one.direct_debit.mandate_reference_identifier
            for one in invoice.payment_instructions
            if one.direct_debit and one.direct_debit.mandate_reference_identifier
        ),
        None,
    )
    return wrapped(
        "ram:SpecifiedTradePaymentTerms",
        f"{element('ram:Description', invoice.payment_terms)}"
        f"{date_time('ram:DueDateDateTime', invoice.payment_due_date)}"
        f"{element('ram:DirectDebitMandateID', mandate)}",
    )


def totals(invoice: Invoice) -> str:
    """BG-22. Only the tax totals say their currency: there are two of them."""
    sums = invoice.document_totals
    pairs = (
        ("LineTotalAmount", sums.sum_of_invoice_line_net_amount),
        ("ChargeTotalAmount", sums.sum_of_charges),
        ("AllowanceTotalAmount", sums.sum_of_allowances),
        ("TaxBasisTotalAmount", sums.total_amount_without_tax),
    )
    rest = (
        ("RoundingAmount", sums.rounding_amount),
        ("GrandTotalAmount", sums.total_amount_with_tax),
        ("TotalPrepaidAmount", sums.paid_amount),
        ("DuePayableAmount", sums.amount_due_for_payment),
    )
    taxes = (
        (sums.total_tax_amount, invoice.currency_code),
        (
            sums.total_tax_amount_in_accounting_currency,
            invoice.tax_currency_code or invoice.currency_code,
        ),
    )
    tag = "ram:SpecifiedTradeSettlementHeaderMonetarySummation"
    pieces = [f"<ram:{name}>{number(value)}</ram:{name}>" for name, value in pairs if value is not None]
    pieces += [
        f'<ram:TaxTotalAmount currencyID="{attribute(currency)}">{number(value)}</ram:TaxTotalAmount>'
        for value, currency in taxes
        if value is not None
    ]
    pieces += [f"<ram:{name}>{number(value)}</ram:{name}>" for name, value in rest if value is not None]
    return f"<{tag}>{''.join(pieces)}</{tag}>"
