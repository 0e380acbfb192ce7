"""Where the pen puts what: the differences between the two roots, and the places UBL is peculiar about."""

from typing import Any

import pytest
from lxml import etree

from tallystick.canonical import Identifier, Line
from tallystick.formats import ubl
from tallystick.formats.ubl.pen import attribute, element, number
from unit.formats.invoices import every_term, invoice_of
from unit.formats.official import ABSENT, WHY_ABSENT, schema_errors

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"


def written(profile: ubl.Profile | None = None, /, **terms: Any) -> etree._Element:
    document = every_term(**terms)
    for name, value in terms.items():
        if value is None:
            del document[name]
    return etree.fromstring(ubl.invoice(invoice_of(document), profile or ubl.Profile()))


def texts(root: etree._Element, path: str) -> list[str | None]:
    steps = [f"{CBC if step[0] == '.' else CAC}{step.lstrip('.')}" for step in path.split("/")]
    return [node.text for node in root.findall("/".join(steps))]


@pytest.mark.parametrize("code", ["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"])
def test_a_credit_note_has_its_own_root_and_line(code: str) -> None:
    root = written(type_code=code)
    assert etree.QName(root).localname == "CreditNote"
    assert texts(root, ".CreditNoteTypeCode") == [code]
    assert len(texts(root, "CreditNoteLine/.CreditedQuantity")) == 1


@pytest.mark.parametrize("code", ["380", "326", "384", "389", "751", "875"])
def test_every_other_type_is_an_invoice(code: str) -> None:
    root = written(type_code=code)
    assert etree.QName(root).localname == "Invoice"
    assert texts(root, ".InvoiceTypeCode") == [code]


def test_a_profile_may_draw_the_line_between_the_roots_elsewhere() -> None:
    root = written(ubl.Profile(credit_note_types=frozenset()), type_code="381")
    assert etree.QName(root).localname == "Invoice"


def test_the_due_date_of_a_credit_note_stands_in_its_first_payment_means() -> None:
    root = written(type_code="381", payment_due_date="2026-12-24")
    assert texts(root, ".DueDate") == []
    assert texts(root, "PaymentMeans/.PaymentDueDate") == ["2026-12-24"]
    assert texts(written(payment_due_date="2026-12-24"), ".DueDate") == ["2026-12-24"]


def test_the_due_date_of_a_credit_note_without_payment_instructions_is_not_lost() -> None:
    root = written(type_code="381", payment_due_date="2026-12-24", payment_instructions=None)
    assert texts(root, "PaymentMeans/.PaymentMeansCode") == ["1"]
    assert texts(root, "PaymentMeans/.PaymentDueDate") == ["2026-12-24"]


def test_the_project_of_a_credit_note_is_a_document_of_type_50() -> None:
    root = written(type_code="381", project_reference="P-7", supporting_documents=[])
    assert texts(root, "ProjectReference/.ID") == []
    assert texts(root, "AdditionalDocumentReference/.ID")[1:] == ["P-7"]
    assert texts(root, "AdditionalDocumentReference/.DocumentTypeCode") == ["130", "50"]


def test_each_account_gets_a_payment_means_of_its_own() -> None:
    accounts = [{"payment_account_identifier": "A"}, {"payment_account_identifier": "B"}]
    means = {
        "payment_means_type_code": "30",
        "payment_means_text": "Credit transfer",
        "remittance_information": "R",
        "credit_transfers": accounts,
    }
    root = written(payment_instructions=[means, {"payment_means_type_code": "10"}])
    assert texts(root, "PaymentMeans/.PaymentMeansCode") == ["30", "30", "10"]
    assert [node.get("name") for node in root.iter(f"{CBC}PaymentMeansCode")] == [
        "Credit transfer",
        None,
        None,
    ]
    assert texts(root, "PaymentMeans/.PaymentID") == ["R", "R"]
    assert texts(root, "PaymentMeans/PayeeFinancialAccount/.ID") == ["A", "B"]


CREDITOR = {
    "payment_means_type_code": "59",
    "direct_debit": {"bank_assigned_creditor_identifier": "DE98ZZZ1"},
}


