"""Documents before the stand-in: the good ones are taken, every tampering is refused."""

from __future__ import annotations

from base64 import b64decode

from unit.sandbox.fatoora.egs import Unit


def test_a_simplified_invoice_is_reported(unit: Unit) -> None:
    answer = unit.report()
    assert (answer.status_code, answer.json()["reportingStatus"]) == (200, "REPORTED"), answer.text


def test_a_standard_invoice_is_cleared_under_the_authority_s_stamp_with_its_hash_unchanged(
    unit: Unit,
) -> None:
    answer = unit.clear()
    assert (answer.status_code, answer.json()["clearanceStatus"]) == (200, "CLEARED"), answer.text
    assert b64decode(answer.json()["clearedInvoice"]).startswith(b"<?xml")
