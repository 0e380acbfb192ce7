"""Decoding: what is refused, where the fault points, and that everything is told at once."""

import json
import time
import tracemalloc
from typing import Any

import msgspec
import pytest

from tallystick.canonical import MAX_BODY_BYTES, Amount, Decoded, Fault, decode
from tallystick.canonical.decode import _fast, normal_form
from unit.canonical.documents import body_of, plain_document, plain_line
from yardstick import second, undisturbed


def _only(decoded: Decoded) -> Fault:
    assert decoded.invoice is None
    assert len(decoded.faults) == 1, decoded.faults
    return decoded.faults[0]


def _codes(decoded: Decoded) -> list[tuple[str, str]]:
    return [(fault.code, fault.pointer) for fault in decoded.faults]


def test_a_plain_invoice_is_decoded_on_the_fast_way() -> None:
    invoice = _fast(body_of(plain_document()), {})
    assert invoice is not None
    assert invoice == decode(body_of(plain_document())).invoice
    assert invoice.seller.name == "Kupferberg Leuchten GmbH"
    assert invoice.lines[0].price.item_net_price == Amount("33.335")


@pytest.mark.parametrize("layout", [{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}])
def test_the_fast_way_takes_every_usual_layout(layout: dict[str, Any]) -> None:
    document = plain_document(buyer_reference="Größe “M”, Łódź 東京 é", issue_time="09:30:00")
    assert _fast(json.dumps(document, **layout).encode(), {}) is not None


def test_a_number_keeps_the_digits_it_came_with() -> None:
    totals = {"paid_amount": "123456789012345678.90", "rounding_amount": "-0.50"}
    invoice = decode(body_of(plain_document(document_totals=totals))).invoice
    assert invoice is not None
    assert str(invoice.document_totals.paid_amount) == "123456789012345678.90"
    assert str(invoice.document_totals.rounding_amount) == "-0.50"


@pytest.mark.parametrize(
    "wrong",
    [
        "NaN", "sNaN", "Infinity", "1e5", "1E+999999999", "1_000", "+1", " 1", "1 ", "1\n", "\n1", "", ".5",
        "5.", "1,5", "--1", "-", "0x10", "١٢", "１２", "1" * 19, "1." + "1" * 13, "1.2.3",
    ],
)  # fmt: skip
def test_a_number_is_spelled_in_plain_ascii_digits(wrong: str) -> None:
    fault = _only(decode(body_of(plain_document(lines=[plain_line(invoiced_quantity=wrong)]))))
    assert (fault.code, fault.pointer, fault.term) == (
        "invoice/bad-number",
        "/lines/0/invoiced_quantity",
        "BT-129",
    )


@pytest.mark.parametrize("literal", ["[]", "{}", '["1"]', '{"value": "1"}', "true"])
def test_a_list_or_an_object_is_no_money(literal: str) -> None:
    body = body_of(plain_document()).replace(b'"rate": "19"', b'"rate": ' + literal.encode())
    assert b'"19"' not in body
    fault = _only(decode(body))
    assert (fault.code, fault.pointer) == ("invoice/wrong-type", "/lines/0/tax/rate")


@pytest.mark.parametrize("literal", ["1", "1.50", "1e999999999", "-0", "NaN", "Infinity", "9" * 1_000_000])
def test_a_json_number_is_no_money(literal: str) -> None:
    body = body_of(plain_document(lines=[plain_line(net_amount="@")])).replace(b'"@"', literal.encode())
    fault = _only(decode(body))
    assert (fault.code, fault.pointer) == ("request/float-money", "/lines/0/net_amount")
    assert len(fault.actual) < 100
    assert type(fault.actual) is str
    assert (f'"{literal}"' in fault.hint) == (literal in ("1", "1.50", "-0"))


def test_every_fault_is_told_at_once() -> None:
    document = plain_document(
        issue_date="2026-02-30",
        currency_code="eur",
        invoice_nmber="7",
        invoice_number=None,
        buyer={"name": " "},
        transaction_type="b2x",
        lines=[plain_line(net_amount=1.5), plain_line(item={}), 3],
        supporting_documents=[
            {"reference": "a", "attached_document": {"content": "?", "mime_code": "a", "filename": "b"}}
        ],
        preceding_invoice_references=[{"reference": "1", "external": "yes"}],
    )
    assert sorted(_codes(decode(body_of(document)))) == sorted(
        [
            ("invoice/bad-date", "/issue_date"),
            ("invoice/bad-text", "/currency_code"),
            ("invoice/unknown-field", "/invoice_nmber"),
            ("invoice/missing-term", "/invoice_number"),
            ("invoice/blank-text", "/buyer/name"),
            ("invoice/missing-term", "/buyer/postal_address"),
            ("invoice/unknown-value", "/transaction_type"),
            ("request/float-money", "/lines/0/net_amount"),
            ("invoice/missing-term", "/lines/1/item/name"),
            ("invoice/wrong-type", "/lines/2"),
            ("invoice/bad-value", "/supporting_documents/0/attached_document/content"),
            ("invoice/wrong-type", "/preceding_invoice_references/0/external"),
        ]
    )


