"""The blocks that inform: payment, references, supporting documents, export, e-way bill."""

from base64 import b64encode
from typing import Any, Final

from tallystick.canonical import Invoice, PaymentInstructions, PrecedingInvoiceReference, SupportingDocument

from .blocks import Contract, EwayBill, Export, In, Payment
from .codes import COUNTRIES, HOME
from .supply import RUPEE, Supply
from .tree import Tree, block, day, money, text

MOST_DAYS: Final = 9999
MOST_CONTENT: Final = 1000

_NO_PAYMENT: Final = Payment()
_NO_MEANS: Final = PaymentInstructions(payment_means_type_code="1")
_NO_EXPORT: Final = Export()


def payment(invoice: Invoice, supply: Supply) -> Tree:
    """PayDtls."""
    more = supply.block.payment or _NO_PAYMENT
    means = invoice.payment_instructions[0] if invoice.payment_instructions else _NO_MEANS
    account = means.credit_transfers[0] if means.credit_transfers else None
    said = block(
        (
            (
                "Nm",
                text(
                    invoice.payee.name if invoice.payee else None,
                    account.payment_account_name if account else None,
                ),
            ),
            ("AccDet", text(account.payment_account_identifier) if account else None),
            ("Mode", text(means.payment_means_text)),
            ("FinInsBr", text(account.payment_service_provider_identifier) if account else None),
            ("PayTerm", text(invoice.payment_terms)),
            ("PayInstr", text(means.remittance_information)),
            ("CrTrn", text(more.credit_transfer)),
            ("DirDr", text(means.direct_debit.mandate_reference_identifier) if means.direct_debit else None),
            ("CrDay", _days(invoice)),
        )
    )
    paid = invoice.document_totals.paid_amount
    if not said and paid is None and more.amount_due is None:
        return {}
    return said | block((("PaidAmt", _rupees(paid, supply)), ("PaymtDue", _due(invoice, more, supply))))


def references(invoice: Invoice, supply: Supply) -> Tree:
    """RefDtls."""
    period = invoice.invoicing_period
    whole = period and period.start_date and period.end_date
    earlier = [_preceding(one, supply.block) for one in invoice.preceding_invoice_references]
    contracts = [_own_references(invoice, supply.block), *map(_contract, supply.block.contracts)]
    return block(
        (
            ("InvRm", text(" / ".join(note.content for note in invoice.notes), shortest=3)),
            ("DocPerdDtls", _period(invoice) if whole else None),
            ("PrecDocDtls", earlier),
            ("ContrDtls", [one for one in contracts if one]),
        )
    )


def supporting(invoice: Invoice, supply: Supply) -> list[Tree]:
    """AddlDocDtls."""
    own = [_document(one) for one in invoice.supporting_documents]
    more = [
        block((("Url", text(one.url, shortest=3)), ("Docs", one.content), ("Info", text(one.information))))
        for one in supply.block.additional_documents
    ]
    return [one for one in own + more if one]


def export(invoice: Invoice, supply: Supply) -> Tree:
    """ExpDtls: of an export, or where the invoice brings them."""
    more = supply.block.export
    if more is None and not supply.export:
        return {}
    more = more or _NO_EXPORT
    claimed = None if more.refund_claimed is None else "Y" if more.refund_claimed else "N"
    foreign = None if invoice.currency_code == RUPEE else invoice.currency_code
    return block(
        (
            ("ShipBNo", text(more.shipping_bill_number)),
            ("ShipBDt", day(more.shipping_bill_date)),
            ("Port", text(more.port)),
            ("RefClm", claimed),
            ("ForCur", more.currency or foreign),
            ("CntCode", more.country or (_country(invoice) if supply.export else None)),
            ("ExpDuty", money(more.duty)),
        )
    )


def eway_bill(how: EwayBill | None) -> Tree:
    """EwbDtls, also as the body of a request for an e-way bill has them."""
    if how is None:
        return {}
    return block(
        (
            ("TransId", how.transporter_identifier),
            ("TransName", text(how.transporter_name, shortest=3)),
            ("TransMode", how.mode),
            ("Distance", how.distance),
            ("TransDocNo", text(how.document_number)),
            ("TransDocDt", day(how.document_date)),
            ("VehNo", text(how.vehicle_number)),
            ("VehType", how.vehicle_type),
        )
    )


def _rupees(amount: Any, supply: Supply) -> Any:
    return None if amount is None else supply.rupees(amount)


def _days(invoice: Invoice) -> int | None:
    """Days of credit, where the day of payment is not before that of the invoice."""
    if invoice.payment_due_date is None:
        return None
    days = (invoice.payment_due_date - invoice.issue_date).days
    return days if 0 <= days <= MOST_DAYS else None


def _due(invoice: Invoice, more: Payment, supply: Supply) -> Any:
    due = invoice.document_totals.amount_due_for_payment if more.amount_due is None else more.amount_due
    return None if due is None or due < 0 else supply.rupees(due)


def _period(invoice: Invoice) -> Tree:
    period = invoice.invoicing_period
    return block((("InvStDt", day(period.start_date)), ("InvEndDt", day(period.end_date)))) if period else {}


def _preceding(one: PrecedingInvoiceReference, more: In) -> Tree:
    other = next((o.other for o in more.other_references if o.reference == one.reference), None)
    return block((("InvNo", text(one.reference)), ("InvDt", day(one.issue_date)), ("OthRefNo", text(other))))


def _own_references(invoice: Invoice, more: In) -> Tree:
    dates = more.contract
    own = Contract(
        receiving_advice_reference=invoice.receiving_advice_reference,
        receiving_advice_date=dates.receiving_advice_date if dates else None,
        tender_or_lot_reference=invoice.tender_or_lot_reference,
        contract_reference=invoice.contract_reference,
        external_reference=invoice.buyer_reference,
        project_reference=invoice.project_reference,
        purchase_order_reference=invoice.purchase_order_reference,
        purchase_order_date=dates.purchase_order_date if dates else None,
    )
    return _contract(own)


def _contract(one: Contract) -> Tree:
    return block(
        (
            ("RecAdvRefr", text(one.receiving_advice_reference)),
            ("RecAdvDt", day(one.receiving_advice_date)),
            ("TendRefr", text(one.tender_or_lot_reference)),
            ("ContrRefr", text(one.contract_reference)),
            ("ExtRefr", text(one.external_reference)),
            ("ProjRefr", text(one.project_reference)),
            ("PORefr", text(one.purchase_order_reference)),
            ("PORefDt", day(one.purchase_order_date)),
        )
    )


def _document(one: SupportingDocument) -> Tree:
    """A link and what it is; the file itself only where it is as small as the portal takes it."""
    content = b64encode(one.attached_document.content).decode() if one.attached_document else ""
    return block(
        (
            ("Url", text(one.external_document_location, shortest=3)),
            ("Docs", content if len(content) <= MOST_CONTENT else None),
            ("Info", text(one.description, one.reference, shortest=3)),
        )
    )


def _country(invoice: Invoice) -> str | None:
    address = invoice.buyer.postal_address if invoice.buyer else None
    country = address.country_code if address else None
    return country if country in COUNTRIES and country != HOME else None
