"""Payment, allowances, charges, tax and totals as UBL text."""

from tallystick.canonical import (
    Amount,
    DocumentAllowance,
    DocumentCharge,
    DocumentTotals,
    Invoice,
    PaymentInstructions,
    TaxBreakdown,
)
from tallystick.canonical.amounts import AllowanceOrCharge
from tallystick.canonical.numbers import Percent
from tallystick.formats.ubl.pen import attribute, element, number, text
from tallystick.formats.ubl.profile import Profile

__all__ = ["NETWORK_OF_CARD", "adjustment", "adjustments", "amount", "category", "payment", "totals"]

NETWORK_OF_CARD = "NA"
"""UBL wants a card's network and EN 16931 has no term for it."""

_UNDEFINED_MEANS = PaymentInstructions(payment_means_type_code="1")


def payment(invoice: Invoice, *, is_credit_note: bool, instruction: str) -> str:
    """One PaymentMeans per account, or per means without one, then the terms.

    A credit note has no other place for its due date than the first PaymentMeans; without instructions one
    with code 1, instrument not defined, carries it.
    """
    due = invoice.payment_due_date
    first = f"<cbc:PaymentDueDate>{due.isoformat()}</cbc:PaymentDueDate>" if is_credit_note and due else ""
    first += instruction
    means = invoice.payment_instructions or ((_UNDEFINED_MEANS,) if first else ())
    parts = []
    for one in means:
        parts.append(_means(one, first))
        first = ""
    if invoice.payment_terms is not None:
        parts.append(
            f"<cac:PaymentTerms><cbc:Note>{text(invoice.payment_terms)}</cbc:Note></cac:PaymentTerms>"
        )
    return "".join(parts)


def _means(means: PaymentInstructions, first: str) -> str:
    """Text, card and mandate stand in the first PaymentMeans; code and remittance information in each."""
    name = means.payment_means_text
    named = "" if name is None else f' name="{attribute(name)}"'
    code = f">{text(means.payment_means_type_code)}</cbc:PaymentMeansCode>"
    remittance = element("cbc:PaymentID", means.remittance_information)
    accounts = _accounts(means) or [""]
    return "".join(
        f"<cac:PaymentMeans><cbc:PaymentMeansCode{named if index == 0 else ''}{code}"
        f"{first if index == 0 else ''}{remittance}{_card(means) if index == 0 else ''}"
        f"{account}{_mandate(means) if index == 0 else ''}</cac:PaymentMeans>"
        for index, account in enumerate(accounts)
    )


def _accounts(means: PaymentInstructions) -> list[str]:
    return [
        "<cac:PayeeFinancialAccount>"
        + element("cbc:ID", account.payment_account_identifier)
        + element("cbc:Name", account.payment_account_name)
        + _branch(element("cbc:ID", account.payment_service_provider_identifier))
        + "</cac:PayeeFinancialAccount>"
        for account in means.credit_transfers
    ]


def _branch(provider: str) -> str:
    return f"<cac:FinancialInstitutionBranch>{provider}</cac:FinancialInstitutionBranch>" if provider else ""


def _card(means: PaymentInstructions) -> str:
    card = means.payment_card
    if card is None:
        return ""
    return (
        "<cac:CardAccount>"
        + element("cbc:PrimaryAccountNumberID", card.primary_account_number)
        + element("cbc:NetworkID", NETWORK_OF_CARD)
        + element("cbc:HolderName", card.holder_name)
        + "</cac:CardAccount>"
    )


def _mandate(means: PaymentInstructions) -> str:
    debit = means.direct_debit
    if debit is None:
        return ""
    account = element("cbc:ID", debit.debited_account_identifier)
    content = element("cbc:ID", debit.mandate_reference_identifier) + (
        f"<cac:PayerFinancialAccount>{account}</cac:PayerFinancialAccount>" if account else ""
    )
    return f"<cac:PaymentMandate>{content}</cac:PaymentMandate>" if content else ""


def adjustments(invoice: Invoice, profile: Profile) -> str:
    """The document's allowances, then its charges."""
    currency = attribute(invoice.currency_code)
    return "".join(
        _document_adjustment("false", one, currency, profile.tax_scheme) for one in invoice.allowances
    ) + "".join(_document_adjustment("true", one, currency, profile.tax_scheme) for one in invoice.charges)


