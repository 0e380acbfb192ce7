"""What the reader makes of documents nobody's pen wrote: fragments, oddities, strangers."""

import json
from typing import Any

import pytest

from tallystick.formats import Unreadable, ubl
from unit.formats.invoices import every_term, invoice_of

INVOICE = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
CREDIT_NOTE = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"


def read(content: str, root: str = "Invoice") -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The JSON, and what is left as path and value. `c:` and `b:` are the prefixes in here."""
    namespace = INVOICE if root == "Invoice" else CREDIT_NOTE
    body = f'<{root} xmlns="{namespace}" xmlns:c="{CAC}" xmlns:b="{CBC}">{content}</{root}>'
    reading = ubl.read(body.encode())
    return json.loads(reading.invoice), [(one.path, one.value) for one in reading.unread]


def money(tag: str, value: str, currency: str = "EUR") -> str:
    return f'<b:{tag} currencyID="{currency}">{value}</b:{tag}>'


EUR = "<b:DocumentCurrencyCode>EUR</b:DocumentCurrencyCode>"


def test_a_fragment_is_read_as_far_as_it_goes() -> None:
    assert read("") == ({}, [])
    assert read("<b:ID>7</b:ID>") == ({"invoice_number": "7"}, [])
    assert read("<c:InvoiceLine><c:Item/></c:InvoiceLine>") == ({"lines": [{"item": {}}]}, [])
    assert read("<c:TaxRepresentativeParty/>") == ({"seller_tax_representative": {}}, [])


@pytest.mark.parametrize(
    "body",
    [
        b"<Invoice/>",
        f'<Order xmlns="{INVOICE}"/>'.encode(),
        f'<CreditNote xmlns="{INVOICE}"/>'.encode(),
        f'<x:Invoice xmlns:x="{CAC}"/>'.encode(),
        b'<StandardBusinessDocument xmlns="http://x"><Invoice xmlns="%b"/></StandardBusinessDocument>'
        % INVOICE.encode(),
    ],
)
def test_another_root_is_no_invoice(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        ubl.read(body)
    assert caught.value.code == "wrong_root"


def test_prefixes_are_the_senders_business() -> None:
    body = f'<u:Invoice xmlns:u="{INVOICE}"><ID xmlns="{CBC}">7</ID></u:Invoice>'
    assert json.loads(ubl.read(body.encode()).invoice) == {"invoice_number": "7"}


def test_it_says_which_bytes_it_would_read() -> None:
    assert ubl.recognises(f'<Invoice xmlns="{INVOICE}"/>'.encode())
    assert ubl.recognises(f'<CreditNote xmlns="{CREDIT_NOTE}"/>'.encode())
    assert not ubl.recognises(b'{"invoice_number": "1"}')
    assert not ubl.recognises(b"")


def test_what_has_no_term_is_named_with_its_place() -> None:
    content = (
        "<b:UBLVersionID>2.1</b:UBLVersionID><b:Note languageID='de'>a</b:Note><b:Note>b</b:Note>"
        "<c:Signature><b:ID>s</b:ID><c:SignatoryParty><b:WebsiteURI>w</b:WebsiteURI></c:SignatoryParty></c:Signature>"
        "<c:InvoiceLine><b:UUID>1</b:UUID></c:InvoiceLine><c:InvoiceLine><b:UUID>2</b:UUID></c:InvoiceLine>"
        "<f:Foreign xmlns:f='urn:f' f:x='y'/>"
    )
    document, left = read(content)
    assert document == {"notes": [{"content": "a"}, {"content": "b"}], "lines": [{}, {}]}
    assert left == [
        ("/Invoice/cbc:UBLVersionID", "2.1"),
        ("/Invoice/cbc:Note[1]/@languageID", "de"),
        ("/Invoice/cac:Signature/cbc:ID", "s"),
        ("/Invoice/cac:Signature/cac:SignatoryParty/cbc:WebsiteURI", "w"),
        ("/Invoice/cac:InvoiceLine[1]/cbc:UUID", "1"),
        ("/Invoice/cac:InvoiceLine[2]/cbc:UUID", "2"),
        ('/Invoice/*[local-name()="Foreign"]/@f:x', "y"),
    ]


def test_a_second_one_of_a_kind_is_named() -> None:
    document, left = read("<b:BuyerReference>1</b:BuyerReference><b:BuyerReference>2</b:BuyerReference>")
    assert document == {"buyer_reference": "1"}
    assert left == [("/Invoice/cbc:BuyerReference[2]", "2")]
    for name in ("PayeeParty", "Delivery", "PaymentTerms", "InvoicePeriod", "LegalMonetaryTotal"):
        inner = f"<c:{name}><b:X>1</b:X></c:{name}>"
        assert [value for _, value in read(inner * 2)[1]] == ["1", "1"]


def test_an_empty_element_and_loose_text_are_named() -> None:
    document, left = read("<b:BuyerReference> </b:BuyerReference>stray<c:Delivery>loose<b:X/></c:Delivery>")
    assert document == {}
    assert sorted(left) == [
        ("/Invoice", "stray"),
        ("/Invoice/cac:Delivery", "loose"),
        ("/Invoice/cac:Delivery/cbc:X", ""),
        ("/Invoice/cbc:BuyerReference", ""),
    ]


def test_an_attribute_of_the_root_is_named() -> None:
    body = (
        f'<Invoice xmlns="{INVOICE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="a b" xml:lang="en"/>'
    )
    left = [(one.path, one.value) for one in ubl.read(body.encode()).unread]
    assert left == [("/Invoice/@xsi:schemaLocation", "a b"), ("/Invoice/@xml:lang", "en")]


def test_a_foreign_currency_is_named_and_the_documents_own_is_not() -> None:
    amounts = money("PayableAmount", "1.00") + money("PrepaidAmount", "2.00", "USD")
    document, left = read(f"{EUR}<c:LegalMonetaryTotal>{amounts}</c:LegalMonetaryTotal>")
    assert document["document_totals"] == {"amount_due_for_payment": "1.00", "paid_amount": "2.00"}
    assert left == [("/Invoice/cac:LegalMonetaryTotal/cbc:PrepaidAmount/@currencyID", "USD")]


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("1.50", "1.50"), (" 1.5\n", "1.5"), ("+1.5", "1.5"), (".5", "0.5"), ("-.5", "-0.5"), ("5.", "5"),
        ("1e3", "1e3"), ("1,5", "1,5"), (".", "."), ("-", "-"), ("１", "１"), ("NaN", "NaN"),
    ],
)  # fmt: skip
def test_a_decimal_gets_the_canonical_spelling_and_anything_else_is_left_to_the_decoder(
    written: str, canonical: str
) -> None:
    line = f"<c:InvoiceLine><b:InvoicedQuantity>{written}</b:InvoicedQuantity></c:InvoiceLine>"
    assert read(line)[0]["lines"] == [{"invoiced_quantity": canonical}]


def test_the_zone_of_a_date_is_named() -> None:
    assert read("<b:IssueDate>2026-11-02Z</b:IssueDate><b:DueDate>2026-11-03+01:00</b:DueDate>") == (
        {"issue_date": "2026-11-02", "payment_due_date": "2026-11-03"},
        [("/Invoice/cbc:IssueDate", "Z"), ("/Invoice/cbc:DueDate", "+01:00")],
    )
    assert read("<b:IssueDate>soon</b:IssueDate>")[0] == {"issue_date": "soon"}


def _tax_total(amount: str, currency: str, subtotal: str = "") -> str:
    return f"<c:TaxTotal>{money('TaxAmount', amount, currency)}{subtotal}</c:TaxTotal>"


def test_the_two_tax_totals_are_told_apart_by_their_currency_in_any_order() -> None:
    subtotal = f"<c:TaxSubtotal>{money('TaxAmount', '19')}</c:TaxSubtotal>"
    head = f"{EUR}<b:TaxCurrencyCode>SEK</b:TaxCurrencyCode>"
    own, accounted = _tax_total("19", "EUR", subtotal), _tax_total("209", "SEK")
    for content in (own + accounted, accounted + own):
        document, left = read(head + content)
        assert document["document_totals"] == {
            "total_tax_amount": "19",
            "total_tax_amount_in_accounting_currency": "209",
        }
        assert document["tax_breakdown"] == [{"tax_category_tax_amount": "19"}]
        assert left == []


def test_a_third_tax_total_and_a_breakdown_in_the_accounting_currency_are_named() -> None:
    subtotal = f"<c:TaxSubtotal>{money('TaxAmount', '7', 'SEK')}</c:TaxSubtotal>"
    head = f"{EUR}<b:TaxCurrencyCode>SEK</b:TaxCurrencyCode>{_tax_total('19', 'EUR')}"
    _, left = read(head + _tax_total("209", "SEK", subtotal) + _tax_total("3", "USD"))
    assert [value for _, value in left] == ["7", "SEK", "3", "USD"]


def _scheme(number: str, scheme: str) -> str:
    return (
        f"<c:PartyTaxScheme><b:CompanyID>{number}</b:CompanyID>"
        f"<c:TaxScheme><b:ID>{scheme}</b:ID></c:TaxScheme></c:PartyTaxScheme>"
    )


def _seller(content: str) -> str:
    return f"<c:AccountingSupplierParty><c:Party>{content}</c:Party></c:AccountingSupplierParty>"


def test_a_sellers_two_tax_numbers_are_told_apart_by_their_scheme() -> None:
    document, left = read(_seller(_scheme("1", "TAX") + _scheme("2", " VAT ") + _scheme("3", "VAT")))
    assert document["seller"] == {"tax_registration_identifier": "1", "tax_identifier": "2"}
    assert [value for _, value in left] == ["3", "VAT"]
    document, left = read(_seller(_scheme("1", "LOC") + _scheme("2", "vat")))
    assert document["seller"] == {"tax_registration_identifier": "1", "tax_identifier": "2"}
    assert [value for _, value in left] == ["LOC", "vat"]


def test_a_tax_scheme_without_a_number_is_named() -> None:
    scheme = "<c:PartyTaxScheme><c:TaxScheme><b:ID>VAT</b:ID></c:TaxScheme></c:PartyTaxScheme>"
    assert read(_seller(scheme)) == (
        {"seller": {}},
        [("/Invoice/cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cac:TaxScheme/cbc:ID", "VAT")],
    )


def _means(content: str) -> str:
    return f"<c:PaymentMeans>{content}</c:PaymentMeans>"


def _account(code: str, account: str, *, more: str = "") -> str:
    inner = f"<b:PaymentMeansCode>{code}</b:PaymentMeansCode>{more}"
    return _means(f"{inner}<c:PayeeFinancialAccount><b:ID>{account}</b:ID></c:PayeeFinancialAccount>")


def test_accounts_of_the_same_means_come_together() -> None:
    remittance = "<b:PaymentID>R</b:PaymentID>"
    content = (
        _account("30", "A", more=remittance) + _account("30", "B") + _account("30", "C", more=remittance)
    )
    means = read(content)[0]["payment_instructions"]
    assert [one["payment_account_identifier"] for one in means[0]["credit_transfers"]] == ["A", "B", "C"]
    assert len(means) == 1


@pytest.mark.parametrize(
    "second",
    [
        _account("31", "B"),
        _account("30", "B", more="<b:PaymentID>other</b:PaymentID>"),
        _account("30", "B", more="<c:CardAccount><b:HolderName>H</b:HolderName></c:CardAccount>"),
        _means("<b:PaymentMeansCode>30</b:PaymentMeansCode>"),
        _means('<b:PaymentMeansCode name="x">30</b:PaymentMeansCode>'),
    ],
)
def test_means_that_differ_in_more_than_the_account_stay_apart(second: str) -> None:
    assert len(read(_account("30", "A") + second)[0]["payment_instructions"]) == 2


SEPA = '<c:PartyIdentification><b:ID schemeID="SEPA">DE1</b:ID></c:PartyIdentification>'
DEBIT = _means(
    "<b:PaymentMeansCode>59</b:PaymentMeansCode><c:PaymentMandate><b:ID>M</b:ID></c:PaymentMandate>"
)
DEBITED = {"mandate_reference_identifier": "M", "bank_assigned_creditor_identifier": "DE1"}


@pytest.mark.parametrize(
    ("parties", "seller", "payee"),
    [
        (_seller(SEPA), {}, None),
        (_seller("") + f"<c:PayeeParty>{SEPA}</c:PayeeParty>", {}, {}),
        (_seller(SEPA) + "<c:PayeeParty/>", {"identifiers": [{"value": "DE1", "scheme": "SEPA"}]}, {}),
    ],
)
def test_the_creditor_identifier_is_found_on_seller_or_payee(parties: str, seller: Any, payee: Any) -> None:
    document, left = read(parties + DEBIT)
    assert document["payment_instructions"][0]["direct_debit"] == DEBITED
    assert (document["seller"], document.get("payee"), left) == (seller, payee, [])


def test_a_creditor_identifier_without_payment_stays_an_identifier() -> None:
    assert read(_seller(SEPA))[0]["seller"] == {"identifiers": [{"value": "DE1", "scheme": "SEPA"}]}


def test_the_network_of_a_card_is_named_unless_it_is_the_filler() -> None:
    card = "<c:CardAccount><b:NetworkID>{}</b:NetworkID><b:HolderName>H</b:HolderName></c:CardAccount>"
    assert read(_means(card.format("NA")))[1] == []
    assert [value for _, value in read(_means(card.format("VISA")))[1]] == ["VISA"]


def _adjustment(indicator: str) -> str:
    return f"<c:AllowanceCharge>{indicator}<b:Amount>1</b:Amount></c:AllowanceCharge>"


@pytest.mark.parametrize(
    ("indicator", "key"),
    [("false", "allowances"), ("0", "allowances"), (" true ", "charges"), ("1", "charges")],
)
def test_an_allowance_is_told_from_a_charge(indicator: str, key: str) -> None:
    document, left = read(_adjustment(f"<b:ChargeIndicator>{indicator}</b:ChargeIndicator>"))
    assert (document, left) == ({key: [{"amount": "1"}]}, [])


@pytest.mark.parametrize(
    "indicator", ["", "<b:ChargeIndicator/>", "<b:ChargeIndicator>yes</b:ChargeIndicator>"]
)
def test_what_is_neither_is_named_whole(indicator: str) -> None:
    document, left = read(_adjustment(indicator))
    assert document == {}
    assert ("/Invoice/cac:AllowanceCharge/cbc:Amount", "1") in left


def _price(content: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    document, left = read(f"<c:InvoiceLine><c:Price>{content}</c:Price></c:InvoiceLine>")
    return document["lines"][0]["price"], left


def test_only_a_discount_is_read_from_the_price() -> None:
    discount = _adjustment("<b:ChargeIndicator>{}</b:ChargeIndicator>")
    assert _price(discount.format("false")) == ({"item_price_discount": "1"}, [])
    price, left = _price(discount.format("true"))
    assert price == {}
    assert [value for _, value in left] == ["true", "1"]


def _document(code: str, number: str = "1") -> str:
    typed = f"<b:DocumentTypeCode>{code}</b:DocumentTypeCode>" if code else ""
    content = f'<b:ID schemeID="AWV">{number}</b:ID>{typed}'
    return f"<c:AdditionalDocumentReference>{content}</c:AdditionalDocumentReference>"


def test_further_documents_are_told_apart_by_their_type() -> None:
    document, left = read(_document("130") + _document("130", "2") + _document("50", "3"))
    assert document == {
        "invoiced_object_identifier": {"value": "1", "scheme": "AWV"},
        "supporting_documents": [{"reference": "3"}],
    }
    assert [value for _, value in left] == ["2", "AWV", "130", "AWV", "50"]
    document, left = read(_document("50"), "CreditNote")
    assert document == {"project_reference": "1"}
    assert [value for _, value in left] == ["AWV"]


def _attached(text: str) -> Any:
    tag = "b:EmbeddedDocumentBinaryObject"
    file = f'<{tag} mimeCode="text/csv" filename="a.csv">{text}</{tag}>'
    content = (
        f"<c:AdditionalDocumentReference><c:Attachment>{file}</c:Attachment></c:AdditionalDocumentReference>"
    )
    document, left = read(content)
    assert left == []
    return document["supporting_documents"][0]["attached_document"]


def test_an_attachment_loses_its_line_breaks_and_nothing_else() -> None:
    assert _attached("YWJj\n  ZGVm\n") == {
        "content": "YWJjZGVm",
        "mime_code": "text/csv",
        "filename": "a.csv",
    }


@pytest.mark.parametrize("text", ["no base64!", "YWJ", "YW=J", "Ü"])
def test_an_attachment_that_is_no_base64_is_left_to_the_decoder(text: str) -> None:
    assert _attached(text)["content"] == text


def test_a_notes_subject_is_read_only_where_it_is_one() -> None:
    texts = ["#AAI#text", "#AAI#", "#aai#x", "#AAII#x", "AAI#x", "#AAI# \n", "#AAI#two\nlines"]
    notes = read("".join(f"<b:Note>{text}</b:Note>" for text in texts))[0]["notes"]
    assert [one.get("subject_code") for one in notes] == ["AAI", None, None, None, None, None, "AAI"]
    assert [one["content"] for one in notes if "subject_code" in one] == ["text", "two\nlines"]


def test_a_filler_for_the_purchase_order_is_not_one() -> None:
    order = "<c:OrderReference><b:ID>NA</b:ID>{}</c:OrderReference>"
    assert read(order.format("<b:SalesOrderID>S</b:SalesOrderID>")) == ({"sales_order_reference": "S"}, [])
    assert read(order.format("")) == ({"purchase_order_reference": "NA"}, [])


def test_a_credit_notes_due_date_is_found_in_its_payment_means() -> None:
    due = "<b:PaymentDueDate>2026-12-24</b:PaymentDueDate>"
    document, left = read(_means(due) + _means(due), "CreditNote")
    assert document["payment_due_date"] == "2026-12-24"
    assert left == [("/CreditNote/cac:PaymentMeans[2]/cbc:PaymentDueDate", "2026-12-24")]
    assert read(_means(due))[1] == [("/Invoice/cac:PaymentMeans/cbc:PaymentDueDate", "2026-12-24")]


def test_a_type_that_belongs_under_the_other_root_is_named() -> None:
    document, left = read("<b:InvoiceTypeCode>381</b:InvoiceTypeCode>")
    assert (document, left) == ({"type_code": "381"}, [("/Invoice", "")])
    assert read("<b:CreditNoteTypeCode>381</b:CreditNoteTypeCode>", "CreditNote")[1] == []


def test_comments_between_elements_change_nothing() -> None:
    body = ubl.invoice(invoice_of(every_term()), ubl.Profile())
    commented = body.replace(b"<cbc:ID>", b"<!-- a --><?b?><cbc:ID>").replace(
        b"</cac:Party>", b"<!-- c --></cac:Party>"
    )
    assert ubl.read(commented) == ubl.read(body)


def test_a_document_of_nothing_but_strangers_is_refused() -> None:
    with pytest.raises(Unreadable) as caught:
        read("<b:X>1</b:X>" * 10_001)
    assert caught.value.code == "too_foreign"
    assert len(read("<b:X>1</b:X>" * 10_000)[1]) == 10_000


def test_the_size_limit_is_the_callers() -> None:
    body = ubl.invoice(invoice_of(every_term()), ubl.Profile())
    with pytest.raises(Unreadable) as caught:
        ubl.read(body, max_bytes=len(body) - 1)
    assert caught.value.code == "too_large"
