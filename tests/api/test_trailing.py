"""A line feed at the end of a text is a character like any other: no pattern looks past it."""

from typing import Any

import pytest

from api.conftest import PEPPOL_SELLER, Actor, default_invoice, registered


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("/v1/sellers", {**PEPPOL_SELLER, "country_code": "DE\n"}, "/country_code"),
        ("/v1/sellers", {**PEPPOL_SELLER, "tax_region": "EU\n"}, "/tax_region"),
        ("/v1/webhook-endpoints", {"url": "https://hooks.example.com/a\n"}, "/url"),
        ("/v1/webhook-endpoints", {"url": "https://hooks.example.com/a", "events": ["*\n"]}, "/events/0"),
    ],
)
async def test_a_text_that_ends_in_a_line_feed_fits_no_pattern(
    alice: Actor, path: str, body: Any, pointer: str
) -> None:
    answer = await alice.post(path, json=body)

    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("name", ["endpoint", "strategy", "settings", "secrets"])
async def test_a_registrations_texts_that_end_in_a_line_feed_are_refused(alice: Actor, name: str) -> None:
    whole = await registered(alice)
    bad: dict[str, Any] = {
        "endpoint": "https://ap.example.com/\n",
        "strategy": "peppol\n",
        "settings": {"adapter": "phoss-ap", "participant": "0088:7300010000001\n"},
        "secrets": {"token\n": "x"},
    }
    body = {"seller_id": whole["seller_id"], "strategy": "peppol", "unit": "2", name: bad[name]}

    answer = await alice.post("/v1/registrations", json=body)

    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    ("name", "value"), [("issue_date", "2026-03-02\n"), ("currency_code", "KES\n"), ("paid_amount", "1\n")]
)
async def test_an_invoices_texts_that_end_in_a_line_feed_are_refused(
    alice: Actor, name: str, value: str
) -> None:
    body = default_invoice(**{name: value})
    if name == "paid_amount":
        body = default_invoice(document_totals={name: value})

    assert (await alice.post("/v1/invoices", json=body)).status_code == 422
