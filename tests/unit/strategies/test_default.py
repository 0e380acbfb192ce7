"""Post-audit: what is kept is canonical, signed, and nobody is asked."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
import rfc8785
from msgspec.structs import replace

from tallystick.canonical import Invoice
from tallystick.conformance import built, judge
from tallystick.formats import jws
from tallystick.strategies import load
from tallystick.strategy import Document, Enrolment, Strategy, Verdict


@pytest.fixture
def default() -> Strategy:
    return load().by_name("default")


@pytest.fixture
def kept(default: Strategy, root: Path) -> tuple[Invoice, Enrolment, Document]:
    judged = judge(default, (root / "fixtures/default/standard/invoice.json").read_bytes())
    assert judged.invoice is not None
    assert judged.enrolment is not None
    return judged.invoice, judged.enrolment, built(default, judged)


@pytest.mark.parametrize("case", ["standard", "credit_note", "consumer", "foreign_currency", "untaxed"])
def test_the_document_is_rfc_8785_bytes(default: Strategy, root: Path, case: str) -> None:
    body = built(
        default, judge(default, (root / "fixtures/default" / case / "invoice.json").read_bytes())
    ).body

    assert body == rfc8785.dumps(json.loads(body))


def test_anybody_can_verify_the_signature(kept: tuple[Invoice, Enrolment, Document]) -> None:
    _, enrolment, document = kept
    signer = enrolment.signer
    assert signer is not None
    keys = {signer.key_id: jws.Key("EdDSA", signer.public_der)}
    token = document.artifacts[0].body.decode()

    assert document.artifacts[0].name == "invoice.jws"
    assert jws.verify_detached(token, document.body, keys, typ="invoice+jws").payload == document.body
    assert document.marks["signed_by"] == signer.key_id
    with pytest.raises(jws.Refused):
        jws.verify_detached(token, document.body.replace(b"24", b"25", 1), keys)


def test_the_callers_own_notes_stay_home(kept: tuple[Invoice, Enrolment, Document]) -> None:
    invoice, _, document = kept

    assert invoice.metadata
    assert "metadata" not in json.loads(document.body)


def test_without_a_signer_nothing_is_kept(
    default: Strategy, kept: tuple[Invoice, Enrolment, Document]
) -> None:
    invoice, enrolment, _ = kept

    with pytest.raises(ValueError, match="no signer"):
        default.build(invoice, replace(enrolment, signer=None))


@pytest.mark.parametrize("verb", ["submit", "inquire"])
def test_nobody_is_asked(default: Strategy, kept: tuple[Invoice, Enrolment, Document], verb: str) -> None:
    _, enrolment, document = kept

    with pytest.raises(StopIteration) as end:
        next(getattr(default, verb)(document, enrolment))

    assert end.value.value.verdict is Verdict.NOT_REQUIRED


@pytest.mark.parametrize(("day", "broken"), [("2026-06-01", set()), ("2026-06-02", {"PA-06"})])
def test_today_is_wherever_today_is_first(
    default: Strategy, kept: tuple[Invoice, Enrolment, Document], day: str, broken: set[str]
) -> None:
    """The clock of the fixtures says 09:59:59 UTC on 31 May; from 10:00 on it would be 1 June somewhere."""
    invoice, enrolment, _ = kept
    dated = replace(invoice, issue_date=date.fromisoformat(day))
    a_second_later = replace(enrolment, now=enrolment.now + timedelta(seconds=1))

    found = {fault.rule.id for fault in default.check(dated, a_second_later) if fault.rule}

    assert found == broken
