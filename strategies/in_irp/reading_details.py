"""INV-01 documents into the canonical model: payment, references, documents, export, e-way bill."""

from datetime import date, timedelta
from typing import Final

from .binding import Bound
from .tree import Tree, block

MEANS: Final = {"cash": "10", "cheque": "20", "credit": "30", "transfer": "30", "card": "48"}
ANY_MEANS: Final = "1"
MOST_DAYS: Final = 9999


def payment(part: Bound, issued: date | None) -> tuple[str | None, Tree, Tree]:
    """What was paid in advance; the terms of the model; those of the block."""
    mode, account, branch = part.text("Mode"), part.text("AccDet"), part.text("FinInsBr")
    if branch and not account:
        part.tell("FinInsBr", branch, "a branch without an account")
    transfer = block(
        (
            ("payment_account_identifier", account),
            ("payment_service_provider_identifier", branch if account else None),
        )
    )
    debit = block((("mandate_reference_identifier", part.text("DirDr")),))
    means = block(
        (
            ("payment_means_text", mode),
            ("remittance_information", part.text("PayInstr")),
            ("credit_transfers", [transfer] if transfer else None),
            ("direct_debit", debit),
        )
    )
    name = part.text("Nm")
    terms = block(
        (
            ("payee", {"name": name} if name else None),
            ("payment_terms", part.text("PayTerm")),
            ("payment_due_date", _due(part, issued)),
            ("payment_instructions", [{"payment_means_type_code": _means(mode), **means}] if means else None),
        )
    )
    paid = part.number("PaidAmt")
    more = block((("credit_transfer", part.text("CrTrn")), ("amount_due", part.number("PaymtDue"))))
    part.finish()
    return paid, terms, more


def references(part: Bound) -> tuple[Tree, Tree]:
    """The terms of the model; those of the block."""
    remark, period = part.text("InvRm"), part.child("DocPerdDtls")
    preceding, others = _preceding(part.children("PrecDocDtls"))
    rows = [_contract(row) for row in part.children("ContrDtls")]
    first = rows[0] if rows else {}
    dates = {name: first[name] for name in ("receiving_advice_date", "purchase_order_date") if name in first}
    terms = block(
        (
            ("notes", [{"content": remark}] if remark else None),
            (
                "invoicing_period",
                block((("start_date", period.day("InvStDt")), ("end_date", period.day("InvEndDt")))),
            ),
            ("preceding_invoice_references", preceding),
            ("buyer_reference", first.get("external_reference")),
            *((name, first.get(name)) for name in _OWN),
        )
    )
    period.finish()
    part.finish()
    return terms, block((("other_references", others), ("contract", dates), ("contracts", rows[1:])))


_OWN: Final = (
    "receiving_advice_reference",
    "tender_or_lot_reference",
    "contract_reference",
    "project_reference",
    "purchase_order_reference",
)


def additional(rows: list[Bound]) -> tuple[Tree, Tree]:
    """Supporting documents: links as the model has them, texts in the block."""
    plain, own = [], []
    for row in rows:
        url, content, information = row.text("Url"), row.text("Docs"), row.text("Info")
        said = information or url
        if content is None and said is not None:
            plain.append(block((("reference", said), ("external_document_location", url))))
        elif content is not None:
            own.append(block((("url", url), ("content", content), ("information", information))))
        row.finish()
    return block((("supporting_documents", plain),)), block((("additional_documents", own),))


def export(part: Bound) -> Tree:
    """The export block."""
    claimed = part.text("RefClm")
    return block(
        (
            ("shipping_bill_number", part.text("ShipBNo")),
            ("shipping_bill_date", part.day("ShipBDt")),
            ("port", part.text("Port")),
            ("refund_claimed", claimed == "Y" if claimed in ("Y", "N") else None),
            ("currency", part.text("ForCur")),
            ("country", part.text("CntCode")),
            ("duty", part.number("ExpDuty")),
        )
    )


def eway_bill(part: Bound) -> Tree:
    """The e-way bill block."""
    distance = part.number("Distance")
    found = block(
        (
            ("distance", int(distance) if distance and distance.isdigit() else None),
            ("mode", part.text("TransMode")),
            ("transporter_identifier", part.text("TransId")),
            ("transporter_name", part.text("TransName")),
            ("document_number", part.text("TransDocNo")),
            ("document_date", part.day("TransDocDt")),
            ("vehicle_number", part.text("VehNo")),
            ("vehicle_type", part.text("VehType")),
        )
    )
    part.finish()
    return found


def _means(mode: str | None) -> str:
    said = (mode or "").lower()
    return next((code for word, code in MEANS.items() if word in said), ANY_MEANS)


def _due(part: Bound, issued: date | None) -> str | None:
    days = part.number("CrDay")
    if days is None:
        return None
    if issued is None or not days.isdigit() or int(days) > MOST_DAYS:
        part.tell("CrDay", days, "no day of payment follows from it")
        return None
    return (issued + timedelta(days=int(days))).isoformat()


def _preceding(rows: list[Bound]) -> tuple[list[Tree], list[Tree]]:
    found, others = [], []
    for row in rows:
        number, other = row.text("InvNo"), row.text("OthRefNo")
        found.append(block((("reference", number), ("issue_date", row.day("InvDt")))))
        if number and other:
            others.append({"reference": number, "other": other})
        row.finish()
    return found, others


def _contract(row: Bound) -> Tree:
    found = block(
        (
            ("receiving_advice_reference", row.text("RecAdvRefr")),
            ("receiving_advice_date", row.day("RecAdvDt")),
            ("tender_or_lot_reference", row.text("TendRefr")),
            ("contract_reference", row.text("ContrRefr")),
            ("external_reference", row.text("ExtRefr")),
            ("project_reference", row.text("ProjRefr")),
            ("purchase_order_reference", row.text("PORefr")),
            ("purchase_order_date", row.day("PORefDt")),
        )
    )
    row.finish()
    return found
