"""The tax data document: valid for the publisher, of the invoice that is sent, without its attachments."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tallystick.canonical import complete, decode
from tallystick.conformance import enrolment
from tallystick.conformance.cases import Case, cases_of
from tallystick.strategies import load
from tallystick.strategy import Document
from unit.formats.official import ABSENT, WHY_ABSENT, fatal

FIXTURES = Path(__file__).parents[4] / "fixtures"
CASES = cases_of(FIXTURES, "ae_pint")


def _document(case: Case, **settings: Any) -> Document:
    strategy: Any = load().by_name("ae_pint")
    decoded = decode(case.invoice, {strategy.regime: strategy.blocks})
    assert decoded.invoice is not None
    invoice = complete(decoded.invoice).invoice
    given = enrolment(strategy, invoice=invoice, cases=FIXTURES)
    if settings:
        given = replace(given, settings=strategy.settings_type(**settings))
    built: Document = strategy.build(invoice, given)
    return built


def _case(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_publisher_accepts_the_report_of_every_case(case: Case, tmp_path: Path) -> None:
    (artifact,) = _document(case).artifacts
    target = tmp_path / artifact.name
    target.write_bytes(artifact.body)

    assert fatal("peppol-tdd-ae", target) == []


def test_attachments_stay_out_of_the_report() -> None:
    document = _document(_case("references"))

    assert b"EmbeddedDocumentBinaryObject" in document.body
    assert b"EmbeddedDocumentBinaryObject" not in document.artifacts[0].body


def test_the_report_says_who_bills_and_where_it_goes() -> None:
    own = _document(_case("standard")).artifacts[0].body
    self_billed = _document(_case("self_billed")).artifacts[0].body
    abroad = _document(_case("buyer_abroad")).artifacts[0].body
    export = _document(_case("export")).artifacts[0].body

    assert b'<cbc:EndpointID schemeID="0235">1001234567</cbc:EndpointID>' in own
    assert b'<cbc:EndpointID schemeID="0235">1007654321</cbc:EndpointID>' in self_billed
    assert b"<pxs:DocumentScope>D<" in own
    assert b"<pxs:DocumentScope>IP<" in abroad
    assert b"<pxs:DocumentScope>INP<" in export


def test_without_both_providers_there_is_no_report() -> None:
    assert _document(_case("standard"), representative="000001").artifacts == ()
    assert _document(_case("standard"), adapter="phase4").artifacts == ()
