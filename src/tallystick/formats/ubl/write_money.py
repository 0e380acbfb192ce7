"""Payment, allowances, charges, tax and totals as UBL text."""

from collections.abc import Callable
from typing import Any

from tallystick.canonical import (
    AllowanceOrCharge,
    Amount,
    CreditTransfer,
    DirectDebit,
    DocumentAllowance,
    DocumentCharge,
    DocumentTotals,
    Invoice,
    PaymentCard,
    PaymentInstructions,
    Percent,
    TaxBreakdown,
)
from tallystick.formats.ubl.pen import (
    amount,
    attribute,
    day,
    element,
    number,
    said,
    scheme,
    special,
    text,
    texts,
)
from tallystick.formats.ubl.profile import Extras, Profile

__all__ = ["NETWORK_OF_CARD", "adjustment", "adjustments", "category", "payment", "totals"]

NETWORK_OF_CARD = "NA"
"""UBL wants a card's network and EN 16931 has no term for it."""

_LIST_OF_CATEGORIES = ' schemeAgencyID="6" schemeID="UN/ECE 5305"'
_LIST_OF_SCHEMES = ' schemeAgencyID="6" schemeID="UN/ECE 5153"'
_UNDEFINED_MEANS = PaymentInstructions(payment_means_type_code="1")


def payment(invoice: Invoice, profile: Profile, *, is_credit_note: bool) -> str:
    """One PaymentMeans per account, or per means without one, then the terms.

    A credit note has no other place for its due date than the first PaymentMeans; without instructions one
    with code 1, instrument not defined, carries it.
    """
    due, terms, means = invoice.payment_due_date, invoice.payment_terms, invoice.payment_instructions
    first = each = note = written = ""
    if profile.extras is not None:
        first, each, note = _further(invoice, profile.extras)
    if is_credit_note and due is not None:
        first = f"<cbc:PaymentDueDate>{day(due)}</cbc:PaymentDueDate>{first}"
    if (first or each or note) and not means:
        means = (_UNDEFINED_MEANS,)
    for one in means:
        written += _means(one, first, each, note)
        first = note = ""
    if terms is None or not profile.payment_terms:
        return written
    return f"{written}<cac:PaymentTerms><cbc:Note>{text(terms)}</cbc:Note></cac:PaymentTerms>"


def _further(invoice: Invoice, extras: Extras) -> tuple[str, str, str]:
    """What the profile adds: to the first means, to every one, to the first account."""
    return (
        said(extras.instruction, invoice),
        said(extras.instructions, invoice),
        said(extras.account, invoice),
    )


def _means(means: PaymentInstructions, first: str, each: str, note: str) -> str:
    """Text, `first`, card and mandate stand in the first PaymentMeans; code, `each` and remittance
    information in every one. `note` is what the profile says of the first account.
    """
    code, name, accounts = means.payment_means_type_code, means.payment_means_text, means.credit_transfers
    card, debit, remittance = means.payment_card, means.direct_debit, means.remittance_information
    if special(f"{code}{remittance}"):
        code, (remittance,) = text(code), texts(remittance)
    named = "" if name is None else f' name="{attribute(name)}"'
    quoted = "" if remittance is None else f"<cbc:PaymentID>{remittance}</cbc:PaymentID>"
    paid = "" if card is None else _card(card)
    if accounts:
        paid += _account(accounts[0], note)
    elif note:
        paid += f"<cac:PayeeFinancialAccount>{note}</cac:PayeeFinancialAccount>"
    if debit is not None:
        paid += _mandate(debit)
    if len(accounts) > 1:
        start = f"<cac:PaymentMeans><cbc:PaymentMeansCode>{code}</cbc:PaymentMeansCode>{each}{quoted}"
        paid += "".join([f"</cac:PaymentMeans>{start}{_account(one)}" for one in accounts[1:]])
    return (
        f"<cac:PaymentMeans><cbc:PaymentMeansCode{named}>{code}</cbc:PaymentMeansCode>{first}{each}{quoted}"
        f"{paid}</cac:PaymentMeans>"
    )


