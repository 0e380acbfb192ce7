"""The judge: our own valid invoice passes, each mutation is refused by the rule it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tallystick.sandbox.judge import Addressing, judge

MUTATIONS = [
    ("BR-02", "<cbc:ID>TILES-1</cbc:ID>", "<cbc:ID> </cbc:ID>"),
    ("BR-04", "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>", ""),
    ("BR-CO-10", ">200.00</cbc:LineExtensionAmount>", ">200.01</cbc:LineExtensionAmount>"),
    ("BR-CO-11", ">10.00</cbc:AllowanceTotalAmount>", ">11.00</cbc:AllowanceTotalAmount>"),
    ("BR-CO-13", ">190.00</cbc:TaxExclusiveAmount>", ">190.01</cbc:TaxExclusiveAmount>"),
    (
        "BR-CO-14",
        '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">39.90',
        '<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">39.91',
    ),
    ("BR-CO-15", ">229.90</cbc:TaxInclusiveAmount>", ">229.91</cbc:TaxInclusiveAmount>"),
    ("BR-CO-16", ">229.90</cbc:PayableAmount>", ">229.89</cbc:PayableAmount>"),
    ("BR-CO-17", "<cbc:Percent>21</cbc:Percent>", "<cbc:Percent>22</cbc:Percent>"),
    ("BR-S-08", ">190.00</cbc:TaxableAmount>", ">188.00</cbc:TaxableAmount>"),
    ("BR-S-02", "<cbc:CompanyID>BE0123456749</cbc:CompanyID>", ""),
    ("BR-S-05", "<cbc:Percent>21</cbc:Percent>", "<cbc:Percent>0</cbc:Percent>"),
    ("BR-33", "<cbc:AllowanceChargeReasonCode>95</cbc:AllowanceChargeReasonCode>", ""),
    (
        "BR-61",
        "<cac:PayeeFinancialAccount><cbc:ID>BE68539007547034</cbc:ID></cac:PayeeFinancialAccount>",
        "",
    ),
    ("BR-25", "<cbc:Name>Roof tile</cbc:Name>", ""),
    ("BR-27", 'currencyID="EUR">50</cbc:PriceAmount>', 'currencyID="EUR">-50</cbc:PriceAmount>'),
    ("BR-23", ' unitCode="C62"', ""),
    ("BR-DEC-18", ">229.90</cbc:PayableAmount>", ">229.900</cbc:PayableAmount>"),
    ("PEPPOL-EN16931-R120", 'unitCode="C62">100<', 'unitCode="C62">101<'),
    ("PEPPOL-EN16931-R003", "<cbc:BuyerReference>yard 4</cbc:BuyerReference>", ""),
    ("PEPPOL-EN16931-R008", "<cbc:BuyerReference>yard 4</cbc:BuyerReference>", "<cbc:BuyerReference/>"),
    ("PEPPOL-EN16931-R051", '<cbc:PriceAmount currencyID="EUR"', '<cbc:PriceAmount currencyID="USD"'),
    ("PEPPOL-EN16931-F001", "<cbc:IssueDate>2026-11-20<", "<cbc:IssueDate>2026-11-31<"),
    ("PEPPOL-EN16931-P0100", ">380<", ">381<"),
    ("PEPPOL-EN16931-CL002", ">95<", ">94<"),
    ("BR-CL-03", '"EUR"', '"EUX"'),
    ("BR-CL-14", ">DE</cbc:IdentificationCode>", ">DX</cbc:IdentificationCode>"),
    ("BR-CL-16", ">30</cbc:PaymentMeansCode>", ">301</cbc:PaymentMeansCode>"),
    ("PEPPOL-COMMON-R040", ">7300010000001<", ">7300010000002<"),
    ("BR-CO-04", "<cac:TaxScheme><cbc:ID>VAT<", "<cac:TaxScheme><cbc:ID>GST<"),
    ("UBL-SCHEMA", "<cbc:BuyerReference>yard 4</cbc:BuyerReference>",
     "<cbc:BuyerReference>yard 4</cbc:BuyerReference><cbc:BuyerReference>yard 4</cbc:BuyerReference>"),
    ("BR-63", ' schemeID="9930"', ""),
    ("UBL-SCHEMA", "<cbc:IssueDate>2026-11-20</cbc:IssueDate>\n  <cbc:DueDate>2026-12-20</cbc:DueDate>",
     "<cbc:DueDate>2026-12-20</cbc:DueDate><cbc:IssueDate>2026-11-20</cbc:IssueDate>"),
    ("SANDBOX-NUMBER", ">200.00</cbc:LineExtensionAmount>", ">2e2</cbc:LineExtensionAmount>"),
    ("SANDBOX-NUMBER", ">200.00</cbc:LineExtensionAmount>", ">２００.00</cbc:LineExtensionAmount>"),
    ("SANDBOX-RECEIVER", ">DE123456788</cbc:EndpointID>", ">DE123456789</cbc:EndpointID>"),
    ("SANDBOX-DOCTYPE", "poacc:billing:3.0<", "poacc:billing:3.1<"),
    ("SANDBOX-PROCESS", "billing:01:1.0<", "billing:02:1.0<"),
]  # fmt: skip


def test_a_valid_invoice_is_accepted(document: str, addressed: Addressing) -> None:
    judgement = judge(document.encode(), addressed)
    assert judgement.complaints == ()
    assert judgement.accepted
    assert judgement.number == "TILES-1"


@pytest.mark.parametrize(
    ("rule", "old", "new"), MUTATIONS, ids=[f"{n}-{m[0]}" for n, m in enumerate(MUTATIONS)]
)
def test_a_mutation_is_refused_by_the_rule_it_breaks(
    document: str, addressed: Addressing, rule: str, old: str, new: str
) -> None:
    assert old in document
    judgement = judge(document.replace(old, new).encode(), addressed)
    assert rule in judgement.rules
    assert not judgement.accepted


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"sender": "0088:7300010000002"}, "SANDBOX-SENDER"),
        ({"receiver": "9930:DE1"}, "SANDBOX-RECEIVER"),
        ({"doc_type": "urn:x::Invoice##y::2.1"}, "SANDBOX-DOCTYPE"),
        ({"process": "urn:other"}, "SANDBOX-PROCESS"),
        ({"country": "XX"}, "SANDBOX-COUNTRY"),
    ],
)
def test_an_envelope_that_says_otherwise_is_refused(
    document: str, addressed: Addressing, change: dict[str, Any], rule: str
) -> None:
    assert judge(document.encode(), replace(addressed, **change)).rules == [rule]


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda text: b"", "SANDBOX-XML"),
        (lambda text: b"\x00\xff" * 50, "SANDBOX-XML"),
        (lambda text: text[:-20].encode(), "SANDBOX-XML"),
        (lambda text: text.replace("<Invoice", "<!DOCTYPE Invoice>\n<Invoice").encode(), "SANDBOX-DTD"),
        (
            lambda text: text.replace("<Invoice", '<!DOCTYPE Invoice [<!ENTITY a "x">]>\n<Invoice')
            .replace("yard 4", "&a;")
            .encode(),
            "SANDBOX-DTD",
        ),
        (lambda text: text.replace("200.00", "200<!-- -->.00", 1).encode(), "SANDBOX-XML"),
        (lambda text: b"<order/>", "SANDBOX-ROOT"),
        (lambda text: b"<a>" * 100_000, "SANDBOX-XML"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_and_nothing_else_is_said(
    document: str, addressed: Addressing, make: Callable[[str], bytes], rule: str
) -> None:
    assert judge(make(document), addressed).rules == [rule]


def test_an_entity_bomb_is_refused_at_once(addressed: Addressing) -> None:
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f"<!DOCTYPE Invoice [{entities}]><Invoice>&a11;</Invoice>".encode()
    assert judge(bomb, addressed).rules[0] in ("SANDBOX-DTD", "SANDBOX-XML")


def test_all_faults_are_named_at_once(document: str, addressed: Addressing) -> None:
    broken = document.replace("<cbc:BuyerReference>yard 4</cbc:BuyerReference>", "").replace(
        ">229.90</cbc:PayableAmount>", ">1.00</cbc:PayableAmount>"
    )
    assert {"PEPPOL-EN16931-R003", "BR-CO-16"} <= set(judge(broken.encode(), addressed).rules)


def test_a_thousand_lines_are_judged(document: str, addressed: Addressing) -> None:
    head, line, tail = document.partition("<cac:InvoiceLine>")
    block = f"{line}{tail.partition('</cac:InvoiceLine>')[0]}</cac:InvoiceLine>"
    long = head + "".join(block.replace("<cbc:ID>1<", f"<cbc:ID>{n}<") for n in range(1000)) + "</Invoice>"
    assert "BR-CO-10" in judge(long.encode(), addressed).rules