def test_a_missing_term_is_told_by_its_business_term() -> None:
    document = plain_document(seller=None, lines=None)
    terms = {fault.pointer: fault.term for fault in decode(body_of(document)).faults}
    assert terms == {"/seller": "BG-4", "/lines": "BG-25"}


def test_null_stands_for_absent_but_not_for_a_required_term() -> None:
    assert decode(body_of(plain_document() | {"buyer_reference": None})).invoice is not None
    fault = _only(decode(body_of(plain_document() | {"type_code": None})))
    assert (fault.code, fault.pointer) == ("invoice/missing-term", "/type_code")


def test_a_buyer_of_the_wrong_kind_is_told_once() -> None:
    assert _codes(decode(body_of(plain_document(buyer="ACME")))) == [("invoice/wrong-type", "/buyer")]


def test_an_invoice_has_a_line() -> None:
    assert _codes(decode(body_of(plain_document(lines=[])))) == [("invoice/too-few", "/lines")]


def test_a_buyer_may_only_be_missing_when_the_sale_is_to_a_consumer() -> None:
    assert _codes(decode(body_of(plain_document(buyer=None)))) == [("invoice/missing-term", "/buyer")]
    assert decode(body_of(plain_document(buyer=None, transaction_type="b2c"))).invoice is not None
    nameless = plain_document(buyer={}, transaction_type="b2c")
    assert decode(body_of(nameless)).invoice is not None


def test_an_unknown_field_gets_the_nearest_name_as_a_hint() -> None:
    fault = _only(decode(body_of(plain_document(purchase_order_refernce="4711"))))
    assert fault.code == "invoice/unknown-field"
    assert "purchase_order_reference" in fault.hint


def test_a_name_nothing_looks_like_gets_no_hint() -> None:
    for name in ("qqqq", "q" * 100):
        assert _only(decode(body_of(plain_document(**{name: "x"})))).hint == ""


def test_a_wrong_name_gets_its_hint_wherever_it_stands() -> None:
    faults = decode(body_of(plain_document(lines=[plain_line(net_amout="1.00")] * 2))).faults
    assert [fault.hint for fault in faults] == ["Did you mean net_amount?"] * 2


def test_a_group_of_few_terms_names_them_all() -> None:
    fault = _only(decode(body_of(plain_document(notes=[{"content": "x", "qqqq": "y"}]))))
    assert fault.hint == "Known here: content, subject_code."


def test_an_identifiers_faults_carry_the_identifiers_term() -> None:
    seller = plain_document()["seller"] | {"identifiers": [{"value": 5}]}
    fault = _only(decode(body_of(plain_document(seller=seller))))
    assert (fault.pointer, fault.term) == ("/seller/identifiers/0/value", "BT-29")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"invoice_number":"a","invoice_number":"a"}', "/invoice_number"),
        (b'{"invoice_number" : "a", "\\u0069nvoice_number":"b"}', "/invoice_number"),
        (b'{"seller":{"name":"a","name":"a"}}', "/seller/name"),
        (b'{"lines":[{},{"tax":{"rate":"1","rate":"2"}}]}', "/lines/1/tax/rate"),
        (b'{"metadata":{"a":"1","a":"1"}}', "/metadata/a"),
    ],
)
def test_a_name_given_twice_is_a_fault_at_its_place(body: bytes, pointer: str) -> None:
    found = [fault.pointer for fault in decode(body).faults if fault.code == "request/duplicate-key"]
    assert found == [pointer]


def test_a_name_given_twice_in_an_otherwise_good_invoice_is_refused() -> None:
    good = body_of(plain_document(notes=[{"content": 'say "x": y'}]))
    assert decode(good).invoice is not None
    doubled = good.replace(b'"type_code": "380"', b'"type_code": "380", "type_code" : "380"')
    assert _only(decode(doubled)).code == "request/duplicate-key"


@pytest.mark.parametrize("colon", [":", " :", "\n\t\r :"])
@pytest.mark.parametrize("note", ["plain", ":", "a: b", '": ', "\\u003a", 'say "x": y'])
@pytest.mark.parametrize("first", [True, False])
def test_no_layout_and_no_text_hides_a_name_given_twice(colon: str, note: str, first: bool) -> None:
    good = json.dumps(plain_document(notes=[{"content": note}])).replace("\\\\u", "\\u")
    assert decode(good.encode()).invoice is not None
    for name in ("type_code", "country_code", "line_identifier"):
        twice = f'"{name}"{colon} "XX", "{name}"' if first else f'"{name}": "XX", "{name}"{colon}'
        written = f'"{name}"' if first else f'"{name}":'
        doubled = good.replace(written, twice, 1)
        codes = {code for code, _ in _codes(decode(doubled.encode()))}
        assert codes == {"request/duplicate-key"}, (name, codes)


