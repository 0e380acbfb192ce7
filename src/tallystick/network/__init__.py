"""Conversations with an access point of the Peppol network, whatever the document: names, envelope, products.

A strategy says how a document is named there; what travels, and what an answer means, is the same for all.
"""

from typing import Literal

from tallystick.canonical import Fault
from tallystick.network import phase4, phoss
from tallystick.network.answers import TOKEN
from tallystick.network.names import CROSS_INDUSTRY_INVOICE, Names, marked, marks_of, participant
from tallystick.network.route import route
from tallystick.strategy import Conversation, Document, Enrolment, Outcome, Verdict

__all__ = [
    "CROSS_INDUSTRY_INVOICE",
    "TOKEN",
    "Adapter",
    "Names",
    "inquire",
    "marked",
    "marks_of",
    "participant",
    "route",
    "submit",
]

Adapter = Literal["phoss-ap", "phase4"]


def submit(adapter: Adapter, document: Document, enrolment: Enrolment) -> Conversation:
    """Hands the document to the access point of the registration."""
    names = marked(document.marks)
    if names is None:
        return _nowhere_to_go()
    if adapter == "phase4":
        return (yield from phase4.submit(document, names, enrolment))
    return (yield from phoss.submit(document, names, enrolment))


def inquire(adapter: Adapter, document: Document, enrolment: Enrolment) -> Conversation:
    """Asks by our instance identifier, or sends the identical envelope where nothing can be asked."""
    names = marked(document.marks)
    if names is None:
        return _nowhere_to_go()
    if adapter == "phase4":
        return (yield from phase4.inquire(document, names, enrolment))
    return (yield from phoss.inquire(enrolment))


def _nowhere_to_go() -> Outcome:
    detail = "the document has no electronic address of sender and receiver, or no business process"
    fault = Fault(
        code="authority/rejected",
        pointer="",
        message="A document travels from one electronic address to another, in a business process.",
        hint="Give seller and buyer an electronic_address, and business_process_type.",
    )
    return Outcome(verdict=Verdict.REJECTED, detail=detail, faults=(fault,))