def test_the_creditor_identifier_stands_on_the_payee_if_there_is_one() -> None:
    with_payee = written(payment_instructions=[CREDITOR])
    assert texts(with_payee, "PayeeParty/PartyIdentification/.ID")[1:] == ["DE98ZZZ1"]
    without = written(payment_instructions=[CREDITOR], payee=None)
    assert texts(without, "AccountingSupplierParty/Party/PartyIdentification/.ID")[1:] == ["DE98ZZZ1"]
    assert "PaymentMandate" not in etree.tostring(without).decode()


def test_a_creditor_identifier_that_a_party_lists_already_is_not_written_twice() -> None:
    seller = every_term()["seller"] | {"identifiers": [{"scheme": "SEPA", "value": "DE98ZZZ1"}]}
    root = written(payment_instructions=[CREDITOR], seller=seller)
    assert etree.tostring(root).count(b"DE98ZZZ1") == 1


def test_the_tax_in_the_accounting_currency_has_a_total_of_its_own_without_breakdown() -> None:
    totals = list(written().iter(f"{CAC}TaxTotal"))
    assert [node.find(f"{CBC}TaxAmount").get("currencyID") for node in totals] == ["EUR", "SEK"]
    assert [len(node.findall(f"{CAC}TaxSubtotal")) for node in totals] == [1, 0]


def test_a_notes_subject_stands_in_front_of_it() -> None:
    root = written(notes=[{"subject_code": "AAI", "content": "x"}, {"content": "y"}])
    assert texts(root, ".Note") == ["#AAI#x", "y"]


def test_a_sales_order_without_a_purchase_order_gets_a_filler() -> None:
    root = written(purchase_order_reference=None, sales_order_reference="S-1")
    assert texts(root, "OrderReference/.ID") == ["NA"]


def test_the_process_is_the_profiles_where_the_invoice_names_none() -> None:
    profile = ubl.Profile(customization_id="urn:c", profile_id="urn:p")
    own = written(profile)
    assert texts(own, ".CustomizationID") == ["/specification_identifier"]
    named = written(profile, specification_identifier=None, business_process_type=None)
    assert (texts(named, ".CustomizationID"), texts(named, ".ProfileID")) == (["urn:c"], ["urn:p"])
    silent = written(specification_identifier=None, business_process_type=None)
    assert (texts(silent, ".CustomizationID"), texts(silent, ".ProfileID")) == ([], [])


def test_another_tax_scheme_goes_everywhere() -> None:
    root = written(ubl.Profile(tax_scheme="GST", tax_registration_scheme="LOC"))
    schemes = [node.findtext(f"{CBC}ID") for node in root.iter(f"{CAC}TaxScheme")]
    assert schemes.count("LOC") == 1
    assert set(schemes) == {"GST", "LOC"}


@pytest.mark.parametrize(
    ("given", "digits"),
    [
        ("100.00", "100.00"),
        ("0.0000001", "0.0000001"),
        ("-0.00", "-0.00"),
        ("1", "1"),
        ("0.000000000000", "0.000000000000"),
    ],
)
def test_numbers_keep_their_digits(given: str, digits: str) -> None:
    line = every_term()["lines"][0] | {"invoiced_quantity": given}
    assert texts(written(lines=[line]), "InvoiceLine/.InvoicedQuantity") == [digits]


def test_what_stands_in_an_attribute_survives_the_parsers_normalisation() -> None:
    text = "a\tb\nc\rd\"e<f>&g'"
    assert etree.fromstring(f'<a x="{attribute(text)}"/>').get("x") == text
    assert element("a", None) == ""
    assert (
        number(invoice_of(every_term()).lines[0].price.item_net_price)
        == every_term()["lines"][0]["price"]["item_net_price"]
    )


def test_a_document_of_nothing_but_what_must_be_has_no_empty_element() -> None:
    least = {
        "invoice_number": "1",
        "issue_date": "2026-11-02",
        "type_code": "380",
        "currency_code": "EUR",
        "transaction_type": "b2c",
        "seller": {"name": "S", "postal_address": {"country_code": "DE"}},
        "buyer": {"contact": {}},
        "delivery": {},
        "invoicing_period": {},
        "lines": [
            {
                "line_identifier": "1",
                "invoiced_quantity": "1",
                "unit_of_measure_code": "C62",
                "net_amount": "1.00",
                "period": {},
                "price": {"item_net_price": "1"},
                "tax": {"category_code": "S"},
                "item": {"name": "I"},
            }
        ],
        "document_totals": {"amount_due_for_payment": "1.00"},
    }
    root = etree.fromstring(ubl.invoice(invoice_of(least), ubl.Profile()))
    empty = [etree.QName(node).localname for node in root.iter() if not len(node) and not node.text]
    assert empty == ["AccountingCustomerParty"]  # the schema wants it, and nothing is known


