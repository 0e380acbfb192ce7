"""What the kit reads out of a wire document: of one that recasts the invoice, only what is to be paid."""

import json
from typing import Any

import msgspec
from msgspec.structs import replace

from tallystick.canonical import Invoice, canonical_bytes, complete, decode
from tallystick.conformance.wire import problems
from tallystick.formats import Unreadable
from tallystick.strategy import Document, Reading, Unread
from unit.canonical.documents import body_of, plain_document, plain_line


class Regrouping:
    """Writes one line for all: number, currency, and what is to be paid."""

    name = "regrouping"
    recasts = True

    def __init__(self, unread: tuple[Unread, ...] = ()) -> None:
        self.unread = unread

    def recognises(self, body: bytes) -> bool:
        return body.startswith(b'{"all"')

    def read(self, body: bytes) -> Reading:
        said = json.loads(body)["all"]
        if "number" not in said:
            raise Unreadable("too_foreign", "no number")
        line = plain_line(
            invoiced_quantity="1",
            price={"item_net_price": said["sum"]},
            tax={"category_code": "Z", "rate": "0"},
        )
        document = plain_document(invoice_number=said["number"], currency_code=said["currency"], lines=[line])
        return Reading(body_of(document), self.unread)


def _invoice(**terms: Any) -> Invoice:
    found = decode(body_of(plain_document(**terms))).invoice
    assert found is not None
    return complete(found).invoice


def _document(**said: str) -> Document:
    whole = {"number": "2026-117", "currency": "EUR", "sum": "119.01", **said}
    return Document(media_type="application/json", body=msgspec.json.encode({"all": whole}))


def _problems(invoice: Invoice, document: Document, strategy: Any = None) -> list[str]:
    speaker: Any = strategy or Regrouping()
    return list(problems(speaker, invoice, document))


def test_a_document_that_comes_to_the_same_says_enough() -> None:
    assert _problems(_invoice(), _document()) == []


def test_a_document_that_comes_to_another_sum_does_not() -> None:
    assert "119.02" in _problems(_invoice(), _document(sum="119.02"))[0]


def test_a_document_of_another_number_does_not() -> None:
    assert _problems(_invoice(), _document(number="2026-118")) != []


def test_rounding_belongs_to_what_is_to_be_paid() -> None:
    rounded = _invoice(document_totals={"rounding_amount": "-0.01"})

    assert _problems(rounded, _document(sum="119.00")) == []
    assert _problems(rounded, _document()) != []


def test_the_sum_may_be_in_the_accounting_currency_at_the_invoices_rate() -> None:
    exchange = {"from": "EUR", "to": "INR", "rate": "98.4275"}
    foreign = _invoice(tax_currency_code="INR", exchange_rate=exchange)

    assert _problems(foreign, _document(currency="INR", sum="11713.86")) == []
    assert _problems(foreign, _document(currency="INR", sum="11713.87")) != []


def test_what_is_left_out_is_told() -> None:
    strategy = Regrouping((Unread("/x", "y"),))

    assert "/x" in _problems(_invoice(), _document(), strategy)[0]


def test_a_document_that_cannot_be_read_back_is_told() -> None:
    garbled = Document(media_type="application/json", body=b'{"all": {}}')
    strange = Document(media_type="application/json", body=b'{"some": {}}')

    assert "cannot read" in _problems(_invoice(), garbled)[0]
    assert "does not recognise" in _problems(_invoice(), strange)[0]


def test_the_invoice_itself_says_all_of_it() -> None:
    invoice = _invoice(metadata={"note": "ours"})
    itself = Document(media_type="application/json", body=canonical_bytes(replace(invoice, metadata={})))
    other = Document(media_type="application/json", body=canonical_bytes(_invoice(invoice_number="7")))

    assert _problems(invoice, itself) == []
    assert _problems(invoice, other) != []


def test_without_leave_to_recast_every_total_must_stand_there() -> None:
    found = _problems(_invoice(), _document(), _without_leave(Regrouping()))

    assert any(problem.startswith("total_tax_amount") for problem in found)


def _without_leave(strategy: Regrouping) -> Any:
    class Whole:
        name = strategy.name
        recognises = staticmethod(strategy.recognises)
        read = staticmethod(strategy.read)

    return Whole()
