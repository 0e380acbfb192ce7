"""Bytes that break parsers. Each is small to write down and, sent, at most some megabytes."""

import json
from random import Random
from typing import Any

from api.conftest import default_invoice

__all__ = ["JSON", "TEXTS", "XML"]

UBL_HEAD = (
    '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">'
)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
DOCTYPES = {
    "external entity": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x.dtd"> %x;]>',
    "external dtd": '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd">',
    "billion laughs": f'<!DOCTYPE a [<!ENTITY l0 "lol">{LAUGHS}]>',
    "quadratic": f'<!DOCTYPE a [<!ENTITY x "{"x" * 50_000}">]>',
}


def with_value(pointer: tuple[Any, ...], value: Any) -> bytes:
    """A good invoice with one value replaced."""
    invoice: Any = default_invoice()
    node = invoice
    for step in pointer[:-1]:
        node = node[step]
    node[pointer[-1]] = value
    return json.dumps(invoice).encode()


PRICE = ("lines", 0, "price", "item_net_price")
GOOD = json.dumps(default_invoice())
NUMBERS = [
    "1e999999999",
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "1_000",
    " 1 ",
    "１２",
    "١٢",
    "0x10",
    "1E+2",
    "9" * 10_000,
    "1." + "0" * 10_000,
    "--1",
    "",
    "\u0000",
]
JSON: dict[str, bytes] = {
    **{f"price {text[:12]!r}": with_value(PRICE, text) for text in NUMBERS},
    "number literal": GOOD.replace('"100.00"', "100.00").encode(),
    "huge exponent literal": GOOD.replace('"100.00"', "1e999999999").encode(),
    "huge integer literal": GOOD.replace('"100.00"', "9" * 100_000).encode(),
    "NaN literal": GOOD.replace('"100.00"', "NaN").encode(),
    "NUL in a name": with_value(("seller", "name"), "a\x00b"),
    "raw NUL": GOOD.replace("Rain gauge", "Rain\x00gauge").encode(),
    "lone surrogate": GOOD.replace("Rain gauge", "\\ud800").encode(),
    "lone surrogate as bytes": GOOD.encode().replace(b"Rain gauge", b"\xed\xa0\x80"),
    "lone surrogate as a name": GOOD.replace('"notes"', "x").replace("{", '{"\\udfff":1,', 1).encode(),
    "overlong UTF-8": GOOD.encode().replace(b"Rain gauge", b"\xc0\xaf"),
    "duplicate name": GOOD.replace("{", '{"invoice_number":"X",', 1).encode(),
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep and closed": b"[" * 100_000 + b"]" * 100_000,
    "deep inside": GOOD.replace("{", '{"metadata":' + "[" * 5_000 + "]" * 5_000 + ",", 1).encode(),
    "many names": json.dumps({f"n{n}": 1 for n in range(100_000)}).encode(),
    "many lines": with_value(("lines",), [{}] * 100_000),
    "long text": with_value(("seller", "name"), "x" * 1_900_000),
    "ten megabytes": b'"' + b"x" * 10_000_000 + b'"',
    "blanks": b" " * 1_900_000,
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-32": GOOD.encode("utf-32"),
    "byte order mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "year 9999": with_value(("issue_date",), "9999-12-31"),
    "year 0000": with_value(("issue_date",), "0000-01-01"),
    "not an object": b"[]",
    "null": b"null",
    "nothing": b"",
    "zip": b"PK\x03\x04" + b"\x00" * 1_000,
    "prototype": GOOD.replace("{", '{"__proto__":{"a":1},', 1).encode(),
    "cut off": GOOD[:-20].encode(),
    "two documents": (GOOD + GOOD).encode(),
    "NUL after": GOOD.encode() + b"\x00",
    "country of controls": with_value(("seller", "postal_address", "country_code"), "\u202e\u0007"),
    "number of 64 kB": with_value(("invoice_number",), "9" * 65_536),
    "number too odd to compress": with_value(("invoice_number",), Random(7).randbytes(30_000).hex()),
    "identifier too odd to compress": with_value(
        ("seller", "tax_identifier"), Random(7).randbytes(30_000).hex()
    ),
    "number of controls": with_value(("invoice_number",), "A\x1bB"),
    "emoji": with_value(("seller", "name"), "🧾" * 1_000),
    "supersedes itself": with_value(("regime",), "no_such_regime"),
}
XML: dict[str, bytes] = {
    **{
        name: f"<?xml version='1.0'?>{text}{UBL_HEAD}<cbc:ID>&x;&l9;</cbc:ID></Invoice>".encode()
        for name, text in DOCTYPES.items()
    },
    "comment in a value": f"{UBL_HEAD}<cbc:ID>A<!-- B -->C</cbc:ID></Invoice>".encode(),
    "instruction in a value": f"{UBL_HEAD}<cbc:ID>A<?x y?>C</cbc:ID></Invoice>".encode(),
    "UTF-16": f"<?xml version='1.0' encoding='UTF-16'?>{UBL_HEAD}</Invoice>".encode("utf-16"),
    "UTF-7": b"<?xml version='1.0' encoding='UTF-7'?>+ADw-Invoice+AD4-",
    "EBCDIC": "<?xml version='1.0' encoding='cp037'?><a/>".encode("cp037"),
    "unknown encoding": b"<?xml version='1.0' encoding='klingon'?><a/>",
    "duplicate ids": f'{UBL_HEAD}<cbc:ID Id="a"/><cbc:ID Id="a"/></Invoice>'.encode(),
    "deep": (UBL_HEAD + "<a>" * 100_000).encode(),
    "deep and closed": (UBL_HEAD + "<a>" * 100_000 + "</a>" * 100_000 + "</Invoice>").encode(),
    "many attributes": (UBL_HEAD[:-1] + "".join(f" a{n}='x'" for n in range(50_000)) + "/>").encode(),
    "long text": (UBL_HEAD + "<cbc:ID>" + "x" * 1_900_000 + "</cbc:ID></Invoice>").encode(),
    "ten megabytes": (UBL_HEAD + "<cbc:ID>" + "x" * 10_000_000 + "</cbc:ID></Invoice>").encode(),
    "NUL": f"{UBL_HEAD}<cbc:ID>a\x00b</cbc:ID></Invoice>".encode(),
    "character reference to NUL": f"{UBL_HEAD}<cbc:ID>&#0;</cbc:ID></Invoice>".encode(),
    "character reference to a surrogate": f"{UBL_HEAD}<cbc:ID>&#xD800;</cbc:ID></Invoice>".encode(),
    "unbound prefix": b"<a:b/>",
    "cut off": UBL_HEAD.encode(),
    "empty": b"",
    "blank": b"   ",
    "JSON": b"{}",
    "signature wrapping": (
        f'{UBL_HEAD}<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:Object>'
        f"{UBL_HEAD}</Invoice></ds:Object></ds:Signature></Invoice>"
    ).encode(),
    "xinclude": (
        f'{UBL_HEAD}<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></Invoice>'
    ).encode(),
    "stylesheet": f"<?xml-stylesheet href='http://127.0.0.1:9/x.xsl'?>{UBL_HEAD}</Invoice>".encode(),
    "gzip": b"\x1f\x8b\x08\x00" + b"\x00" * 1_000,
}
TEXTS = [
    "%00",
    "%ED%A0%80",
    "%ff%fe",
    "%C0%AF",
    "..%2f..%2fetc%2fpasswd",
    "'%20OR%201=1--",
    "%25s%25n",
    "%E2%80%AE",
    "%F0%9F%A7%BE",
    "x" * 5_000,
    "{{7*7}}",
    "%0d%0aSet-Cookie:%20a=b",
    "-1",
    "1e309",
    "9" * 100,
    "%EF%BC%91%EF%BC%92",
    "null",
    "",
    "%",
    "%zz",
]