def test_the_normal_form_is_the_same_in_every_layout_and_order() -> None:
    document = plain_document(notes=[{"content": 'a: \u20ac "b"'}])
    turned = dict(reversed(document.items()))
    layouts = [
        json.dumps(document),
        json.dumps(turned, indent=3, ensure_ascii=False, separators=(" , ", " : ")),
    ]
    forms = {normal_form(layout.encode()) for layout in layouts}
    assert len(forms) == 1 and json.loads(forms.pop()) == document
    other = json.dumps(plain_document(notes=[{"content": "a:"}])).encode()
    assert normal_form(other) != normal_form(layouts[0].encode())


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 5000, b'"\\ud800"'])
def test_what_is_no_json_is_its_own_normal_form(body: bytes) -> None:
    assert normal_form(body) == body


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2026-01-31", True), ("1900-01-01", True), ("2100-12-31", True), ("2024-02-29", True),
        ("1899-12-31", False), ("2101-01-01", False), ("0001-01-01", False), ("2023-02-29", False),
        ("2026-1-1", False), ("20260101", False), ("2026-01-01T00:00:00", False), ("2026-01-01Z", False),
        (" 2026-01-01", False), ("２026-01-01", False), ("2026-W01-1", False), ("", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("term", ["issue_date", "payment_due_date", "tax_point_date"])
def test_a_date_is_a_real_day_of_our_times(term: str, text: str, right: bool) -> None:
    decoded = decode(body_of(plain_document(**{term: text})))
    assert (decoded.invoice is not None) == right
    assert right or [fault.pointer for fault in decoded.faults] == [f"/{term}"]


@pytest.mark.parametrize(
    "place", ["delivery", "invoicing_period", "exchange_rate", "preceding_invoice_references", "lines"]
)
def test_no_date_of_the_model_escapes_its_bounds(place: str) -> None:
    day = "1066-10-14"
    terms: dict[str, Any] = {
        "delivery": {"actual_delivery_date": day},
        "invoicing_period": {"end_date": day},
        "exchange_rate": {"from": "EUR", "to": "SEK", "rate": "11", "date": day},
        "preceding_invoice_references": [{"reference": "1", "issue_date": day}],
        "lines": [plain_line(period={"start_date": day})],
    }
    fault = _only(decode(body_of(plain_document(**{place: terms[place]}))))
    assert fault.code == "invoice/date-out-of-range"
    assert fault.pointer.startswith(f"/{place}/")


@pytest.mark.parametrize(
    "text", ["10:00", "10:00:00Z", "10:00:00.5", "24:00:00", "10:60:00", "1000", "10:00:00+01:00"]
)
def test_a_time_has_seconds_and_no_zone(text: str) -> None:
    assert _codes(decode(body_of(plain_document(issue_time=text)))) == [("invoice/bad-time", "/issue_time")]
    assert decode(body_of(plain_document(issue_time="23:59:59"))).invoice is not None


@pytest.mark.parametrize("text", ["", " ", "\t\n", "\u00a0", "\u3000", "\u2003\u2009"])
@pytest.mark.parametrize("escaped", [True, False])
def test_a_text_that_is_given_has_something_in_it(text: str, escaped: bool) -> None:
    body = json.dumps(plain_document(payment_terms=text), ensure_ascii=escaped).encode()
    assert _codes(decode(body)) == [("invoice/blank-text", "/payment_terms")]


@pytest.mark.parametrize(
    "code",
    [0, 1, 8, 0xB, 0xC, 0x1F, 0xD800, 0xDFFF, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFF, 0x10FFFE],
)
def test_a_text_has_no_character_that_no_document_may_hold(code: int) -> None:
    body = json.dumps(plain_document(payment_terms=f"a{chr(code)}b")).encode()
    fault = _only(decode(body))
    assert (fault.code, fault.pointer) == ("request/forbidden-character", "/payment_terms")
    msgspec.json.encode(fault)


def test_text_may_have_lines_tabs_and_every_other_script() -> None:
    text = "one\r\n\ttwo – שלום مرحبا 東京 😀 \u200e \x7f"
    for escaped in (True, False):
        body = json.dumps(plain_document(payment_terms=text), ensure_ascii=escaped).encode()
        invoice = decode(body).invoice
        assert invoice is not None and invoice.payment_terms == text


def test_metadata_is_plain_text_under_plain_names() -> None:
    assert decode(body_of(plain_document(metadata={"order.id": "", "x": " "}))).invoice is not None
    decoded = decode(body_of(plain_document(metadata={"a b": "1", "ok": 1, "x" * 65: "1"})))
    assert sorted(_codes(decoded)) == sorted(
        [
            ("invoice/bad-text", "/metadata/a b"),
            ("invoice/wrong-type", "/metadata/ok"),
            ("invoice/bad-text", "/metadata/" + "x" * 65),
        ]
    )


def test_pointers_escape_what_rfc_6901_escapes() -> None:
    fault = _only(decode(body_of(plain_document(**{"a/b~c": 1}))))
    assert fault.pointer == "/a~1b~0c"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "request/empty"),
        (b" \r\n\t", "request/empty"),
        (b"\xef\xbb\xbf{}", "request/encoding"),
        ("{}".encode("utf-16"), "request/encoding"),
        ("{}".encode("utf-16-le"), "request/encoding"),
        ("{}".encode("utf-16-be"), "request/encoding"),
        ("{}".encode("utf-32"), "request/encoding"),
        (b'{"invoice_number":"\xff"}', "request/encoding"),
        (b'{"invoice_number":"\xed\xa0\x80"}', "request/encoding"),
        (b'{"invoice_number":"\xc0\x80"}', "request/encoding"),
        (b"{", "request/malformed"),
        (b"{'a':1}", "request/malformed"),
        (b'{"a":1,}', "request/malformed"),
        (b'{"a":01}', "request/malformed"),
        (b'{"a":"\n"}', "request/malformed"),
        (b"{}{}", "request/malformed"),
        (b"{}\x00", "request/malformed"),
        (b"+AHs-}", "request/malformed"),
        (b"[]", "request/not-an-object"),
        (b'"invoice"', "request/not-an-object"),
        (b"null", "request/not-an-object"),
        (b"1", "request/not-an-object"),
        (b" " * (MAX_BODY_BYTES + 1), "request/too-large"),
        (b"[" * 100_000, "request/too-deep"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "request/too-deep"),
        (b'{"regime_data":{"xx":' + b"[" * 40 + b"]" * 40 + b"}}", "request/too-deep"),
        (b'{"a":[' + b"1," * 400_000 + b"1]}", "request/too-many-values"),
    ],
)
def test_what_is_no_json_object_is_told_in_one_fault(body: bytes, code: str) -> None:
    fault = _only(decode(body))
    assert (fault.code, fault.pointer) == (code, "")


