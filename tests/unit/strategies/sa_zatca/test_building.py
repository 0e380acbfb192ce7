"""The document: canonical as it stands, chained, stamped, verified, and accepted by the authority's judge."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from lxml import etree
from msgspec.structs import replace

from tallystick.conformance import built, judge
from tallystick.conformance.trial import enrolment
from tallystick.formats import c14n, xml_in
from tallystick.keys import signers
from tallystick.strategy import Document, Enrolment, Slot
from unit.strategies.sa_zatca.certificates import certificate
from unit.strategies.sa_zatca.official import ABSENT, WHY_ABSENT, judged

FIXTURES = Path(__file__).parents[4] / "fixtures"
CASES = sorted(path.parent.name for path in (FIXTURES / "sa_zatca").glob("*/wire.xml"))
NAMES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}

zatca: Any = import_module("tallystick.strategies.sa_zatca")
writing: Any = import_module("tallystick.strategies.sa_zatca.writing")
building: Any = import_module("tallystick.strategies.sa_zatca.building")
verifying: Any = import_module("tallystick.strategies.sa_zatca.verifying")
qr: Any = import_module("tallystick.strategies.sa_zatca.qr")


def _judged(case: str, **terms: Any) -> Any:
    invoice = json.loads((FIXTURES / "sa_zatca" / case / "invoice.json").read_text(encoding="utf-8"))
    invoice |= terms
    body = json.dumps({name: value for name, value in invoice.items() if value is not None}).encode()
    found = judge(zatca.strategy, body, cases=FIXTURES)
    assert found.good, found.faults
    return found


def _document(case: str, **terms: Any) -> Document:
    return built(zatca.strategy, _judged(case, **terms))


def _built(found: Any, **changes: Any) -> Document:
    return zatca.strategy.build(found.invoice, replace(found.enrolment, **changes))  # type: ignore[no-any-return]


def _root(document: Document) -> Any:
    return etree.fromstring(document.body)


def _text(document: Document, path: str) -> str | None:
    return _root(document).findtext(path, None, NAMES)  # type: ignore[no-any-return]


@pytest.mark.parametrize("case", CASES)
def test_the_text_that_is_hashed_is_its_own_canonical_form(case: str) -> None:
    found = _judged(case)
    plain = writing.written(writing.prepared(found.invoice, found.enrolment))
    assert plain.startswith(writing.DECLARATION)
    assert c14n.canonical(xml_in.parse(plain, blanks=True)) == plain[len(writing.DECLARATION) :]


@pytest.mark.parametrize("case", CASES)
def test_no_element_is_empty_but_the_buyer_of_a_simplified_document(case: str) -> None:
    empty = [
        etree.QName(node).localname
        for node in _root(_document(case)).iter("*")
        if not len(node) and not (node.text or "").strip() and not node.attrib
    ]
    assert set(empty) <= {"AccountingCustomerParty"}


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@pytest.mark.parametrize("case", CASES)
def test_the_official_judge_accepts_the_document(case: str, tmp_path: Path) -> None:
    path = tmp_path / "document.xml"
    path.write_bytes((FIXTURES / "sa_zatca" / case / "wire.xml").read_bytes())
    errors, warnings = judged(path)
    assert errors == []
    assert set(warnings) <= {"BR-KSA-98"}  # a golden document is older than a day


def test_there_is_a_case_for_every_kind_flag_and_exemption() -> None:
    documents = [_root(_document(case)) for case in CASES]
    kinds = [one.find("cbc:InvoiceTypeCode", NAMES) for one in documents]
    assert {kind.text for kind in kinds} == {"388", "381", "383", "386"}
    codes = [kind.get("name") for kind in kinds]
    for at in range(2, 9):
        assert any(len(code) > at and code[at] == "1" for code in codes), at
    stated = {code.text for one in documents for code in one.iterfind(".//cbc:TaxExemptionReasonCode", NAMES)}
    exemptions: Any = import_module("tallystick.strategies.sa_zatca.exemptions")
    assert stated == set(exemptions.EXEMPTIONS)
    assert len(CASES) >= 45


def test_the_next_document_carries_the_hash_of_this_one() -> None:
    first = _document("simplified")
    assert _text(first, "cac:AdditionalDocumentReference[cbc:ID='ICV']/cbc:UUID") == "1"
    assert first.marks["pih"] == writing.FIRST_PIH
    found = _judged("standard")
    second = _built(found, slot=Slot(2, first.link))
    attachment = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject"
    assert _text(second, "cac:AdditionalDocumentReference[cbc:ID='ICV']/cbc:UUID") == "2"
    assert _text(second, f"cac:AdditionalDocumentReference[cbc:ID='PIH']/{attachment}") == first.link
    assert second.marks["pih"] == first.link
    assert len(second.link) == 44


def test_the_hash_knows_neither_signature_nor_signing_time() -> None:
    found = _judged("simplified")
    one = _built(found)
    other = _built(found, now=datetime(2024, 5, 15, tzinfo=UTC))
    assert one.body != other.body
    assert one.link == other.link
    assert _built(found) == one


def test_the_clock_gives_the_time_in_riyadh_where_the_invoice_has_none() -> None:
    found = _judged("simplified_without_a_time")
    document = _built(found, now=datetime(2024, 5, 13, 22, 30, 5, tzinfo=UTC))
    assert _text(document, "cbc:IssueTime") == "01:30:05"
    assert _text(document, "cbc:IssueDate") == "2024-05-14"


def test_the_uuid_is_the_enrolments_unless_the_document_had_one() -> None:
    found = _judged("standard")
    assert _built(found).marks["uuid"] == found.enrolment.reference
    old = _document("reissued_under_its_old_uuid")
    assert old.marks["uuid"] == _text(old, "cbc:UUID") == "7f2b4c90-1d3e-4b5a-8f67-90a1b2c3d4e5"


def test_of_several_identifiers_the_sellers_best_one_stands_in_the_document() -> None:
    found = _judged("standard")
    wanted = ("CRN", "MOM", "MLS", "SAG", "OTH", "700")
    assert wanted == writing.SELLER_SCHEMES
    seller = found.invoice.seller
    identifier = seller.identifiers[0]
    others = tuple(replace(identifier, scheme=scheme, value=scheme) for scheme in ("700", "XXX", "MLS"))
    document = _built(
        replace(found, invoice=replace(found.invoice, seller=replace(seller, identifiers=others)))
    )
    path = "cac:AccountingSupplierParty/cac:Party/cac:PartyIdentification/cbc:ID"
    assert [one.text for one in _root(document).iterfind(path, NAMES)] == ["MLS"]


def test_prepayments_become_lines_under_free_numbers() -> None:
    found = _judged("prepaid_at_several_rates")
    lines = (replace(found.invoice.lines[0], line_identifier="2"),)
    document = _built(replace(found, invoice=replace(found.invoice, lines=lines)))
    numbers = [one.text for one in _root(document).iterfind("cac:InvoiceLine/cbc:ID", NAMES)]
    assert numbers == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("now", "clock"),
    [
        ((2024, 5, 14, 20, 59, 58), "23:59:58"),
        ((2024, 5, 14, 21, 0, 1), "23:59:59"),
        ((2024, 5, 14, 7), "10:00:00"),
    ],
)
def test_without_a_time_the_moment_of_stamping_counts_unless_the_day_of_issue_is_over(
    now: tuple[int, ...], clock: str
) -> None:
    found = _judged("simplified", issue_date="2024-05-14", issue_time=None)
    moment = datetime(*now, tzinfo=UTC)  # type: ignore[misc, arg-type]
    assert _built(found, now=moment).marks["issue_time"] == clock
    due = zatca.strategy.deadline(found.invoice, replace(found.enrolment, now=moment))
    assert due == datetime.fromisoformat(f"2024-05-15T{clock}+03:00")


def test_what_was_paid_in_advance_is_deducted_without_being_said_twice() -> None:
    totals = _judged("prepaid_at_several_rates").invoice.document_totals
    assert totals.paid_amount == Decimal("2200.00")
    assert totals.total_amount_with_tax is not None
    assert totals.amount_due_for_payment == totals.total_amount_with_tax - Decimal("2200.00")
    assert _judged("standard").invoice.document_totals.paid_amount is None


@pytest.mark.parametrize("case", ["simplified", "standard", "prepaid_at_several_rates"])
def test_the_bytes_are_the_same_without_libsecp256k1(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signers, "_LIBSECP256K1", None)
    signers._verifying.cache_clear()
    assert _document(case).body == (FIXTURES / "sa_zatca" / case / "wire.xml").read_bytes()
    signers._verifying.cache_clear()


def test_a_registration_that_cannot_sign_builds_nothing() -> None:
    found = _judged("standard")
    other = certificate(enrolment(zatca.strategy).signer.public_der, "399999999900003")  # type: ignore[union-attr]
    settings = found.enrolment.settings
    _built(found, settings=replace(settings, certificate=other))
    stranger = import_module("tallystick.conformance.trial").trial_signer("another", "ES256K")
    for changes in (
        {"signer": None},
        {"settings": None},
        {"settings": replace(settings, certificate="")},
        {"signer": stranger},
    ):
        with pytest.raises(building.Unsignable):
            _built(found, **changes)


class _Careless:
    """A signer that signs something else."""

    algorithm = "ES256K"

    def __init__(self, signer: Any) -> None:
        self._signer, self.key_id, self.public_der = signer, signer.key_id, signer.public_der

    def sign(self, data: bytes) -> bytes:
        raw: bytes = self._signer.sign(data + b"!")
        return raw


def test_a_document_that_does_not_verify_is_never_handed_out() -> None:
    found = _judged("simplified")
    with pytest.raises(building.Unverified, match="signature"):
        _built(found, signer=_Careless(found.enrolment.signer))


def test_an_issuer_with_markup_in_its_name_is_written_right(tmp_path: Path) -> None:
    found = _judged("simplified")
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, 'Authority "A" & <B>, Inc.')])
    text = certificate(found.enrolment.signer.public_der, "399999999900003", issuer)
    document = _built(found, settings=replace(found.enrolment.settings, certificate=text))
    assert verifying.verify(document.body) == ()
    if not ABSENT:
        path = tmp_path / "document.xml"
        path.write_bytes(document.body)
        assert judged(path)[0] == []


def test_a_long_name_is_cut_between_two_characters() -> None:
    name = "ش" * 200
    assert qr.cut(name) == ("ش" * 127).encode()
    assert qr.cut("short") == b"short"
    found = _judged("simplified")
    invoice = replace(found.invoice, seller=replace(found.invoice.seller, name=name))
    document = _built(replace(found, invoice=invoice))
    assert len(document.marks["qr"]) <= 1000
    assert qr.tags_of(document.marks["qr"])[1] == ("ش" * 127).encode()


@pytest.mark.parametrize(
    ("terms", "block", "code"),
    [
        ({}, {}, "0100000"),
        ({"transaction_type": "b2c"}, {}, "0200000"),
        ({"transaction_type": "b2g"}, {}, "010000001"),
        ({}, {"third_party": True}, "0110000"),
        ({}, {"nominal": True}, "0101000"),
        ({}, {"export": True}, "0100100"),
        ({}, {"summary": True}, "0100010"),
        ({}, {"self_billed": True}, "0100001"),
        ({}, {"continuous_supply": True}, "01000001"),
        ({"transaction_type": "b2g"}, {"continuous_supply": True}, "010000011"),
    ],
)
def test_the_transaction_code_has_seven_characters_unless_it_needs_more(
    terms: dict[str, Any], block: dict[str, Any], code: str
) -> None:
    nature: Any = import_module("tallystick.strategies.sa_zatca.nature")
    blocks: Any = import_module("tallystick.strategies.sa_zatca.blocks")
    invoice = replace(_judged("standard").invoice, **terms, regime_data={"sa": blocks.Sa(**block)})
    assert nature.transaction_code(invoice) == code


def test_a_supply_abroad_on_which_nothing_is_taxed_is_an_export_unless_it_is_said_not_to_be() -> None:
    assert _text(_document("export"), "cbc:InvoiceTypeCode") == "388"
    assert b'name="0100100"' in _document("export").body
    assert b'name="0100000"' in _document("export_stated").body


def test_a_deadline_is_a_day_after_issue_for_what_is_reported() -> None:
    strategy, found = zatca.strategy, _judged("simplified")
    assert strategy.deadline(found.invoice, found.enrolment) == datetime(2024, 5, 15, 7, 24, 37, tzinfo=UTC)
    assert strategy.at_once(found.invoice, found.enrolment)
    found = _judged("standard")
    assert strategy.deadline(found.invoice, found.enrolment) is None
    assert not strategy.at_once(found.invoice, found.enrolment)


def test_a_unit_issues_what_its_title_says() -> None:
    strategy, standard, simplified = zatca.strategy, _judged("standard"), _judged("simplified")
    given: Enrolment = standard.enrolment
    for title, fits in {"1100": [True, True], "1000": [True, False], "0100": [False, True]}.items():
        enrolled = replace(given, settings=replace(given.settings, title=title))
        assert [strategy.fits(one.invoice, enrolled) for one in (standard, simplified)] == fits


def test_who_bills_himself_issues() -> None:
    assert zatca.strategy.issuer(_judged("self_billed").invoice) == "399999999900003"
    assert zatca.strategy.issuer(_judged("standard").invoice) is None
