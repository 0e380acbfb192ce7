"""The reading tables of payment, allowances, charges, tax and totals."""

from typing import Any, Final

from tallystick.formats.cii.names import TAX, TAX_POINT_EVENTS
from tallystick.formats.cii.read_lines import ADJUSTMENT
from tallystick.formats.cii.steps import adjustment, coded, day, ram
from tallystick.formats.ubl.leftovers import ONLY_ONE
from tallystick.formats.ubl.names import DIRECT_DEBITS
from tallystick.formats.ubl.steps import (
    Json,
    Page,
    Step,
    Table,
    amount,
    code,
    fixed,
    flat,
    group,
    leaf,
    number,
    shared,
)

__all__ = ["MONEY", "settle_payment"]

_REMITTANCE: Final = "remittance_information"
_MANDATE: Final = "mandate_reference_identifier"
_CREDITOR: Final = "bank_assigned_creditor_identifier"
_ONCE: Final = (_REMITTANCE, _MANDATE, _CREDITOR)

_PROVIDER: Final = "PayeeSpecifiedCreditorFinancialInstitution"

_ACCOUNT: Final[Table] = {
    ram("IBANID"): leaf("payment_account_identifier"),
    ram("AccountName"): leaf("payment_account_name"),
    ram("ProprietaryID"): leaf("payment_account_identifier"),
}

_CARD: Final[Table] = {ram("ID"): leaf("primary_account_number"), ram("CardholderName"): leaf("holder_name")}

_MEANS: Final[Table] = {
    ram("TypeCode"): code("payment_means_type_code"),
    ram("Information"): leaf("payment_means_text"),
    ram("ApplicableTradeSettlementFinancialCard"): group("payment_card", _CARD, needless=True),
    ram("PayerPartyDebtorFinancialAccount"): group(
        "direct_debit", {ram("IBANID"): leaf("debited_account_identifier")}, needless=True
    ),
    ram("PayeePartyCreditorFinancialAccount"): group("account", _ACCOUNT, needless=True),
    ram(_PROVIDER): flat({ram("BICID"): leaf("provider")}),
}


def _means(page: Page, element: Any, into: Json) -> None:
    """One more means of payment, or one more account of the means before."""
    taken: Json = {}
    page.enter(element)
    page.walk(element, _MEANS, taken)
    account, provider = taken.pop("account", None), taken.pop("provider", None)
    if provider is not None:
        account = {} if account is None else account
        account["payment_service_provider_identifier"] = provider
        page.took(element.find(ram(_PROVIDER)), account, "payment_service_provider_identifier")
    means = into.setdefault("payment_instructions", [])
    before = means[-1] if means else {}
    same = before.get("payment_means_type_code") == taken.get("payment_means_type_code")
    if account is not None and same and "credit_transfers" in before and len(taken) <= 1:
        before["credit_transfers"].append(account)
        page.took(element, account)
        return
    if account is not None:
        taken["credit_transfers"] = [account]
    means.append(taken)
    page.took(element, taken)


def settle_payment(invoice: Json) -> list[str]:
    """Give what the syntax says once to the means of payment it belongs to; the keys that belong to none.

    Remittance information goes to every means; mandate and creditor to the first direct debit: by its
    code, else by a debited account, else the first means.
    """
    once = {key: invoice.pop(key) for key in _ONCE if key in invoice}
    means = invoice.get("payment_instructions", [])
    if not means:
        return list(once)
    if _REMITTANCE in once:
        for one in means:
            one[_REMITTANCE] = once[_REMITTANCE]
    debits = [one for one in means if one.get("payment_means_type_code") in DIRECT_DEBITS]
    debits += [one for one in means if "direct_debit" in one]
    for key in (_MANDATE, _CREDITOR):
        if key in once:
            (debits or means)[0].setdefault("direct_debit", {})[key] = once[key]
    return []


_CATEGORY: Final[Table] = {
    ram("TypeCode"): fixed(TAX),
    ram("CategoryCode"): code("tax_category_code"),
    ram("RateApplicablePercent"): number("tax_rate"),
}

_SUBTOTAL: Final[Table] = {
    ram("CalculatedAmount"): amount("tax_category_tax_amount"),
    ram("TypeCode"): fixed(TAX),
    ram("ExemptionReason"): leaf("exemption_reason_text"),
    ram("BasisAmount"): amount("tax_category_taxable_amount"),
    ram("CategoryCode"): code("tax_category_code"),
    ram("ExemptionReasonCode"): code("exemption_reason_code"),
    ram("RateApplicablePercent"): number("tax_category_rate"),
}
_EVENTS: Final = {theirs: ours for ours, theirs in TAX_POINT_EVENTS.items()}
_POINT: Final = {
    "TaxPointDate": day("tax_point_date"),
    "DueDateTypeCode": coded("tax_point_date_code", _EVENTS),
}


def _subtotal(page: Page, element: Any, into: Json) -> None:
    """An entry of the breakdown. When tax becomes due is the document's: repeated, it is the same."""
    taken: Json = {}
    page.enter(element)
    page.walk(
        element,
        {**_SUBTOTAL, **{ram(name): _of_document(take, into) for name, take in _POINT.items()}},
        taken,
    )
    into.setdefault("tax_breakdown", []).append(taken)
    page.took(element, taken)


def _of_document(take: Step, invoice: Json) -> Step:
    def step(page: Page, element: Any, _: Json) -> None:
        said: Json = {}
        take(page, element, said)
        for key, value in said.items():
            if invoice.setdefault(key, value) != value:
                page.leftovers.tree(element, ONLY_ONE)
            page.took(element, invoice, key)

    return step


def _tax_total(page: Page, element: Any, into: Json) -> None:
    """The tax total, or the one in the accounting currency: told apart by their currencies."""
    currency = element.get("currencyID", page.currency)
    accounted = currency == page.tax_currency and (currency != page.currency or "total_tax_amount" in into)
    key = "total_tax_amount_in_accounting_currency" if accounted else "total_tax_amount"
    amount(key, accounting=accounted)(page, element, into)


_TOTALS: Final[Table] = {
    ram("LineTotalAmount"): amount("sum_of_invoice_line_net_amount"),
    ram("ChargeTotalAmount"): amount("sum_of_charges"),
    ram("AllowanceTotalAmount"): amount("sum_of_allowances"),
    ram("TaxBasisTotalAmount"): amount("total_amount_without_tax"),
    ram("TaxTotalAmount"): _tax_total,
    ram("RoundingAmount"): amount("rounding_amount"),
    ram("GrandTotalAmount"): amount("total_amount_with_tax"),
    ram("TotalPrepaidAmount"): amount("paid_amount"),
    ram("DuePayableAmount"): amount("amount_due_for_payment"),
}

MONEY: Final[Table] = {
    ram("CreditorReferenceID"): leaf(_CREDITOR),
    ram("PaymentReference"): leaf(_REMITTANCE),
    ram("SpecifiedTradeSettlementPaymentMeans"): _means,
    ram("ApplicableTradeTax"): _subtotal,
    ram("SpecifiedTradeAllowanceCharge"): adjustment(
        {**ADJUSTMENT, ram("CategoryTradeTax"): flat(_CATEGORY)}
    ),
    ram("SpecifiedTradePaymentTerms"): flat(
        {
            ram("Description"): leaf("payment_terms"),
            ram("DueDateDateTime"): day("payment_due_date"),
            ram("DirectDebitMandateID"): leaf(_MANDATE),
        }
    ),
    ram("SpecifiedTradeSettlementHeaderMonetarySummation"): shared("document_totals", _TOTALS),
}