def _tag(name: str, value: str = "x") -> Any:
    return lambda _: f"<cbc:{name}>{value}</cbc:{name}>"


def _reference(name: str) -> Any:
    return lambda _: f"<cac:{name}><cbc:ID>x</cbc:ID></cac:{name}>"


def _line_tax(line: Line) -> str:
    return f'<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{line.net_amount}</cbc:TaxAmount></cac:TaxTotal>'


def _exchange(_: Any) -> str:
    return (
        "<cac:TaxExchangeRate><cbc:SourceCurrencyCode>EUR</cbc:SourceCurrencyCode>"
        "<cbc:TargetCurrencyCode>SEK</cbc:TargetCurrencyCode></cac:TaxExchangeRate>"
    )


COMMON = {
    "extensions": lambda _: (
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><x></x></ext:ExtensionContent>"
        "</ext:UBLExtension></ext:UBLExtensions>"
    ),
    "execution": _tag("ProfileExecutionID"),
    "identity": _tag("UUID"),
    "time": _tag("IssueTime", "10:11:12"),
    "type_attributes": lambda _: ' name="0100000"',
    "references": _reference("AdditionalDocumentReference"),
    "statements": _reference("StatementDocumentReference"),
    "signature": _reference("Signature"),
    "parties": lambda _: "<cac:BuyerCustomerParty></cac:BuyerCustomerParty>",
    "note_attributes": lambda _: ' languageID="ar"',
    "delivery": _tag("LatestDeliveryDate", "2026-03-31"),
    "delivery_end": _reference("DeliveryTerms"),
    "instruction": _tag("InstructionID"),
    "instructions": _tag("InstructionNote"),
    "account": _tag("PaymentNote"),
    "exchange": _exchange,
    "tax_total": _tag("TaxIncludedIndicator", "false"),
    "identifications": _reference("PartyIdentification"),
    "address": _tag("BuildingNumber"),
    "company_attributes": lambda _: ' schemeAgencyID="TL"',
    "line_references": lambda _: (
        "<cac:DespatchLineReference><cbc:LineID>x</cbc:LineID></cac:DespatchLineReference>"
    ),
    "quantity_attributes": lambda _: ' unitCode="XPK" unitCodeListID="21"',
    "line_tax": _line_tax,
    "item_identifications": _reference("AdditionalItemIdentification"),
    "commodity": _tag("NatureCode"),
    "category_reasons": _tag("TaxExemptionReasonCode"),
    "item_end": lambda _: "<cac:ItemInstance><cbc:ProductTraceID>x</cbc:ProductTraceID></cac:ItemInstance>",
    "price_reason": _tag("AllowanceChargeReason", "why"),
    "line_end": lambda _: (
        '<cac:ItemPriceExtension><cbc:Amount currencyID="EUR">1</cbc:Amount></cac:ItemPriceExtension>'
    ),
}
_LINE_OF_NOTHING = (
    "<cac:InvoiceLine><cbc:ID>x</cbc:ID>"
    '<cbc:LineExtensionAmount currencyID="EUR">0</cbc:LineExtensionAmount>'
    "<cac:Item><cbc:Name>x</cbc:Name></cac:Item></cac:InvoiceLine>"
)
OF_INVOICE = COMMON | {"lines": lambda _: _LINE_OF_NOTHING, "prepayments": _reference("PrepaidPayment")}
OF_CREDIT_NOTE = COMMON | {
    "responses": lambda _: (
        "<cac:DiscrepancyResponse><cbc:ResponseCode>A</cbc:ResponseCode></cac:DiscrepancyResponse>"
    )
}


