"""The reading tables of payment, allowances, charges, tax and totals."""

from typing import Any, Final

from tallystick.formats.ubl.leftovers import ONLY_ONE
from tallystick.formats.ubl.read_parties import SCHEME
from tallystick.formats.ubl.steps import (
    Json,
    Page,
    Step,
    Table,
    amount,
    cac,
    cbc,
    code,
    day,
    fixed,
    flat,
    group,
    items,
    leaf,
    number,
    peek,
    shared,
)
from tallystick.formats.ubl.write_money import NETWORK_OF_CARD

__all__ = ["MONEY", "adjustment"]

TRUE: Final = ("true", "1")
FALSE: Final = ("false", "0")

_ADJUSTMENT: Final[Table] = {
    cbc("ChargeIndicator"): fixed(*TRUE, *FALSE),
    cbc("AllowanceChargeReasonCode"): code("reason_code"),
    cbc("AllowanceChargeReason"): leaf("reason"),
    cbc("MultiplierFactorNumeric"): number("percentage"),
    cbc("Amount"): amount("amount"),
    cbc("BaseAmount"): amount("base_amount"),
}

_DOCUMENT_ADJUSTMENT: Final[Table] = {
    **_ADJUSTMENT,
    cac("TaxCategory"): flat(
        {
            cbc("ID"): code("tax_category_code"),
            cbc("Percent"): number("tax_rate"),
            cac("TaxScheme"): SCHEME,
        }
    ),
}


def adjustment(table: Table = _ADJUSTMENT) -> Step:
    """An allowance or a charge, as its indicator says; without one it is left."""
    charge, allowance = items("charges", table), items("allowances", table)

    def step(page: Page, element: Any, into: Json) -> None:
        indicator = peek(element, cbc("ChargeIndicator"))
        if indicator in TRUE:
            charge(page, element, into)
        elif indicator in FALSE:
            allowance(page, element, into)
        else:
            page.leftovers.tree(element, "neither an allowance nor a charge")

    return step


_CARD: Final[Table] = {
    cbc("PrimaryAccountNumberID"): leaf("primary_account_number"),
    cbc("NetworkID"): fixed(NETWORK_OF_CARD),
    cbc("HolderName"): leaf("holder_name"),
}

_ACCOUNT: Final[Table] = {
    cbc("ID"): leaf("payment_account_identifier"),
    cbc("Name"): leaf("payment_account_name"),
    cac("FinancialInstitutionBranch"): flat({cbc("ID"): leaf("payment_service_provider_identifier")}),
}

_MANDATE: Final[Table] = {
    cbc("ID"): leaf("mandate_reference_identifier"),
    cac("PayerFinancialAccount"): flat({cbc("ID"): leaf("debited_account_identifier")}),
}

_MEANS: Final[Table] = {
    cbc("PaymentMeansCode"): code("payment_means_type_code", {"name": "payment_means_text"}),
    cbc("PaymentID"): leaf("remittance_information"),
    cac("CardAccount"): group("payment_card", _CARD),
    cac("PayeeFinancialAccount"): items("credit_transfers", _ACCOUNT),
    cac("PaymentMandate"): group("direct_debit", _MANDATE, needless=True),
}

_SHARED_BY_ACCOUNTS: Final = ("payment_means_type_code", "remittance_information")


def _means(page: Page, element: Any, into: Json) -> None:
    """One more means of payment, or one more account of the means before."""
    taken: Json = {}
    page.enter(element)
    page.walk(
        element, {**_MEANS, cbc("PaymentDueDate"): _due_in(into)} if page.is_credit_note else _MEANS, taken
    )
    means = into.setdefault("payment_instructions", [])
    if means and _is_another_account(taken, means[-1]):
        means[-1]["credit_transfers"] += taken["credit_transfers"]
        page.took(element, taken["credit_transfers"][0])
    else:
        means.append(taken)
        page.took(element, taken)