_BIG = MAX_BODY_BYTES - 100
_HOSTILE = {
    "brackets": b"[" * _BIG,
    "quotes": b'"' + b'\\"' * (_BIG // 2),
    "escaped quotes and a backslash": b'"' + b'\\"' * (_BIG // 2) + b"\\",
    "only quotes": b"{" + b'"' * _BIG,
    "one long number": b'{"a":' + b"1" * (_BIG - 8) + b"}",
    "many numbers": b'{"lines":[' + b",".join(b"%d" % n for n in range(270_000)) + b"]}",
    "many unknown names": b"{" + b",".join(b'"%d":0' % n for n in range(190_000)) + b"}",
    "many empty lines": b'{"lines":[' + b",".join([b"{}"] * 149_000) + b"]}",
    "many wrong lines": b'{"lines":[' + b",".join(b'{"x%d":1}' % n for n in range(149_000)) + b"]}",
    "one name again and again": b'{"metadata":{' + b",".join([b'"a":"b"'] * 200_000) + b"}}",
    "surrogates": b'{"a":"' + b"\\ud800" * (_BIG // 7) + b'"}',
    "a long unclean name": b'{"' + b"\\u0000" * (_BIG // 7) + b'":1}',
    "blanks": b'{"a":"' + b" " * (_BIG - 10) + b'"}',
    "spaces in quotes": b'{"a":[' + b",".join([b'"  "'] * 250_000) + b"]}",
    "sixteen million in base64": b'{"supporting_documents":[{"reference":"a","attached_document":{"content":"'
    + b"A" * (_BIG - 200)
    + b'="}}]}',
}


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_body_is_answered_within_a_second(name: str) -> None:
    body = _HOSTILE[name]
    assert len(body) <= MAX_BODY_BYTES
    with undisturbed():
        start = time.process_time()
        decoded = decode(body)
        took = time.process_time() - start
    assert decoded.invoice is None and decoded.faults
    assert took < second()
    msgspec.json.encode(decoded.faults)


@pytest.mark.parametrize("name", ["many numbers", "many empty lines", "many wrong lines"])
def test_a_hostile_body_takes_less_than_a_hundred_megabytes(name: str) -> None:
    tracemalloc.start()
    try:
        decode(_HOSTILE[name])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000


def test_faults_without_end_are_cut_with_a_word_about_it() -> None:
    faults = decode(_HOSTILE["many unknown names"]).faults
    assert len(faults) == 10_001
    assert faults[-1].code == "request/too-many-faults"