def _document_adjustment(
    indicator: str, one: DocumentAllowance | DocumentCharge, currency: str, scheme: str
) -> str:
    tax = category("cac:TaxCategory", one.tax_category_code, one.tax_rate, scheme)
    return f"{adjustment(indicator, one, currency)}{tax}</cac:AllowanceCharge>"


def adjustment(indicator: str, one: AllowanceOrCharge, currency: str) -> str:
    """An allowance ("false") or charge ("true") up to its base amount; the caller closes the element."""
    return (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{indicator}</cbc:ChargeIndicator>"
        + element("cbc:AllowanceChargeReasonCode", one.reason_code)
        + element("cbc:AllowanceChargeReason", one.reason)
        + _number("cbc:MultiplierFactorNumeric", one.percentage)
        + amount("cbc:Amount", one.amount, currency)
        + amount("cbc:BaseAmount", one.base_amount, currency)
    )


def totals(invoice: Invoice, profile: Profile) -> str:
    """Tax totals (the second one in the accounting currency) and the document totals."""
    sums, currency = invoice.document_totals, attribute(invoice.currency_code)
    breakdown = "".join(_subtotal(one, currency, profile.tax_scheme) for one in invoice.tax_breakdown)
    total = amount("cbc:TaxAmount", sums.total_tax_amount, currency) + breakdown
    accounting = amount(
        "cbc:TaxAmount",
        sums.total_tax_amount_in_accounting_currency,
        attribute(invoice.tax_currency_code or invoice.currency_code),
    )
    return (
        (f"<cac:TaxTotal>{total}</cac:TaxTotal>" if total else "")
        + (f"<cac:TaxTotal>{accounting}</cac:TaxTotal>" if accounting else "")
        + _monetary_total(sums, currency)
    )


def _monetary_total(sums: DocumentTotals, currency: str) -> str:
    return (
        "<cac:LegalMonetaryTotal>"
        + amount("cbc:LineExtensionAmount", sums.sum_of_invoice_line_net_amount, currency)
        + amount("cbc:TaxExclusiveAmount", sums.total_amount_without_tax, currency)
        + amount("cbc:TaxInclusiveAmount", sums.total_amount_with_tax, currency)
        + amount("cbc:AllowanceTotalAmount", sums.sum_of_allowances, currency)
        + amount("cbc:ChargeTotalAmount", sums.sum_of_charges, currency)
        + amount("cbc:PrepaidAmount", sums.paid_amount, currency)
        + amount("cbc:PayableRoundingAmount", sums.rounding_amount, currency)
        + amount("cbc:PayableAmount", sums.amount_due_for_payment, currency)
        + "</cac:LegalMonetaryTotal>"
    )


def _subtotal(one: TaxBreakdown, currency: str, scheme: str) -> str:
    reasons = element("cbc:TaxExemptionReasonCode", one.exemption_reason_code) + element(
        "cbc:TaxExemptionReason", one.exemption_reason_text
    )
    return (
        "<cac:TaxSubtotal>"
        + amount("cbc:TaxableAmount", one.tax_category_taxable_amount, currency)
        + amount("cbc:TaxAmount", one.tax_category_tax_amount, currency)
        + category("cac:TaxCategory", one.tax_category_code, one.tax_category_rate, scheme, reasons)
        + "</cac:TaxSubtotal>"
    )


def category(tag: str, code: str, rate: Percent | None, scheme: str, reasons: str = "") -> str:
    """A tax category under its scheme."""
    percent = "" if rate is None else f"<cbc:Percent>{number(rate)}</cbc:Percent>"
    return (
        f"<{tag}><cbc:ID>{text(code)}</cbc:ID>{percent}{reasons}"
        f"<cac:TaxScheme><cbc:ID>{text(scheme)}</cbc:ID></cac:TaxScheme></{tag}>"
    )


def amount(tag: str, value: Amount | None, currency: str) -> str:
    """An amount in a currency (escaped already); nothing where there is no amount."""
    return "" if value is None else f'<{tag} currencyID="{currency}">{number(value)}</{tag}>'


def _number(tag: str, value: Percent | None) -> str:
    return "" if value is None else f"<{tag}>{number(value)}</{tag}>"
