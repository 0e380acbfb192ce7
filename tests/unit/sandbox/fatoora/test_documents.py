"""Documents before the stand-in: the good ones are taken, every tampering is refused."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from unit.sandbox.fatoora.egs import OTHER_VAT, Paper, Unit, Wish, codes, new_key, now
from unit.sandbox.fatoora.papers import CAC, CBC, DS, hashed

NS = {"cac": CAC, "cbc": CBC, "ds": DS}


def test_a_simplified_invoice_is_reported(unit: Unit) -> None:
    answer = unit.report()
    assert (answer.status_code, answer.json()["reportingStatus"]) == (200, "REPORTED"), answer.text


@pytest.mark.parametrize("code", ["388", "381", "383", "386"])
@pytest.mark.parametrize("flow", ["01", "02"])
def test_every_kind_of_document_is_taken_without_a_warning(unit: Unit, flow: str, code: str) -> None:
    paper = unit.next(flow, code=code)
    answer = unit.report(paper) if flow == "02" else unit.clear(paper)
    assert answer.status_code == 200, answer.text
    assert answer.json()["validationResults"]["status"] == "PASS"


def test_a_cleared_document_has_our_hash_under_the_authority_s_own_stamp_and_code(unit: Unit) -> None:
    paper = unit.next("01")
    answer = unit.clear(paper)
    assert (answer.status_code, answer.json()["clearanceStatus"]) == (200, "CLEARED"), answer.text
    root = etree.fromstring(b64decode(answer.json()["clearedInvoice"]))
    certificate = x509.load_der_x509_certificate(b64decode(root.findtext(f".//{{{DS}}}X509Certificate")))
    assert certificate.subject.rfc4514_string() == "CN=Sandbox clearance platform,C=SA"
    code = b64decode(
        root.findtext(
            "cac:AdditionalDocumentReference[cbc:ID='QR']//cbc:EmbeddedDocumentBinaryObject", None, NS
        )
    )
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) in code
    for child in [
        *root.findall("cac:Signature", NS),
        root[0],
        root.find("cac:AdditionalDocumentReference[cbc:ID='QR']", NS),
    ]:
        root.remove(child)
    digest = hashlib.sha256(etree.tostring(root, method="c14n")).digest()
    assert b64encode(digest) == b64encode(
        hashlib.sha256(etree.tostring(etree.fromstring(paper.bare()), method="c14n")).digest()
    )
    original = etree.fromstring(b64decode(answer.json()["clearedInvoice"]))
    value = b64decode(original.findtext(f".//{{{DS}}}SignatureValue"))
    key.verify(value, digest, ec.ECDSA(hashes.SHA256()))


def test_a_standard_document_needs_no_stamp_for_clearance(unit: Unit) -> None:
    answer = unit.clear(stamper=unit.stamper(stamped=False, coded=False))
    assert answer.status_code == 200, answer.text


def test_a_simplified_document_without_a_stamp_is_refused(unit: Unit) -> None:
    answer = unit.report(stamper=unit.stamper(stamped=False))
    assert answer.status_code == 400
    assert "invalid-digital-signature" in codes(answer)


def test_a_simplified_document_without_a_qr_code_is_refused(unit: Unit) -> None:
    answer = unit.report(stamper=unit.stamper(coded=False))
    assert answer.status_code == 400
    assert "QRCODE_INVALID" in codes(answer)


def test_a_hash_of_another_document_is_refused(unit: Unit) -> None:
    answer = unit.report(invoiceHash=b64encode(bytes(32)).decode())
    assert (answer.status_code, answer.json()["reportingStatus"]) == (400, "NOT_REPORTED")
    assert codes(answer) == ["invalid-invoice-hash"]


def test_a_uuid_of_another_document_is_refused(unit: Unit) -> None:
    answer = unit.report(uuid="00000000-0000-4000-8000-000000000000")
    assert codes(answer) == ["invalid-uuid"]


def test_a_document_that_was_changed_after_it_was_stamped_is_refused(unit: Unit) -> None:
    paper = unit.next()
    document, digest = unit.stamper().stamp(paper)
    changed = b64encode(document.replace(b"345.00", b"345.01")).decode()
    answer = unit.report(paper, invoice=changed, invoiceHash=digest)
    assert answer.status_code == 400
    assert {"invalid-invoice-hash", "invalid-digital-signature"} <= set(codes(answer))


def test_one_blank_more_is_another_document(unit: Unit) -> None:
    paper = unit.next()
    document, _ = unit.stamper().stamp(paper)
    changed = b64encode(document.replace(b"</cbc:ProfileID>", b"</cbc:ProfileID> ", 1)).decode()
    assert "invalid-invoice-hash" in codes(unit.report(paper, invoice=changed))


TAMPERINGS = {
    "digest": ("invalid-invoice-hash", (("<ds:DigestValue>", "<ds:DigestValue>A"),)),
    "signing time": ("signed-properties-hashing", (("2026-01-02T03:04:05", "2026-01-02T03:04:06"),)),
    "serial number": ("invalid-certificate", (("<ds:X509SerialNumber>", "<ds:X509SerialNumber>1"),)),
    "issuer": ("certificate-issuer-name", (("PRZEINVOICESCA4-CA", "PRZEINVOICESCA5-CA"),)),
    "signature": ("invalid-digital-signature", (("<ds:SignatureValue>M", "<ds:SignatureValue>N"),)),
    "algorithm": ("invalid-digital-signature", (("xmldsig-more#ecdsa-sha256", "xmldsig-more#rsa-sha256"),)),
    "certificate": ("invalid-certificate", (("<ds:X509Certificate>MI", "<ds:X509Certificate>AA"),)),
    "two references": ("signed-properties-hashing", (('Id="invoiceSignedData"', 'Id="signedData"'),)),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(TAMPERINGS))
def test_a_stamp_that_was_tampered_with_is_refused(unit: Unit, what: str) -> None:
    code, changes = TAMPERINGS[what]
    paper = unit.next()
    stamper = unit.stamper()
    document, _ = stamper.stamp(paper)
    text = document.decode()
    assert any(old in text for old, _ in changes)
    for old, new in changes:
        text = text.replace(old, new)
    answer = unit.report(paper, invoice=b64encode(text.encode()).decode())
    assert answer.status_code == 400
    assert code in codes(answer), answer.text


def test_a_wrong_digest_of_the_certificate_is_refused(unit: Unit) -> None:
    paper = unit.next()
    document, _ = unit.stamper().stamp(paper)
    root = etree.fromstring(document)
    digest = root.find(
        ".//{http://uri.etsi.org/01903/v1.3.2#}CertDigest/{http://www.w3.org/2000/09/xmldsig#}DigestValue"
    )
    digest.text = b64encode(hashlib.sha256(b"").hexdigest().encode()).decode()
    answer = unit.report(paper, invoice=b64encode(etree.tostring(root)).decode())
    assert {"certificate-hashing", "signed-properties-hashing"} <= set(codes(answer))


@pytest.mark.parametrize("tag", range(1, 10))
def test_every_tag_of_the_qr_code_is_compared(unit: Unit, tag: int) -> None:
    answer = unit.report(stamper=unit.stamper(qr_changes={tag: b"something else"}))
    assert answer.status_code == 400
    assert [code for code in codes(answer) if code.endswith("QRCODE_INVALID")], answer.text


@pytest.mark.parametrize("tag", range(1, 10))
def test_no_tag_of_the_qr_code_may_be_missing(unit: Unit, tag: int) -> None:
    answer = unit.report(stamper=unit.stamper(qr_changes={tag: None}))
    assert "QRCODE_INVALID" in codes(answer)


def test_a_tag_that_does_not_belong_there_is_refused(unit: Unit) -> None:
    assert "QRCODE_INVALID" in codes(unit.report(stamper=unit.stamper(qr_changes={10: b"x"})))


def test_the_certificate_must_be_the_one_the_document_is_submitted_under(unit: Unit) -> None:
    other = Unit(unit.url).enrol()
    answer = unit.report(stamper=other.stamper())
    assert codes(answer) == ["invalid-signing-certificate"]


def test_the_compliance_certificate_on_a_live_document_is_warned_about(unit: Unit) -> None:
    answer = unit.report(stamper=unit.stamper(unit.compliance))
    assert answer.status_code == 202, answer.text
    assert codes(answer, "warningMessages") == ["invalid-signing-certificate"]


def test_a_key_that_is_not_the_certificate_s_is_refused(unit: Unit) -> None:
    assert codes(unit.report(stamper=unit.stamper(key=new_key()))) == ["invalid-digital-signature"]


def test_only_the_owner_of_the_certificate_may_sell(unit: Unit) -> None:
    answer = unit.report(unit.next(seller=OTHER_VAT))
    assert codes(answer) == ["certificate-permissions"]


def test_a_buyer_who_bills_himself_must_own_the_certificate(unit: Unit) -> None:
    billed = unit.next("01", flags="00001")
    assert "WRONG_BUYER_VAT_NUMBER" in codes(unit.clear(billed))
    own = unit.next("01", flags="00001", seller=OTHER_VAT, changes=(("311111111101113", unit.wish.vat),))
    assert unit.clear(own).status_code == 200


def test_a_title_covers_only_its_own_flow(unit: Unit) -> None:
    till = Unit(unit.url, wish=Wish(title="0100")).enrol()
    assert till.report().status_code == 200
    assert codes(till.clear()) == ["certificate-permissions"]


def test_a_simplified_document_is_not_cleared(unit: Unit) -> None:
    assert "invalid-invoice-type" in codes(unit.clear(unit.next("02")))


def test_a_predecessor_s_hash_must_look_like_one(unit: Unit) -> None:
    assert "KSA-13" in codes(unit.report(Paper(pih="bm90aGluZw==")))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("<cbc:ProfileID>reporting:1.0", "<cbc:ProfileID>reporting:2.0"), "BR-KSA-EN16931-01"),
        (("<cbc:TaxCurrencyCode>SAR</cbc:TaxCurrencyCode>", ""), "BR-KSA-68"),
        (('name="0200000"', 'name="0300000"'), "BR-KSA-06"),
        ((">388<", ">380<"), "BR-KSA-05"),
        (("<cbc:UUID>1</cbc:UUID>", "<cbc:UUID>one</cbc:UUID>"), "BR-KSA-34"),
        (("<cbc:Percent>15.00", "<cbc:Percent>14.00"), "BR-KSA-84"),
        (
            ('TaxInclusiveAmount currencyID="SAR">345.00', 'TaxInclusiveAmount currencyID="SAR">345.01'),
            "BR-CO-15",
        ),
        (("311111111101113", "399999999900003"), "BR-CUSTOM-VALIDATION-01"),
        (("311111111101113", "31111"), "BR-KSA-44"),
        (('PriceAmount currencyID="SAR"', 'PriceAmount currencyID="USD"'), "BR-KSA-CL-02"),
        (("<cbc:ID>1</cbc:ID><cbc:Inv", "<cbc:ID>1234567</cbc:ID><cbc:Inv"), "BR-KSA-F-06-C17"),
    ],
)
def test_a_broken_rule_refuses_a_document(unit: Unit, change: tuple[str, str], code: str) -> None:
    answer = unit.report(Paper(changes=(change,)))
    assert answer.status_code == 400
    assert code in codes(answer), answer.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("<cbc:PostalZone>23333", "<cbc:PostalZone>233"), "BR-KSA-66"),
        (('schemeID="CRN"', 'schemeID="XYZ"'), "BR-KSA-08"),
        (('PayableAmount currencyID="SAR">345.00', 'PayableAmount currencyID="SAR">344.99'), "BR-CO-16"),
        (('RoundingAmount currencyID="SAR">345.00', 'RoundingAmount currencyID="SAR">345.05'), "BR-KSA-51"),
        (("<cbc:PaymentMeansCode>10", "<cbc:PaymentMeansCode>69"), "BR-KSA-16"),
    ],
)
def test_a_rule_that_only_warns_lets_a_document_through_with_202(
    unit: Unit, change: tuple[str, str], code: str
) -> None:
    answer = unit.report(Paper(changes=(change,)))
    assert (answer.status_code, answer.json()["reportingStatus"]) == (202, "REPORTED"), answer.text
    assert code in codes(answer, "warningMessages")


def test_elements_out_of_order_do_not_pass_the_schema(unit: Unit) -> None:
    paper = Paper(
        changes=(
            ("<cbc:ProfileID>reporting:1.0</cbc:ProfileID>", ""),
            (
                "<cbc:DocumentCurrencyCode>",
                "<cbc:ProfileID>reporting:1.0</cbc:ProfileID><cbc:DocumentCurrencyCode>",
            ),
        )
    )
    stamper = unit.stamper()
    answer = unit.report(paper, stamper=stamper)
    assert codes(answer) == ["XSD_ZATCA_INVALID"]
    assert answer.json()["validationResults"]["infoMessages"] == []


def test_tomorrow_s_invoice_is_refused_and_the_day_before_yesterday_s_is_late(unit: Unit) -> None:
    assert codes(unit.report(Paper(issued=now(days=1)))) == ["BR-KSA-04"]
    late = unit.report(Paper(issued=now(days=-2)))
    assert late.status_code == 202
    assert codes(late, "warningMessages") == ["BR-KSA-98"]


def test_a_mild_authority_lets_what_it_is_known_to_let_through(unit: Unit) -> None:
    unit.admin("POST", "fatoora/habits", {"strict": False})
    try:
        clock = unit.report(stamper=unit.stamper(qr_changes={3: b"2020-01-01T00:00:00"}))
        assert (clock.status_code, codes(clock, "warningMessages")) == (
            202,
            ["invoiceTimeStamp_QRCODE_INVALID"],
        )
        signed = unit.report(stamper=unit.stamper(key=new_key()))
        assert (signed.status_code, codes(signed, "warningMessages")) == (202, ["invalid-digital-signature"])
    finally:
        unit.admin("POST", "fatoora/habits", {"strict": True})


def test_a_second_signature_hidden_in_the_document_is_refused(unit: Unit) -> None:
    stamper = unit.stamper()
    paper = unit.next()
    document, _ = stamper.stamp(paper)
    text = document.decode()
    extension = text[text.index("<ext:UBLExtension>") : text.index("</ext:UBLExtensions>")]
    doubled = text.replace("</ext:UBLExtensions>", f"{extension}</ext:UBLExtensions>")
    assert codes(unit.report(paper, invoice=b64encode(doubled.encode()).decode())) == ["invalid-certificate"]


def test_indented_documents_are_hashed_with_their_blanks(unit: Unit) -> None:
    """Blanks between elements belong to the hash, around what is taken out of it too."""
    paper = unit.next()
    spaced = replace(
        paper,
        changes=(
            ("<cbc:ProfileID>", "\n  <cbc:ProfileID>"),
            ("<cac:AccountingSupplierParty>", "\n  <cac:AccountingSupplierParty>"),
        ),
    )
    assert unit.report(spaced).status_code == 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Harbour Supply", "Harbour &amp; Sons &#13;&#10; &lt;Supply&gt; \U0001f6d2"),
        ("Harbour Supply", "<![CDATA[Harbour & Supply]]>"),
        ("<cac:Delivery>", "<!-- a remark --><cac:Delivery>"),
        ("<cac:Delivery>", "\n\t<cac:Delivery>"),
        ('unitCode="PCE"', "unitCode = 'PCE' "),
        ("<cbc:ProfileID>", "<?note here?><cbc:ProfileID>"),
        (' xmlns:ext="', ' xmlns:unused="urn:x" xmlns:ext="'),
    ],
)
def test_a_document_may_be_written_in_many_ways_and_is_cleared_with_its_hash(
    unit: Unit, old: str, new: str
) -> None:
    paper = unit.next("01", changes=((old, new),))
    answer = unit.clear(paper)
    assert answer.status_code == 200, answer.text
    body = etree.fromstring(b64decode(answer.json()["clearedInvoice"]))
    again = unit.call("POST", "/invoices/clearance/single", _form(body, paper), by=unit.production)
    assert "invalid-invoice-hash" not in again.text


def _form(body: etree._Element, paper: Paper) -> dict[str, str]:
    """A cleared document handed in again: its hash must still be the one of the first."""
    digest = b64encode(hashed(paper.bare())).decode()
    return {"invoiceHash": digest, "uuid": paper.id, "invoice": b64encode(etree.tostring(body)).decode()}


def test_an_instruction_before_the_document_does_no_harm(unit: Unit) -> None:
    paper = unit.next("01")
    document, _ = unit.stamper().stamp(paper)
    changed = document.replace(b"?>\n<Invoice", b'?>\n<?xml-stylesheet href="a.xsl"?><Invoice', 1)
    assert changed != document
    answer = unit.clear(paper, invoice=b64encode(changed).decode())
    assert answer.status_code in (200, 400), answer.text
