"""How the reader tells apart what UBL writes alike: totals, tax numbers, payment, adjustments, documents."""

import json
from typing import Any

import pytest

from unit.formats.fragments import EUR, money, read, seller


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


def test_a_sellers_two_tax_numbers_are_told_apart_by_their_scheme() -> None:
    document, left = read(seller(_scheme("1", "TAX") + _scheme("2", " VAT ") + _scheme("3", "VAT")))
    assert document["seller"] == {"tax_registration_identifier": "1", "tax_identifier": "2"}
    assert [value for _, value in left] == ["3", "VAT"]
    document, left = read(seller(_scheme("1", "LOC") + _scheme("2", "vat")))
    assert document["seller"] == {"tax_registration_identifier": "1", "tax_identifier": "2"}
    assert [value for _, value in left] == ["LOC", "vat"]


def test_a_tax_scheme_without_a_number_is_named() -> None:
    scheme = "<c:PartyTaxScheme><c:TaxScheme><b:ID>VAT</b:ID></c:TaxScheme></c:PartyTaxScheme>"
    assert read(seller(scheme)) == (
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


def test_an_account_is_not_added_to_a_means_that_has_none() -> None:
    means = read(_means("<b:PaymentMeansCode>30</b:PaymentMeansCode>") + _account("30", "A"))[0]
    assert [len(one.get("credit_transfers", ())) for one in means["payment_instructions"]] == [0, 1]


SEPA = '<c:PartyIdentification><b:ID schemeID="SEPA">DE1</b:ID></c:PartyIdentification>'
DEBIT = _means(
    "<b:PaymentMeansCode>59</b:PaymentMeansCode><c:PaymentMandate><b:ID>M</b:ID></c:PaymentMandate>"
)
DEBITED = {"mandate_reference_identifier": "M", "bank_assigned_creditor_identifier": "DE1"}


@pytest.mark.parametrize(
    ("parties", "of_seller", "of_payee"),
    [
        (seller(SEPA), {}, None),
        (seller("") + f"<c:PayeeParty>{SEPA}</c:PayeeParty>", {}, {}),
        (seller(SEPA) + "<c:PayeeParty/>", {"identifiers": [{"value": "DE1", "scheme": "SEPA"}]}, {}),
    ],
)
def test_the_creditor_identifier_is_found_on_seller_or_payee(
    parties: str, of_seller: Any, of_payee: Any
) -> None:
    document, left = read(parties + DEBIT)
    assert document["payment_instructions"][0]["direct_debit"] == DEBITED
    assert (document["seller"], document.get("payee"), left) == (of_seller, of_payee, [])


@pytest.mark.parametrize("means", ["", _account("30", "A")])
def test_a_creditor_identifier_without_a_direct_debit_stays_an_identifier(means: str) -> None:
    document = read(seller(SEPA) + means)[0]
    assert document["seller"] == {"identifiers": [{"value": "DE1", "scheme": "SEPA"}]}
    assert "direct_debit" not in document.get("payment_instructions", [{}])[0]


def test_a_direct_debit_without_a_mandate_gets_its_creditor_identifier() -> None:
    document = read(seller(SEPA) + _account("59", "A"))[0]
    debit = document["payment_instructions"][0]["direct_debit"]
    assert (debit, document["seller"]) == ({"bank_assigned_creditor_identifier": "DE1"}, {})


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


def test_a_line_refers_to_its_object_and_to_nothing_else() -> None:
    def reference(code: str) -> Any:
        typed = f"<b:DocumentTypeCode>{code}</b:DocumentTypeCode>" if code else ""
        inner = f"<c:DocumentReference><b:ID>O</b:ID>{typed}</c:DocumentReference>"
        return read(f"<c:InvoiceLine>{inner}</c:InvoiceLine>")

    found = {"lines": [{"object_identifier": {"value": "O"}}]}
    assert reference("130") == reference("") == (found, [])
    document, left = reference("50")
    assert document == {"lines": [{}]}
    assert [value for _, value in left] == ["O", "50"]


@pytest.mark.parametrize(
    "content",
    [
        "<c:LegalMonetaryTotal><b:PayableAmount/></c:LegalMonetaryTotal>",
        "<c:PaymentMeans><c:CardAccount><b:NetworkID/></c:CardAccount></c:PaymentMeans>",
        "<c:PayeeParty><c:PartyIdentification><b:ID/></c:PartyIdentification></c:PayeeParty>",
        "<c:InvoiceLine><c:Item><c:StandardItemIdentification><b:ID/></c:StandardItemIdentification></c:Item></c:InvoiceLine>",
        "<c:InvoiceLine><c:Item><c:CommodityClassification><b:ItemClassificationCode/></c:CommodityClassification></c:Item></c:InvoiceLine>",
        "<c:AdditionalDocumentReference><c:Attachment><b:EmbeddedDocumentBinaryObject/></c:Attachment></c:AdditionalDocumentReference>",
        "<b:Note/>",
        "<b:IssueDate/>",
    ],
)  # fmt: skip
def test_every_empty_value_is_named_and_not_read(content: str) -> None:
    document, left = read(content)
    assert [value for _, value in left] == [""]
    assert "value" not in json.dumps(document)


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
