"""What the portal signs: the whole document as it wrote it out again, and the extract for the QR."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tallystick.sandbox.irp.judge.finding import block, items, number, text

__all__ = ["extract", "rewritten", "upper_number"]

_ESCAPED = {ord(character): f"\\u{ord(character):04x}".upper().replace("\\U", "\\u") for character in "&<>'+"}


def upper_number(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its number in capitals, as the portal registers it."""
    said = block(document, "DocDtls")
    return {**document, "DocDtls": {**said, "No": text(said, "No").upper()}}


def rewritten(document: dict[str, Any], ack_no: int, ack_dt: str, irn: str) -> str:
    """The signed copy's JSON text: acknowledgement first, an item number in each line, scales kept."""
    lines = [{"ItemNo": Decimal(0), **line} for line in items(document)]
    whole = {
        "AckNo": Decimal(ack_no),
        "AckDt": ack_dt,
        "Irn": irn,
        **{name: lines if name == "ItemList" else value for name, value in document.items() if name != "Irn"},
    }
    return _json(whole)


def extract(document: dict[str, Any], irn: str, issued: str) -> str:
    """The QR's JSON text. The main tariff code is that of the line with the greatest taxable value."""
    lines = items(document)
    main = max(lines, key=lambda line: number(line, "AssAmt"))
    said = block(document, "DocDtls")
    return _json(
        {
            "SellerGstin": text(block(document, "SellerDtls"), "Gstin"),
            "BuyerGstin": text(block(document, "BuyerDtls"), "Gstin"),
            "DocNo": text(said, "No"),
            "DocTyp": text(said, "Typ"),
            "DocDt": text(said, "Dt"),
            "TotInvVal": number(block(document, "ValDtls"), "TotInvVal"),
            "ItemCnt": Decimal(len(lines)),
            "MainHsnCode": text(main, "HsnCd"),
            "Irn": irn,
            "IrnDt": issued,
        }
    )


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(name)}:{_json(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value).translate(_ESCAPED)
