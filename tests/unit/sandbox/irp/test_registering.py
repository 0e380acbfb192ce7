"""Registering documents: the number, the tokens, what a second attempt gets."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def test_a_good_document_gets_its_number_and_both_tokens(caller: Any, invoice: dict[str, Any]) -> None:
    plain = json.dumps(invoice).encode()
    answer = caller.generate(plain)
    assert answer.codes == []
    year = caller.events(event="processed")[0]["year"]
    assert answer.irn == hashlib.sha256(f"{caller.gstin}{year}INVTILES/1".encode()).hexdigest()
    assert caller.verified(answer.data["SignedInvoice"])["ItemList"][0]["ItemNo"] == 0
    assert caller.verified(answer.data["SignedQRCode"])["Irn"] == answer.irn
    assert caller.by_irn(answer.irn).data == caller.by_document(invoice).data == answer.data
    event = caller.events(event="processed")[0]
    assert event["sha256"] == hashlib.sha256(plain).hexdigest()
