"""The documents that a unit shows before it gets its certificate: one of each kind that its title allows.

They are built as every document is, stamped with the compliance certificate, each the first of a chain of its
own. The authority checks and forgets them.
"""

import json
from datetime import timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from msgspec import structs

from tallystick.canonical import Invoice, complete, decode
from tallystick.strategy import Document, Enrolment, Slot

from .blocks import BLOCKS, REGIME
from .building import build
from .nature import RIYADH

__all__ = ["STEPS", "document_of", "steps_of"]

STEPS: Final = {
    "standard-compliant": ("standard", "388"),
    "standard-credit-note-compliant": ("standard", "381"),
    "standard-debit-note-compliant": ("standard", "383"),
    "simplified-compliant": ("simplified", "388"),
    "simplified-credit-note-compliant": ("simplified", "381"),
    "simplified-debit-note-compliant": ("simplified", "383"),
}
"""The authority's name of each check, and the flow and type of the document it wants."""

_ADDRESS: Final = {
    "line_1": "King Fahd Road",
    "city": "Riyadh",
    "post_code": "12214",
    "country_code": "SA",
}
_BLOCK: Final = {"building_number": "2322", "district": "Al Olaya"}


def steps_of(title: str) -> tuple[str, ...]:
    """The checks for a title, in order: its first digit allows standard documents, its second simplified."""
    allowed = {flow for flow, digit in zip(("standard", "simplified"), title, strict=False) if digit == "1"}
    return tuple(name for name, (flow, _) in STEPS.items() if flow in allowed)


def document_of(step: str, enrolment: Enrolment) -> Document:
    """The document for a check. Same step, same enrolment and time: same bytes but for the stamp's own."""
    name = f"tallystick/{enrolment.registration}/{step}/{enrolment.now.isoformat()}"
    placed = structs.replace(enrolment, slot=Slot(1), reference=str(uuid5(NAMESPACE_URL, name)))
    return build(_invoice(step, enrolment), placed)


def _invoice(step: str, enrolment: Enrolment) -> Invoice:
    decoded = decode(json.dumps(_content(step, enrolment)).encode(), {REGIME: BLOCKS})
    if decoded.invoice is None:
        raise ValueError(f"the document for {step} is no invoice: {decoded.faults}")
    return complete(decoded.invoice).invoice


def _content(step: str, enrolment: Enrolment) -> dict[str, Any]:
    flow, kind = STEPS[step]
    there = enrolment.now.astimezone(RIYADH) - timedelta(minutes=1)
    today = there.date().isoformat()
    content: dict[str, Any] = {
        "invoice_number": f"CHECK-{step.removesuffix('-compliant').upper()}",
        "issue_date": today,
        "issue_time": there.strftime("%H:%M:%S"),
        "type_code": kind,
        "currency_code": "SAR",
        "tax_currency_code": "SAR",
        "transaction_type": "b2c" if flow == "simplified" else "b2b",
        "seller": {
            "name": enrolment.taxpayer,
            "tax_identifier": enrolment.tax_identifier,
            "identifiers": [{"value": "1010010000", "scheme": "CRN"}],
            "postal_address": _ADDRESS,
            "regime_data": {REGIME: _BLOCK},
        },
        "delivery": {"actual_delivery_date": today},
        "payment_instructions": [{"payment_means_type_code": "10"}],
        "lines": [_LINE],
    }
    if flow == "standard":
        content["buyer"] = _BUYER
    if kind != "388":
        content["preceding_invoice_references"] = [{"reference": "CHECK-EARLIER"}]
        content["regime_data"] = {REGIME: {"reason": "Goods returned"}}
    return content


_LINE: Final = {
    "line_identifier": "1",
    "invoiced_quantity": "1",
    "unit_of_measure_code": "PCE",
    "price": {"item_net_price": "100.00"},
    "tax": {"category_code": "S", "rate": "15"},
    "item": {"name": "Compliance check"},
}
_BUYER: Final = {
    "name": "Fatoora Samples LTD",
    "tax_identifier": "399999999800003",
    "postal_address": _ADDRESS,
    "regime_data": {REGIME: _BLOCK},
}