@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@pytest.mark.parametrize(("type_code", "extras"), [("380", OF_INVOICE), ("381", OF_CREDIT_NOTE)])
def test_a_profiles_own_elements_stand_where_the_schema_wants_them(
    type_code: str, extras: dict[str, Any]
) -> None:
    profile = ubl.Profile(extras=ubl.Extras(**extras))
    body = ubl.invoice(invoice_of(every_term(type_code=type_code)), profile)
    assert schema_errors(body) == []
    plain = ubl.invoice(invoice_of(every_term(type_code=type_code)), ubl.Profile())
    # every extra was written at least once: no place is dead
    for name, function in extras.items():
        piece = function(invoice_of(every_term()).lines[0])
        assert body.count(piece.encode()) > plain.count(piece.encode()), name
    root = body.split(b"?>", 1)[1]
    assert etree.tostring(etree.fromstring(body), method="c14n") == root


def test_every_place_for_a_profiles_elements_is_tried() -> None:
    tried = set(OF_INVOICE) | set(OF_CREDIT_NOTE) | {"adjustment_categories"}
    assert tried == set(ubl.Extras.__struct_fields__)


def test_a_profile_may_repeat_the_tax_category_of_an_allowance() -> None:
    root = _written(ubl.Profile(extras=ubl.Extras(adjustment_categories=lambda _: 2)))
    assert [len(one.findall(f"{CAC}TaxCategory")) for one in root.findall(f"{CAC}AllowanceCharge")] == [2, 2]


def test_a_scheme_is_kept_with_its_identifier() -> None:
    seller = every_term()["seller"] | {"identifiers": [{"value": "1"}, {"value": "2", "scheme": "0088"}]}
    invoice = invoice_of(every_term(seller=seller))
    assert invoice.seller.identifiers[1] == Identifier(value="2", scheme="0088")
    root = etree.fromstring(ubl.invoice(invoice, ubl.Profile()))
    found = root.findall(f"{CAC}AccountingSupplierParty/{CAC}Party/{CAC}PartyIdentification/{CBC}ID")
    assert [(node.text, node.get("schemeID")) for node in found[:2]] == [("1", None), ("2", "0088")]


def _written(profile: ubl.Profile, **terms: Any) -> Any:
    body = ubl.invoice(invoice_of(every_term(**terms)), profile)
    assert ABSENT or schema_errors(body) == []
    return etree.fromstring(body)


def test_a_profile_may_want_the_accounting_tax_first() -> None:
    first, second = _written(ubl.Profile(accounting_tax_first=True)).findall(f"{CAC}TaxTotal")
    assert first.find(f"{CAC}TaxSubtotal") is None
    assert second.find(f"{CAC}TaxSubtotal") is not None


def test_a_profile_may_declare_the_prefix_of_extensions_that_come_later() -> None:
    assert "ext" in _written(ubl.Profile(declares_extensions=True)).nsmap
    assert "ext" not in _written(ubl.Profile()).nsmap


def test_a_profile_may_say_terms_and_instructions_where_there_is_no_means_of_payment() -> None:
    extras = ubl.Extras(instructions=_tag("InstructionNote", "why"), account=_tag("PaymentNote", "when"))
    root = _written(ubl.Profile(payment_terms=False, extras=extras), payment_instructions=[])
    assert root.find(f"{CAC}PaymentTerms") is None
    (means,) = root.findall(f"{CAC}PaymentMeans")
    assert means.findtext(f"{CBC}PaymentMeansCode") == "1"
    assert means.findtext(f"{CBC}InstructionNote") == "why"
    assert means.findtext(f"{CAC}PayeeFinancialAccount/{CBC}PaymentNote") == "when"


def test_a_profile_may_name_the_lists_of_tax_categories() -> None:
    root = _written(ubl.Profile(adjustment_lists=True, breakdown_lists=True))
    for holder in (f"{CAC}AllowanceCharge", f"{CAC}TaxTotal/{CAC}TaxSubtotal"):
        category = root.find(f"{holder}/{CAC}TaxCategory")
        assert dict(category.find(f"{CBC}ID").attrib) == {"schemeID": "UN/ECE 5305", "schemeAgencyID": "6"}
        scheme = category.find(f"{CAC}TaxScheme/{CBC}ID")
        assert dict(scheme.attrib) == {"schemeID": "UN/ECE 5153", "schemeAgencyID": "6"}