def _due_in(invoice: Json) -> Step:
    """A credit note's due date belongs to the invoice, not to the means of payment it stands in."""

    def step(page: Page, element: Any, into: Json) -> None:
        due(page, element, invoice)
        page.took(element, invoice, "payment_due_date")

    due = day("payment_due_date")
    return step


def _is_another_account(means: Json, before: Json) -> bool:
    """Whether a means adds nothing but an account. Its remittance information may be missing."""
    return (
        "credit_transfers" in before
        and "credit_transfers" in means
        and means.keys() <= {*_SHARED_BY_ACCOUNTS, "credit_transfers"}
        and means.get("payment_means_type_code") == before.get("payment_means_type_code")
        and means.get("remittance_information", before.get("remittance_information"))
        == before.get("remittance_information")
    )


_SUBTOTAL: Final[Table] = {
    cbc("TaxableAmount"): amount("tax_category_taxable_amount"),
    cbc("TaxAmount"): amount("tax_category_tax_amount"),
    cac("TaxCategory"): flat(
        {
            cbc("ID"): code("tax_category_code"),
            cbc("Percent"): number("tax_category_rate"),
            cbc("TaxExemptionReasonCode"): code("exemption_reason_code"),
            cbc("TaxExemptionReason"): leaf("exemption_reason_text"),
            cac("TaxScheme"): SCHEME,
        }
    ),
}

_TOTAL_TAX: Final = "total_tax_amount"
_ACCOUNTED_TAX: Final = "total_tax_amount_in_accounting_currency"


def _tax_total(page: Page, element: Any, into: Json) -> None:
    """The tax total of the document with its breakdown, or the one in the accounting currency."""
    totals = into.setdefault("document_totals", {})
    stated = element.find(cbc("TaxAmount"))
    currency = page.currency if stated is None else stated.get("currencyID", page.currency)
    taken = _TOTAL_TAX in totals or "tax_breakdown" in into
    page.enter(element)
    page.took(element, totals)
    if page.tax_currency == currency and (taken or currency != page.currency or _sums_up(element)):
        page.walk(element, {cbc("TaxAmount"): _into(totals, amount(_ACCOUNTED_TAX, accounting=True))}, into)
    elif taken:
        page.leftovers.tree(element, ONLY_ONE)
    else:
        subtotals = items("tax_breakdown", _SUBTOTAL)
        table = {cbc("TaxAmount"): _into(totals, amount(_TOTAL_TAX)), cac("TaxSubtotal"): subtotals}
        page.walk(element, table, into)


def _sums_up(element: Any) -> bool:
    """Whether a tax total has no breakdown and another one has."""
    if element.find(cac("TaxSubtotal")) is not None:
        return False
    return element.getparent().find(f"{cac('TaxTotal')}/{cac('TaxSubtotal')}") is not None


def _into(totals: Json, take: Step) -> Step:
    def step(page: Page, element: Any, into: Json) -> None:
        take(page, element, totals)

    return step


_TOTALS: Final[Table] = {
    cbc("LineExtensionAmount"): amount("sum_of_invoice_line_net_amount"),
    cbc("TaxExclusiveAmount"): amount("total_amount_without_tax"),
    cbc("TaxInclusiveAmount"): amount("total_amount_with_tax"),
    cbc("AllowanceTotalAmount"): amount("sum_of_allowances"),
    cbc("ChargeTotalAmount"): amount("sum_of_charges"),
    cbc("PrepaidAmount"): amount("paid_amount"),
    cbc("PayableRoundingAmount"): amount("rounding_amount"),
    cbc("PayableAmount"): amount("amount_due_for_payment"),
}

MONEY: Final[Table] = {
    cac("PaymentMeans"): _means,
    cac("PaymentTerms"): flat({cbc("Note"): leaf("payment_terms")}),
    cac("AllowanceCharge"): adjustment(_DOCUMENT_ADJUSTMENT),
    cac("TaxTotal"): _tax_total,
    cac("LegalMonetaryTotal"): shared("document_totals", _TOTALS),
}
