"""Which place in a document a complaint names, among all the words it is said in."""

import time

import pytest

from tallystick.network.answers import faults_of
from tallystick.network.places import place_in

NAMESPACED = (
    "/*:Invoice[namespace-uri()='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'][1]"
    "/*:InvoiceLine[namespace-uri()='urn:x y'][3]/*:LineExtensionAmount[1]"
)
LOCAL = "/*[local-name()='Invoice' and namespace-uri()='urn:a']/*[local-name()='TaxTotal'][2]"
CLARK = "/Q{urn:a:b/c}Invoice[1]/Q{urn:d}InvoiceLine[2]/@unitCode"


@pytest.mark.parametrize(
    "place",
    [
        "/Invoice/cac:InvoiceLine[3]/cbc:LineExtensionAmount",
        "/ubl:Invoice/cac:TaxTotal/cbc:TaxAmount/@currencyID",
        "/rsm:CrossIndustryInvoice/rsm:ExchangedDocument/ram:ID/text()",
        "/sh:StandardBusinessDocument/Invoice/cbc:ID",
        "//cac:InvoiceLine[3]",
        NAMESPACED,
        LOCAL,
        CLARK,
    ],
)
@pytest.mark.parametrize(
    "said", ["{}", "wrong sum at {}", "wrong sum ({}).", "location: {} - total", '"{}": bad']
)
def test_a_place_is_found_in_whatever_words(place: str, said: str) -> None:
    assert place_in(said.format(place)) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no place at all",
        "see https://example.com/Invoice/rules",
        "net and/or gross",
        "file /var/lib/invoices/1.xml cannot be read",
        "/Order/cbc:ID",
        "1/2 of it",
    ],
)
def test_what_is_no_place_in_an_invoice_is_not_taken_for_one(text: str) -> None:
    assert place_in(text) == ""


@pytest.mark.parametrize("text", ["/Invoice" * 5_000, " /Invoice[" * 5_000, "/Invoice/" + "a.-" * 30_000])
def test_a_hostile_complaint_takes_no_time(text: str) -> None:
    began = time.perf_counter()

    place_in(text)

    assert time.perf_counter() - began < 0.5


def test_a_complaint_comes_with_its_rule_and_its_place() -> None:
    fault = faults_of([f"[error] [BR-CO-10] The sum is wrong, at {NAMESPACED}"])[0]

    assert fault.rule is not None and fault.rule.id == "BR-CO-10"
    assert fault.wire_location == NAMESPACED
    assert fault.message.startswith("The sum is wrong")
