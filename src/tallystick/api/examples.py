"""The examples of the documentation. A test holds each against the schema it illustrates."""

from pathlib import Path
from typing import Any, Final

from msgspec import json

__all__ = [
    "ACT",
    "ACT_REQUEST",
    "ARTIFACTS",
    "ATTEMPTS",
    "EVENTS",
    "INVOICE",
    "LOG",
    "REPORT",
    "RESOURCE",
    "SUMMARY",
    "UBL",
]

FOLDER: Final = Path(__file__).parent / "pages"
ID: Final = "01932d5e-8f00-7a3c-9d41-5b1f6c2e7a90"
REGISTRATION: Final = "01932d5e-8f00-7a3c-9d41-5b1f6c2e7a91"
EVENT_ID: Final = "01932d5e-8f00-7a3c-9d41-5b1f6c2e7a92"
ACT_ID: Final = "01932d5e-8f00-7a3c-9d41-5b1f6c2e7a93"
PATH: Final = f"/v1/invoices/{ID}"
TIME: Final = "2026-03-02T09:30:00.123456Z"
HASH: Final = "6b7a9c1e5d3f20418a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b"
INVOICE: Final[dict[str, Any]] = json.decode((FOLDER / "invoice.json").read_bytes())
UBL: Final = (FOLDER / "invoice.xml").read_text(encoding="utf-8")
TOTALS: Final = {
    "sum_of_invoice_line_net_amount": "1250.00",
    "total_amount_without_tax": "1250.00",
    "total_tax_amount": "237.50",
    "total_amount_with_tax": "1487.50",
    "amount_due_for_payment": "1487.50",
}
COMPUTED: Final = [
    "/lines/0/net_amount",
    "/tax_breakdown",
    "/document_totals/sum_of_invoice_line_net_amount",
    "/document_totals/total_amount_with_tax",
]
STATE: Final = {
    "status": "issued",
    "processing_status": "completed",
    "authority_status": "accepted",
    "authority_reference": "0d3b5e0a-3f64-4a53-8f7e-0c6f1a2b3c4d",
}
RESOURCE: Final[dict[str, Any]] = {
    "id": ID,
    "mode": "test",
    "invoice_number": "NL-2026-0117",
    "type_code": "380",
    "issue_date": "2026-03-02",
    "currency_code": "EUR",
    "seller": {"name": "Nordlicht Maschinenbau GmbH", "country_code": "DE"},
    **STATE,
    "strategy": "peppol",
    "strategy_reason": "country DE",
    "registration": REGISTRATION,
    "totals": TOTALS,
    "computed": COMPUTED,
    "validation": {"computed": COMPUTED, "warnings": []},
    "supersedes": None,
    "superseded_by": None,
    "actions": ["cancel"],
    "cancellation": None,
    "deadline": None,
    "qr": None,
    "marks": {},
    "links": {
        "self": PATH,
        "events": f"{PATH}/events",
        "attempts": f"{PATH}/attempts",
        "artifacts": f"{PATH}/artifacts",
        "acts": f"{PATH}/acts",
        "receipt": f"{PATH}/receipt",
    },
    "created_at": TIME,
    "updated_at": TIME,
}
SUMMARY: Final[dict[str, Any]] = {
    **{
        name: RESOURCE[name]
        for name in ("id", "mode", "invoice_number", "type_code", "issue_date", "currency_code")
    },
    "total_amount_with_tax": "1487.50",
    "seller_country_code": "DE",
    **STATE,
    "strategy": "peppol",
    "registration": REGISTRATION,
    "supersedes": None,
    "superseded_by": None,
    "links": {"self": PATH},
    "created_at": TIME,
    "updated_at": TIME,
}
ACT_REQUEST: Final[dict[str, Any]] = {"reason": "mistake", "remark": "Wrong buyer"}
ACT: Final[dict[str, Any]] = {
    "id": ACT_ID,
    "invoice_id": ID,
    "act": "cancel",
    "status": "done",
    "processing_status": "completed",
    "verdict": "cancelled",
    "reference": None,
    "reason": None,
    "detail": "",
    "marks": {},
    "errors": [],
    "request": ACT_REQUEST,
    "links": {"self": f"{PATH}/acts/{ACT_ID}", "invoice": PATH},
    "created_at": TIME,
    "updated_at": TIME,
}
REPORT: Final[dict[str, Any]] = {
    "valid": True,
    "faults": [],
    "computed": COMPUTED,
    "strategy": "peppol",
    "strategy_reason": "country DE",
    "registration": REGISTRATION,
    "invoice": INVOICE,
}
EVENTS: Final[dict[str, Any]] = {
    "data": [
        {
            "id": EVENT_ID,
            "type": "authority.accepted",
            "timestamp": TIME,
            "sequence": 2,
            "chain": {"sequence": 4, "hash": HASH},
            "data": {
                "invoice_id": ID,
                "invoice_number": "NL-2026-0117",
                "mode": "test",
                **STATE,
                "links": {"self": PATH},
            },
        }
    ],
    "next_cursor": None,
    "has_more": False,
}
ATTEMPTS: Final[dict[str, Any]] = {
    "data": [
        {
            "n": 1,
            "act": None,
            "kind": "submit",
            "started_at": TIME,
            "finished_at": TIME,
            "method": "POST",
            "endpoint": "https://ap.example.com/api/outbound/submit",
            "http_status": 200,
            "outcome": "accepted",
            "duration_ms": 187,
            "error": None,
        }
    ]
}
ARTIFACTS: Final[dict[str, Any]] = {
    "data": [
        {
            "name": "invoice.json",
            "media_type": "application/json",
            "size": 1342,
            "digest": HASH,
            "salt": "00112233445566778899aabbccddeeff",
            "erased": False,
            "url": f"{PATH}/artifacts/invoice.json",
        }
    ],
    "qr": None,
}
LOG: Final[dict[str, Any]] = {
    "data": [
        {
            "sequence": 1,
            "prev_hash": "0" * 64,
            "hash": HASH,
            "entry": '{"actor":"key:ts_test_4fQ9bZ1c","at":"2026-03-02T09:30:00.123456Z","v":1}',
        }
    ]
}
