"""What the reader makes of documents nobody's pen wrote: fragments, oddities, strangers."""

import json

import pytest

from tallystick.formats import Unreadable, ubl
from unit.formats.fragments import CAC, CBC, CREDIT_NOTE, EUR, INVOICE, money, read, seller
from unit.formats.invoices import every_term, invoice_of


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
    price = f"{EUR}<c:InvoiceLine><c:Price>{money('PriceAmount', '1') * 2}</c:Price></c:InvoiceLine>"
    assert [value for _, value in read(price)[1]] == ["1", "EUR"]
    item = "<c:Item><b:Name>1</b:Name></c:Item>"
    assert [value for _, value in read(f"<c:InvoiceLine>{item}{item}</c:InvoiceLine>")[1]] == ["1"]
    endpoint = "<b:EndpointID>1</b:EndpointID>"
    assert [value for _, value in read(seller(endpoint + endpoint))[1]] == ["1"]
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


@pytest.mark.parametrize(
    "content",
    [
        "x",
        "<c:Delivery>x</c:Delivery>",
        "<c:PayeeParty><c:PartyIdentification>x</c:PartyIdentification></c:PayeeParty>",
        "<c:InvoiceLine>x</c:InvoiceLine>",
        "<c:InvoicePeriod>x</c:InvoicePeriod>",
        "<c:PaymentMeans>x</c:PaymentMeans>",
        "<c:TaxTotal>x</c:TaxTotal>",
        "<c:LegalMonetaryTotal>x</c:LegalMonetaryTotal>",
        "<c:PaymentTerms>x</c:PaymentTerms>",
        "<c:AllowanceCharge>x</c:AllowanceCharge>",
    ],
)
def test_a_text_where_only_elements_belong_is_named(content: str) -> None:
    document, left = read(content)
    assert [value for _, value in left] == ["x"]
    assert "x" not in json.dumps(document).replace("tax_", "")


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
