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


_OFTEN: dict[str, dict[str, Any]] = {
    "line": {
        "line_identifier": "1", "invoiced_quantity": "2", "unit_of_measure_code": "C62", "net_amount": "3.00",
        "allowances": [], "charges": [],
    },
    "item": {"name": "Lamp", "sellers_identifier": None},
    "price": {"item_net_price": "1.50", "base_quantity": None},
    "tax": {"category_code": "S", "rate": "19.0"},
    "party": {
        "name": "Lampenhaus", "identifiers": [], "tax_identifier": "DE1", "tax_registration_identifier": None,
        "contact": None,
    },
    "electronic_address": {"scheme": "0204", "value": "1"},
    "legal_registration_identifier": {"scheme": "0002", "value": "2"},
    "postal_address": {"line_1": "Weg 1", "city": "Berlin", "post_code": "10115", "country_code": "DE"},
}  # fmt: skip
"""What most lines and parties have, and of what value where chance took none; None: if chance took it."""


def _plainer(what: str, said: dict[str, Any]) -> dict[str, Any]:
    """No other terms than most have."""
    both = {name: said.get(name, value) for name, value in _OFTEN[what].items()}
    return {name: value for name, value in both.items() if value is not None}


def _usual_line(line: dict[str, Any]) -> dict[str, Any]:
    return _plainer("line", line) | {name: _plainer(name, line[name]) for name in ("item", "price", "tax")}


def _usual_party(party: dict[str, Any]) -> dict[str, Any]:
    groups = ("electronic_address", "legal_registration_identifier", "postal_address")
    return _plainer("party", party) | {name: _plainer(name, party.get(name, {})) for name in groups}


def _either_way(document: dict[str, Any]) -> bytes:
    """What is written of it, which is the same where all is written in full."""
    invoice = invoice_of(document)
    body = ubl.invoice(invoice, PLAIN)
    in_full = ubl.Profile(extras=ubl.Extras())  # it has none, but asks for them everywhere
    assert body.decode() == ubl.invoice(invoice, in_full).decode()
    return body


@given(SEEDS, TYPES)
def test_what_has_few_terms_is_written_as_in_full(seed: int, type_code: str) -> None:
    document = some_terms(seed, type_code)
    document["lines"] = [_usual_line(line) for line in document["lines"]] + document["lines"]
    seller, buyer = _usual_party(document["seller"]), _usual_party(document.get("buyer", {}))
    buyer.pop("tax_registration_identifier", None)
    _either_way(document | {"seller": seller, "buyer": buyer})


def test_what_has_few_terms_and_one_more_is_written_as_in_full() -> None:
    document = every_term(lambda term: "x", type_code="380")
    line, seller = document["lines"][0], document["seller"]
    few, party = _usual_line(line), _usual_party(seller)
    document |= {"lines": [few], "seller": party}
    plain = _either_way(document)
    more: list[dict[str, Any]] = [{"lines": [few | {name: line[name]}]} for name in line.keys() - few.keys()]
    more += [{"seller": party | {name: seller[name]}} for name in seller.keys() - party.keys()]
    for group in ("item", "price", "tax"):
        for name in line[group].keys() - few[group].keys():
            more.append({"lines": [few | {group: few[group] | {name: line[group][name]}}]})
    for group in ("postal_address", "electronic_address", "legal_registration_identifier"):
        for name in seller[group].keys() - party[group].keys():
            more.append({"seller": party | {group: party[group] | {name: seller[group][name]}}})
    assert len(more) > 15
    for changed in more:
        assert _either_way(document | changed) != plain, changed


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
