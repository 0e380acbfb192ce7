"""What holds for every invoice and every document, drawn at random."""

import json
import re
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tallystick.formats import ubl
from unit.formats.invoices import NASTY, canonical, carried, every_term, invoice_of, some_terms, texts_of
from unit.formats.official import ABSENT, WHY_ABSENT, schema_errors

PLAIN = ubl.Profile()


def written(document: dict[str, Any]) -> bytes:
    return ubl.invoice(invoice_of(document), PLAIN)


GOODS_AND_SERVICES = ubl.Profile(tax_scheme="GST", tax_registration_scheme="REG")
SEEDS = st.integers(0, 2**32)
TYPES = st.sampled_from(["380", "381", "326", "396", "751"])


@given(SEEDS, TYPES)
def test_reading_what_was_written_gives_the_same_invoice(seed: int, type_code: str) -> None:
    document = some_terms(seed, type_code)
    reading = ubl.read(written(document))
    said = json.loads(reading.invoice) | {"transaction_type": "b2c"}  # so that a buyer may lack terms
    assert canonical(said) == carried(document)
    assert reading.unread == ()


def test_a_tax_scheme_is_that_of_the_profile() -> None:
    document = every_term(type_code="380")
    body = ubl.invoice(invoice_of(document), GOODS_AND_SERVICES)

    own, plain = ubl.read(body, profile=GOODS_AND_SERVICES), ubl.read(body)

    assert own.unread == ()
    assert json.loads(own.invoice)["seller"]["tax_identifier"] == document["seller"]["tax_identifier"]
    assert {"GST", "REG"} <= {one.value for one in plain.unread}


@given(SEEDS, TYPES)
def test_the_bytes_are_their_own_canonical_form(seed: int, type_code: str) -> None:
    document = some_terms(seed, type_code)
    body = written(document)
    declaration, root = body.split(b"?>", 1)
    assert declaration == b'<?xml version="1.0" encoding="UTF-8"'
    assert etree.tostring(etree.fromstring(body), method="c14n").decode() == root.decode()


@given(SEEDS, TYPES)
def test_writing_is_pure(seed: int, type_code: str) -> None:
    document = some_terms(seed, type_code)
    assert written(document) == written(document)


_OFTEN = {
    "line_identifier",
    "invoiced_quantity",
    "unit_of_measure_code",
    "net_amount",
    "price",
    "tax",
    "item",
}
_OFTEN_TOO = {"allowances", "charges", "name", "sellers_identifier", "item_net_price", "base_quantity"}


def _plainer(line: dict[str, Any]) -> dict[str, Any]:
    """The line with no other terms than most lines have."""
    kept = {name: value for name, value in line.items() if name in _OFTEN | _OFTEN_TOO}
    for name in ("item", "price"):
        kept[name] = {term: value for term, value in kept[name].items() if term in _OFTEN_TOO}
    return kept | {"net_amount": line.get("net_amount", "1.00"), "tax": {"rate": "19.0"} | line["tax"]}


@given(SEEDS, TYPES)
def test_a_line_of_few_terms_is_written_as_any_line(seed: int, type_code: str) -> None:
    document = some_terms(seed, type_code)
    document["lines"] = [_plainer(line) for line in document["lines"]] + document["lines"]
    invoice = invoice_of(document)
    asked_for_extras = ubl.Profile(extras=ubl.Extras())  # which has none, but whose lines are written in full
    assert ubl.invoice(invoice, PLAIN).decode() == ubl.invoice(invoice, asked_for_extras).decode()


@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@given(SEEDS, TYPES)
def test_a_complete_invoice_obeys_the_schema(seed: int, type_code: str) -> None:
    document = some_terms(seed, type_code)
    document.setdefault("document_totals", {}).update(amount_due_for_payment="1.00", total_tax_amount="0.10")
    for one in document.get("tax_breakdown", ()):
        one |= {"tax_category_tax_amount": "0.10"}
    for line in document["lines"]:
        line["net_amount"] = "1.00"
    assert schema_errors(written(document)) == []


@pytest.mark.parametrize("type_code", ["380", "381"])
@pytest.mark.parametrize("text", NASTY)
def test_every_text_comes_back_letter_by_letter(text: str, type_code: str) -> None:
    document = every_term(lambda _: text, type_code=type_code)
    assert canonical(ubl.read(written(document)).invoice) == canonical(document)


@pytest.mark.parametrize("type_code", ["380", "381"])
def test_every_term_of_the_model_has_its_own_place(type_code: str) -> None:
    document = every_term(type_code=type_code)
    reading = ubl.read(written(document))
    assert reading.unread == ()
    assert canonical(reading.invoice) == canonical(document)
    assert len(dict(texts_of(document))) > 160


@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@pytest.mark.parametrize("type_code", ["380", "381"])
def test_every_term_stands_where_the_schema_wants_it(type_code: str) -> None:
    assert schema_errors(written(every_term(type_code=type_code))) == []


MARK = "M4RK"


def _tamper(root: etree._Element, choose: Random) -> None:
    """Slip a mark into the document: an attribute, an element, a second element of its kind, loose text."""
    nodes = list(root.iter())
    node, other = choose.choice(nodes), choose.choice(nodes)
    how = choose.choice(["attribute", "child", "twin", "tail", "text"])
    if how == "attribute":
        node.set(choose.choice(["schemeID", "currencyID", "languageID", "name", "{urn:x}y"]), MARK)
    elif how == "child":
        etree.SubElement(node, choose.choice([other.tag, "{urn:x}Foreign"])).text = MARK
    elif node is root or how == "text":
        node.text = MARK
    elif how == "tail":
        node.tail = MARK
    else:
        copy = etree.tostring(node, with_tail=False)
        node.addnext(etree.fromstring(re.sub(rb">[^<>]+</", f">{MARK}</".encode(), copy)))


@given(SEEDS, st.sampled_from(["380", "381"]))
def test_whatever_is_slipped_into_a_document_is_carried_or_named(seed: int, type_code: str) -> None:
    root = etree.fromstring(written(every_term(type_code=type_code)))
    _tamper(root, Random(seed))
    body = etree.tostring(root)
    reading = ubl.read(body)
    found = reading.invoice.count(MARK.encode()) + sum(one.value.count(MARK) for one in reading.unread)
    assert found >= body.count(MARK.encode())