def _account(account: CreditTransfer, note: str = "") -> str:
    number, name = account.payment_account_identifier, account.payment_account_name
    provider = account.payment_service_provider_identifier
    if special(f"{number}{name}{provider}"):
        number = text(number)
        name, provider = texts(name, provider)
    return (
        f"<cac:PayeeFinancialAccount><cbc:ID>{number}</cbc:ID>"
        f"{'' if name is None else f'<cbc:Name>{name}</cbc:Name>'}{note}"
        f"{'' if provider is None else _branch(provider)}</cac:PayeeFinancialAccount>"
    )


def _branch(provider: str) -> str:
    return f"<cac:FinancialInstitutionBranch><cbc:ID>{provider}</cbc:ID></cac:FinancialInstitutionBranch>"


def _card(card: PaymentCard) -> str:
    return (
        f"<cac:CardAccount>{element('cbc:PrimaryAccountNumberID', card.primary_account_number)}"
        f"{element('cbc:NetworkID', NETWORK_OF_CARD)}{element('cbc:HolderName', card.holder_name)}"
        "</cac:CardAccount>"
    )


def _mandate(debit: DirectDebit) -> str:
    account = element("cbc:ID", debit.debited_account_identifier)
    content = element("cbc:ID", debit.mandate_reference_identifier) + (
        f"<cac:PayerFinancialAccount>{account}</cac:PayerFinancialAccount>" if account else ""
    )
    return f"<cac:PaymentMandate>{content}</cac:PaymentMandate>" if content else ""


def adjustments(invoice: Invoice, profile: Profile, *, is_credit_note: bool) -> str:
    """Allowances, charges, and the profile's exchange rates: those come first in a credit note."""
    currency, extras = attribute(invoice.currency_code), profile.extras
    tax, attributes = scheme(profile.tax_scheme), ""
    if profile.adjustment_lists:
        tax, attributes = scheme(profile.tax_scheme, _LIST_OF_SCHEMES), _LIST_OF_CATEGORIES
    exchange = None if extras is None else extras.exchange
    rates = said(exchange, invoice)
    times = _once if extras is None else extras.adjustment_categories or _once
    written = "".join(
        [_document_adjustment("false", one, currency, tax, attributes, times) for one in invoice.allowances]
        + [_document_adjustment("true", one, currency, tax, attributes, times) for one in invoice.charges]
    )
    return rates + written if is_credit_note else written + rates


def _document_adjustment(
    indicator: str,
    one: DocumentAllowance | DocumentCharge,
    currency: str,
    scheme_of_tax: str,
    listed: str,
    times: Callable[[Any], int],
) -> str:
    tax = category("cac:TaxCategory", one.tax_category_code, one.tax_rate, scheme_of_tax, listed=listed)
    return f"{adjustment(indicator, one, currency)}{tax * times(one)}</cac:AllowanceCharge>"


def _once(_: object) -> int:
    return 1


def adjustment(indicator: str, one: AllowanceOrCharge, currency: str) -> str:
    """An allowance ("false") or charge ("true") up to its base amount; the caller closes the element."""
    code, reason, percent, base = one.reason_code, one.reason, one.percentage, one.base_amount
    return (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{indicator}</cbc:ChargeIndicator>"
        f"{'' if code is None else element('cbc:AllowanceChargeReasonCode', code)}"
        f"{'' if reason is None else element('cbc:AllowanceChargeReason', reason)}"
        f"{'' if percent is None else element('cbc:MultiplierFactorNumeric', number(percent))}"
        f"{amount('cbc:Amount', one.amount, currency)}"
        f"{'' if base is None else amount('cbc:BaseAmount', base, currency)}"
    )


