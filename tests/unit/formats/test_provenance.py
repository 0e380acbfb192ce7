"""Every place of a document leads to the member it is from, however a validator spells the place."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tallystick.formats import cii, ubl
from tallystick.formats.ubl import Provenance

ROOT = Path(__file__).parents[3]
CASES = sorted(one for one in ROOT.glob("fixtures/*/*/wire.xml") if one.parent.name != "thousand_lines")
STANDARD = ROOT / "fixtures/peppol/standard/wire.xml"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
EXAMPLES = ROOT / "../shared/official/examples/xrechnung-cii"


@pytest.fixture(scope="module")
def standard() -> Provenance:
    return ubl.provenance(STANDARD.read_bytes())


def leaves(node: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from leaves(value, f"{pointer}/{name}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, f"{pointer}/{index}")
    else:
        yield pointer


def path_of(element: Any) -> str:
    """The way to an element, as XPath 3.1's own function spells it."""
    steps = []
    while element is not None:
        name = etree.QName(element)
        before = len(list(element.itersiblings(element.tag, preceding=True)))
        steps.append(f"Q{{{name.namespace}}}{name.localname}[{before + 1}]")
        element = element.getparent()
    return "/" + "/".join(reversed(steps))


def is_there(document: Any, pointer: str) -> bool:
    for token in pointer.split("/")[1:]:
        there = document[int(token)] if isinstance(document, list) else document.get(token)
        if there is None:
            return False
        document = there
    return True


def traced(body: bytes) -> tuple[Provenance, Any]:
    module = ubl if ubl.recognises(body) else cii
    return module.provenance(body), json.loads(module.read(body).invoice)


@pytest.mark.parametrize("path", CASES, ids=lambda path: "-".join(path.parts[-3:-1]))
def test_every_element_leads_to_a_member_and_every_member_to_its_element(path: Path) -> None:
    body = path.read_bytes()
    provenance, invoice = traced(body)

    pointers = {provenance.pointer(path_of(one)) for one in etree.fromstring(body).iter("*")}
    astray = [one for one in leaves(invoice) if provenance.pointer(provenance.location(one)) != one]

    assert [one for one in pointers if one is None or not is_there(invoice, one)] == []
    assert [
        one for one in astray if not one.endswith(("/bank_assigned_creditor_identifier", "subject_code"))
    ] == []


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the official examples are not beside the repository")
def test_every_place_of_a_cross_industry_invoice_leads_to_its_member_and_back() -> None:
    for path in sorted(EXAMPLES.rglob("*.xml")):
        body = path.read_bytes()
        provenance, invoice = traced(body)
        for element in etree.fromstring(body).iter("*"):
            pointer = provenance.pointer(path_of(element))
            assert pointer is not None and is_there(invoice, pointer), path_of(element)
        for leaf in leaves(invoice):
            assert provenance.pointer(provenance.location(leaf)) == leaf, path.name


@pytest.mark.parametrize(
    "location",
    [
        "/Invoice/cac:InvoiceLine[3]/cbc:LineExtensionAmount",
        "/ubl:Invoice/cac:InvoiceLine[3]/cbc:LineExtensionAmount[1]/text()",
        "/:Invoice[1]/cac:InvoiceLine[3]/cbc:LineExtensionAmount[1]",
        (
            f"/*:Invoice[namespace-uri()='{UBL}Invoice-2'][1]"
            f"/*:InvoiceLine[namespace-uri()='{UBL}CommonAggregateComponents-2'][3]/*:LineExtensionAmount"
        ),
        (
            f"/*[local-name()='Invoice' and namespace-uri()='{UBL}Invoice-2']"
            f'/*[local-name()="InvoiceLine"][3]/*[local-name() = "LineExtensionAmount"][1]'
        ),
        (
            f"/Q{{{UBL}Invoice-2}}Invoice[1]/Q{{{UBL}CommonAggregateComponents-2}}InvoiceLine[3]"
            f"/Q{{{UBL}CommonBasicComponents-2}}LineExtensionAmount[1]"
        ),
        (
            f"/{{{UBL}Invoice-2}}Invoice/{{{UBL}CommonAggregateComponents-2}}InvoiceLine[position()=3]"
            f"/{{{UBL}CommonBasicComponents-2}}LineExtensionAmount"
        ),
        "//cac:InvoiceLine[3]/cbc:LineExtensionAmount",
        "/sh:StandardBusinessDocument/Invoice[1]/cac:InvoiceLine[3]/cbc:LineExtensionAmount",
        "Invoice/cac:InvoiceLine[3]/cbc:LineExtensionAmount",
    ],
)
def test_however_a_place_is_spelled_it_leads_to_the_same_member(standard: Provenance, location: str) -> None:
    assert standard.pointer(location) == "/lines/2/net_amount"


