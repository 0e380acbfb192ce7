"""Whatever arrives, the stand-in answers below 500, soon, and takes nothing in."""

from __future__ import annotations

import time
from base64 import b64encode

import msgspec
import pytest

from hostile.corpus import CORPUS, SHORT
from unit.sandbox.fatoora.egs import Unit
from yardstick import second

CALLS = (
    ("POST", "/compliance"),
    ("POST", "/compliance/invoices"),
    ("POST", "/production/csids"),
    ("PATCH", "/production/csids"),
    ("POST", "/invoices/reporting/single"),
    ("POST", "/invoices/clearance/single"),
)
HEAVY = (
    *("a million elements", "a million attributes", "a million namespaces", "many invoice lines"),
    *("two hundred deep", "an unclosed comment", "a name of a megabyte", "gzip bomb"),
)


@pytest.mark.parametrize("name", sorted(SHORT))
def test_no_body_breaks_a_call(unit: Unit, name: str) -> None:
    body = SHORT[name]()
    for method, path in CALLS:
        for by in (unit.compliance, unit.production):
            answer = unit.call(method, path, content=body[: 1 << 20], by=by, OTP="000000")
            assert 400 <= answer.status_code < 500, (method, path, answer.text)


@pytest.mark.parametrize("name", [*sorted(SHORT), *HEAVY])
def test_no_document_breaks_the_judge(unit: Unit, name: str) -> None:
    body = CORPUS[name]()[: 6 << 20]
    form = {"invoiceHash": "", "uuid": name, "invoice": b64encode(body).decode()}
    content, began = msgspec.json.encode(form), time.monotonic()
    answer = unit.call("POST", "/invoices/reporting/single", content=content, by=unit.production)
    assert (answer.status_code, answer.json()["reportingStatus"]) == (400, "NOT_REPORTED")
    assert time.monotonic() - began < 5 * second()
    assert unit.events("processed")[-1]["verdict"] == "refused"


@pytest.mark.parametrize("name", sorted(SHORT))
def test_no_request_for_a_certificate_breaks_the_counter(unit: Unit, name: str) -> None:
    newcomer = Unit(unit.url, "developer-portal")
    pem = (
        b"-----BEGIN CERTIFICATE REQUEST-----\n"
        + b64encode(SHORT[name]()[:60_000])
        + b"\n-----END CERTIFICATE REQUEST-----\n"
    )
    assert newcomer.ask(b64encode(pem).decode()).status_code == 400


def test_every_cut_of_a_good_document_is_refused(unit: Unit) -> None:
    paper = unit.next()
    document, _ = unit.stamper().stamp(paper)
    for end in range(0, len(document), 97):
        answer = unit.report(paper, invoice=b64encode(document[:end]).decode())
        assert answer.status_code == 400


def test_every_cut_of_a_good_request_is_refused(unit: Unit) -> None:
    """Cuts of what is certified: the last 48 characters are the closing line."""
    newcomer = Unit(unit.url, "developer-portal")
    csr = newcomer.wish.signed(newcomer.key)
    for end in range(1, len(csr) - 48, 53):
        assert newcomer.ask(csr[:end]).status_code == 400


def test_numbers_that_are_none_are_refused_and_not_stumbled_over(unit: Unit) -> None:
    for text in ("NaN", "Infinity", "1e999", "", "٣٤٥.٠٠", "9" * 200, "9" * 60, "-" * 50, "0x10"):
        paper = unit.next(
            changes=(
                ('TaxExclusiveAmount currencyID="SAR">300.00', f'TaxExclusiveAmount currencyID="SAR">{text}'),
            )
        )
        assert unit.report(paper).status_code == 400, text


def test_counters_that_are_none_do_not_spoil_the_chain(unit: Unit) -> None:
    for text in ("٣", "²", "-1", "1" * 400, "1.0"):
        unit.report(
            unit.next(changes=((f"<cbc:UUID>{unit.icv + 1}</cbc:UUID>", f"<cbc:UUID>{text}</cbc:UUID>"),))
        )
    assert unit.production is not None
    (chain,) = unit.admin("GET", "fatoora/chains", unit=unit.production.request_id)
    assert chain["last"] <= unit.icv