def totals(invoice: Invoice, profile: Profile) -> tuple[str, str, str]:
    """Tax totals (the one in the accounting currency has no breakdown) and the document totals."""
    sums, currency = invoice.document_totals, attribute(invoice.currency_code)
    tax, accounted = sums.total_tax_amount_in_accounting_currency, ""
    if tax is not None:
        accounted = _accounted(tax, invoice)
    taxes, total = _tax_total(invoice, profile, currency), _monetary_total(sums, currency)
    return (accounted, taxes, total) if profile.accounting_tax_first else (taxes, accounted, total)


def _tax_total(invoice: Invoice, profile: Profile, currency: str) -> str:
    """The tax with its breakdown; nothing where there is neither."""
    tax, attributes, extras = scheme(profile.tax_scheme), "", profile.extras
    if profile.breakdown_lists:
        tax, attributes = scheme(profile.tax_scheme, _LIST_OF_SCHEMES), _LIST_OF_CATEGORIES
    total = amount("cbc:TaxAmount", invoice.document_totals.total_tax_amount, currency)
    if extras is not None and extras.tax_total is not None:
        total += extras.tax_total(invoice)
    for one in invoice.tax_breakdown:
        total += _subtotal(one, currency, tax, attributes)
    return f"<cac:TaxTotal>{total}</cac:TaxTotal>" if total else ""


def _accounted(tax: Amount, invoice: Invoice) -> str:
    currency = attribute(invoice.tax_currency_code or invoice.currency_code)
    return f"<cac:TaxTotal>{amount('cbc:TaxAmount', tax, currency)}</cac:TaxTotal>"


def _monetary_total(sums: DocumentTotals, currency: str) -> str:
    lines, net = sums.sum_of_invoice_line_net_amount, sums.total_amount_without_tax
    gross, due = sums.total_amount_with_tax, sums.amount_due_for_payment
    allowances, charges = sums.sum_of_allowances, sums.sum_of_charges
    paid, rounding, further = sums.paid_amount, sums.rounding_amount, ""
    if allowances is not None:
        further = amount("cbc:AllowanceTotalAmount", allowances, currency)
    if charges is not None:
        further += amount("cbc:ChargeTotalAmount", charges, currency)
    if paid is not None:
        further += amount("cbc:PrepaidAmount", paid, currency)
    if rounding is not None:
        further += amount("cbc:PayableRoundingAmount", rounding, currency)
    return (
        f"<cac:LegalMonetaryTotal>{amount('cbc:LineExtensionAmount', lines, currency)}"
        f"{amount('cbc:TaxExclusiveAmount', net, currency)}"
        f"{amount('cbc:TaxInclusiveAmount', gross, currency)}{further}"
        f"{amount('cbc:PayableAmount', due, currency)}</cac:LegalMonetaryTotal>"
    )


def _subtotal(one: TaxBreakdown, currency: str, scheme_of_tax: str, listed: str) -> str:
    code, reason = one.exemption_reason_code, one.exemption_reason_text
    reasons = "" if code is None and reason is None else _reasons(code, reason)
    kind, rate = one.tax_category_code, one.tax_category_rate
    return (
        f"<cac:TaxSubtotal>{amount('cbc:TaxableAmount', one.tax_category_taxable_amount, currency)}"
        f"{amount('cbc:TaxAmount', one.tax_category_tax_amount, currency)}"
        f"{category('cac:TaxCategory', kind, rate, scheme_of_tax, reasons, listed)}</cac:TaxSubtotal>"
    )


def _reasons(code: str | None, reason: str | None) -> str:
    """Why there is no tax."""
    return element("cbc:TaxExemptionReasonCode", code) + element("cbc:TaxExemptionReason", reason)


def category(
    tag: str, code: str, rate: Percent | None, scheme_of_tax: str, reasons: str = "", listed: str = ""
) -> str:
    """A tax category under its scheme (a finished element); `listed` are attributes of its code."""
    percent = "" if rate is None else f"<cbc:Percent>{number(rate)}</cbc:Percent>"
    return f"<{tag}><cbc:ID{listed}>{text(code)}</cbc:ID>{percent}{reasons}{scheme_of_tax}</{tag}>"
