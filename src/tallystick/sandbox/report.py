"""The answers of both products: the sending report and the transaction of the status call.

Field names as phase4's peppol client and phoss-ap write them (sources read: phoss-ap of 2026-08-20,
phase4-peppol-standalone of 2026-07-20); a report holds only what was set.
"""

from __future__ import annotations

import uuid
from typing import Any

from tallystick.sandbox.access_point import Result, Submission, Transaction
from tallystick.sandbox.envelope import DOC_TYPE_SCHEMES, PARTICIPANT_SCHEME, PROCESS_SCHEME
from tallystick.sandbox.journal import now

_VERSION = "sandbox"
_C3 = "https://receiver.example/as4"
_RETRY_SECONDS = 1.0
"""The real product waits minutes; a trial should not."""
_BUSY = "SMP access limited by Circuit Breaker"


def doc_type_uri(doc_type: str) -> str:
    """The document type with the scheme its network uses (wildcard for PINT)."""
    return f"{DOC_TYPE_SCHEMES['urn:peppol:pint:' in doc_type]}::{doc_type}"


def report(submission: Submission, result: Result) -> dict[str, Any]:
    """The sending report for one attempt."""
    said = submission.addressing
    message_id = f"{uuid.uuid4()}@sandbox"
    sent = result.how in ("sent", "unreported")
    body: dict[str, Any] = {
        "currentDateTimeUTC": now(),
        "phase4Version": _VERSION,
        "smlDnsZone": "sandbox.example.",
        "senderId": f"{PARTICIPANT_SCHEME}::{said.sender}",
        "receiverId": f"{PARTICIPANT_SCHEME}::{said.receiver}",
        "docTypeId": doc_type_uri(said.doc_type),
        "docTypeIdInCodeList": True,
        "processId": f"{PROCESS_SCHEME}::{said.process}",
        "processIdInCodeList": True,
        "countryC1": said.country,
        "senderPartyId": "POP000000",
        "transportProfileId": "peppol-transport-as4-v2_0",
        "sbdhInstanceIdentifier": submission.instance_id,
    }
    if result.how == "retrying":
        body |= {"lookupError": _BUSY, "lookupDurationMillis": 1, "as4ResponseError": False}
    else:
        body |= _transmission(message_id, result, sent=sent)
    return body | {
        "overallDurationMillis": 1,
        "sendingSuccess": sent,
        "overallSuccess": result.how == "sent",
    }


def _transmission(message_id: str, result: Result, *, sent: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "c3EndpointUrl": _C3,
        "c3CertCheckResult": "VALID",
        "as4MessageId": message_id,
        "as4ConversationId": f"sandbox@{message_id[:8]}",
        "as4SendingDateTime": now(),
        "as4ResponseError": not sent,
    }
    if not sent:
        body["as4ResponseErrors"] = [_error(message_id, complaint) for complaint in result.complaints]
        body["sendingError"] = f"An error occurred during the phase4 transmission to '{_C3}'."
    body["sendingResult"] = "SUCCESS" if sent else "AS4_ERROR_MESSAGE_RECEIVED"
    return body


def _error(message_id: str, complaint: str) -> dict[str, str]:
    return {
        "description": "An undefined error occurred.",
        "errorDetails": complaint,
        "category": "Content",
        "refToMessageInError": message_id,
        "errorCode": "EBMS:0004",
        "severity": "failure",
        "shortDescription": "Other",
    }


def unreadable(rule: str, text: str) -> dict[str, Any]:
    """The report when the envelope itself could not be read."""
    return {
        "currentDateTimeUTC": now(),
        "phase4Version": _VERSION,
        "smlDnsZone": "sandbox.example.",
        "sbdhParsingException": {
            "class": "com.helger.peppol.sbdh.PeppolSBDHDataReadException",
            "message": f"[{rule}] {text}",
            "stackTrace": "",
        },
        "as4ResponseError": False,
        "overallDurationMillis": 0,
        "sendingSuccess": False,
        "overallSuccess": False,
    }


def transaction(found: Transaction) -> dict[str, Any]:
    """The status call's answer."""
    failing = found.status in ("failed", "permanently_failed")
    waiting = found.status == "failed"
    return {
        "id": uuid.uuid5(uuid.NAMESPACE_URL, found.instance_id).hex,
        "transactionType": "business_document",
        "senderID": f"{PARTICIPANT_SCHEME}::{found.addressing.sender}",
        "receiverID": f"{PARTICIPANT_SCHEME}::{found.addressing.receiver}",
        "docTypeID": doc_type_uri(found.addressing.doc_type),
        "processID": f"{PROCESS_SCHEME}::{found.addressing.process}",
        "sbdhInstanceID": found.instance_id,
        "status": found.status,
        "attemptCount": 0 if found.status == "pending" else 1,
        "createdDT": found.created_at,
        "completedDT": found.completed_at or None,
        "reportingStatus": "pending",
        "nextRetryDT": now(_RETRY_SECONDS) if waiting else None,
        "errorDetails": ("; ".join(found.complaints) or _BUSY) if failing else None,
        "mlsStatus": found.mls,
        "custom1": None,
        "custom2": None,
        "custom3": None,
    }