@pytest.mark.parametrize(
    ("location", "pointer"),
    [
        ("/Invoice", ""),
        ("/Invoice/cac:LegalMonetaryTotal", "/document_totals"),
        (
            "/Invoice/cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent",
            "/tax_breakdown/0/tax_category_rate",
        ),
        ("/Invoice/cac:InvoiceLine[2]/cbc:InvoicedQuantity/@unitCode", "/lines/1/unit_of_measure_code"),
        ("/Invoice/cac:InvoiceLine[2]/cbc:LineExtensionAmount/@currencyID", "/currency_code"),
        (
            "/Invoice/cac:AccountingSupplierParty/cac:Party/cbc:EndpointID/@schemeID",
            "/seller/electronic_address/scheme",
        ),
        ("/Invoice/cac:AccountingCustomerParty/cac:Party/cac:PartyIdentification/cbc:ID", "/buyer"),
        ("/Invoice/cac:InvoiceLine[99]/cbc:ID", ""),
        ("/Invoice/cac:InvoiceLine/cbc:LineExtensionAmount", "/lines"),
        ("/Invoice/cac:InvoiceLine[cbc:ID='3']/cac:Price", "/lines"),
        ("/Invoice/cbc:ID[", "/invoice_number"),
    ],
)
def test_what_is_missing_or_ambiguous_leads_to_the_nearest_place(
    standard: Provenance, location: str, pointer: str
) -> None:
    assert standard.pointer(location) == pointer


@pytest.mark.parametrize("location", ["", "/", "NA", "/Order/cbc:ID", "//cbc:Nothing", "/Invoice" * 999, "°"])
def test_what_does_not_lead_into_the_document_leads_nowhere(standard: Provenance, location: str) -> None:
    assert standard.pointer(location) is None


@given(st.text(alphabet="/[]{}()*:@'\"=. IanvoicecbID0123QUuri-", max_size=60))
def test_no_location_is_too_odd_to_be_answered(text: str) -> None:
    provenance, invoice = traced(STANDARD.read_bytes())

    pointer = provenance.pointer(f"/Invoice{text}")

    assert pointer is None or is_there(invoice, pointer)


def test_the_mandate_leads_to_the_means_of_payment_it_belongs_to() -> None:
    body = (ROOT / "fixtures/ae_pint/direct_debit/wire.xml").read_bytes()
    provenance = ubl.provenance(body)

    assert provenance.pointer("/Invoice/cac:PaymentMeans/cac:PaymentMandate/cbc:ID") == (
        "/payment_instructions/0/direct_debit/mandate_reference_identifier"
    )


@pytest.mark.parametrize(
    "location", ["//*" * 7, "/Invoice//*//*", "//cbc:ID" * 5, "//*//*[namespace-uri()='x']"]
)
def test_a_hostile_location_takes_no_time_in_a_long_document(location: str) -> None:
    body = STANDARD.read_bytes()
    line = body[
        body.index(b"<cac:InvoiceLine>") : body.index(b"</cac:InvoiceLine>") + len(b"</cac:InvoiceLine>")
    ]
    long = ubl.provenance(body.replace(line, line * 3_000, 1))

    began = time.perf_counter()
    pointer = long.pointer(location)

    assert pointer == ""
    assert time.perf_counter() - began < 0.3


def test_a_place_at_the_end_of_a_long_document_is_found() -> None:
    body = STANDARD.read_bytes()
    line = body[
        body.index(b"<cac:InvoiceLine>") : body.index(b"</cac:InvoiceLine>") + len(b"</cac:InvoiceLine>")
    ]
    long = ubl.provenance(body.replace(line, line * 3_000, 1))

    assert long.pointer("/*:Invoice/*:InvoiceLine[2999]/*:Item[1]/*:Name[1]") == "/lines/2998/item/name"
    assert long.pointer("//cac:InvoiceLine[2999]/cac:Item/cbc:Name") == "/lines/2998/item/name"
    assert long.pointer("//cac:InvoiceLine/cac:Item/cbc:Name") == "/lines"
