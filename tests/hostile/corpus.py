"""The hostile corpus: bytes that break parsers, each made only when it is wanted, since some are large.

One corpus for everything that reads bytes from outside: the API's seeds and what only costs too much there.
"""

import gzip
import io
import json
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from api.corpus import GOOD, JSON, UBL_HEAD, XML

__all__ = ["CORPUS", "SHORT", "Seed"]

Seed = Callable[[], bytes]
MEGABYTE: Final = 1 << 20
MASKED: Final = json.loads(GOOD)


def lines(count: int, **more: object) -> bytes:
    """A good invoice of so many lines."""
    (line,) = MASKED["lines"]
    made = [{**line, "line_identifier": str(number), **more} for number in range(1, count + 1)]
    return json.dumps({**MASKED, "lines": made}).encode()


def invoice(**more: object) -> bytes:
    return json.dumps({**MASKED, **more}).encode()


def zipped(*files: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as opened:
        for name, body in files:
            opened.writestr(name, body)
    return buffer.getvalue()


def token(header: bytes, payload: bytes = b"{}", signature: bytes = b"\0" * 64) -> bytes:
    """A compact JWS of these parts."""
    return b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload, signature))


def wrapped(child: str) -> bytes:
    """A signature that wraps another invoice, one of the known ways."""
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
    original = f'{UBL_HEAD[:-1]} Id="a"><cbc:ID>GOOD</cbc:ID></Invoice>'
    forged = f'{UBL_HEAD[:-1]} Id="a"><cbc:ID>EVIL</cbc:ID>'
    reference = '<ds:SignedInfo><ds:Reference URI="#a"/></ds:SignedInfo>'
    ways = {
        "before": f"{forged}{original}{signature}{reference}</ds:Signature></Invoice>",
        "after": f"{forged}{signature}{reference}</ds:Signature>{original}</Invoice>",
        "inside": f"{forged}{signature}{reference}<ds:Object>{original}</ds:Object></ds:Signature></Invoice>",
        "around": f"{signature}{reference}<ds:Object>{forged}{original}</Invoice></ds:Object></ds:Signature>",
        "extension": f"{forged}<Ext>{original}</Ext>{signature}{reference}</ds:Signature></Invoice>",
        "sibling": f"{forged}</Invoice>{original}",
    }
    return ways[child].encode()


LARGE: Final[dict[str, Seed]] = {
    "two megabytes of commas": lambda: b"," * 2 * MEGABYTE,
    "an array of commas": lambda: b"[" + b"," * 2 * MEGABYTE + b"]",
    "an array of nulls": lambda: b"[" + b"null," * 400_000 + b"null]",
    "an array of empty arrays": lambda: b"[" + b"[]," * 600_000 + b"[]]",
    "notes of nulls": lambda: GOOD[:-1].encode() + b',"notes":[' + b"null," * 380_000 + b"null]}",
    "two megabytes of escapes": lambda: b'{"invoice_number":"' + b"\\u0041" * 300_000 + b'"}',
    "two megabytes of backslashes": lambda: b'"' + b"\\\\" * MEGABYTE + b'"',
    "two megabytes of digits": lambda: b"1" * 2 * MEGABYTE,
    "two megabytes of quoted digits": lambda: invoice(paid_amount="1" * 1_900_000),
    "two megabytes of zeros after the point": lambda: invoice(paid_amount="1." + "0" * 1_900_000),
    "many duplicate names": lambda: b"{" + b'"a":1,' * 300_000 + b'"a":1}',
    "many duplicate names inside": lambda: GOOD[:-1].encode()
    + b',"metadata":{' + b'"a":"1",' * 200_000 + b'"a":"1"}}',
    "many known names": lambda: b"{" + b'"invoice_number":"1",' * 90_000 + b'"due":1}',
    "many misspelt names": lambda: json.dumps({f"invoice_numbe{n}": 1 for n in range(60_000)}).encode(),
    "one long misspelt name": lambda: b'{"' + b"invoice_number" * 100_000 + b'":1}',
    "a thousand lines": lambda: lines(1_000),
    "four thousand lines": lambda: lines(4_000),
    "four thousand wrong lines": lambda: lines(4_000, net_amount="1.00"),
    "four thousand lines of different rates": lambda: json.dumps(
        {**MASKED, "lines": [
            {**MASKED["lines"][0], "line_identifier": str(n),
             "tax": {"category_code": "S", "rate": f"{n}.{n}"}}
            for n in range(4_000)
        ]}
    ).encode(),
    "lines of one name": lambda: json.dumps(
        {**MASKED, "lines": [{**MASKED["lines"][0], "line_identifier": "1"}] * 4_000}
    ).encode(),
    "amounts at the limit": lambda: lines(1_000, price={"item_net_price": "9" * 18 + "." + "9" * 12}),
    "quantities at the limit": lambda: lines(
        1_000, invoiced_quantity="9" * 18 + "." + "9" * 12,
        price={"item_net_price": "9" * 18 + "." + "9" * 12, "base_quantity": "0.000000000001"},
    ),
    "a base quantity of nothing": lambda: lines(1, price={"item_net_price": "1", "base_quantity": "0"}),
    "many allowances": lambda: invoice(
        allowances=[{"amount": "1.00", "reason": "x", "tax": {"category_code": "S", "rate": "16"}}] * 10_000
    ),
    "notes of a megabyte": lambda: invoice(notes=[{"note": "x" * MEGABYTE}]),
    "a regular expression's nightmare": lambda: invoice(
        seller={**MASKED["seller"], "tax_identifier": "a" * 50_000 + "!", "electronic_address": {
            "scheme": "0088", "value": "0" * 50_000 + "!"}}, invoice_number="-" * 50_000,
    ),
    "a million attributes": lambda: UBL_HEAD[:-1].encode()
    + b"".join(b" a%d='x'" % n for n in range(800_000)) + b"/>",
    "a million elements": lambda: UBL_HEAD.encode() + b"<a/>" * 1_000_000 + b"</Invoice>",
    "a million namespaces": lambda: UBL_HEAD[:-1].encode()
    + b"".join(b" xmlns:a%d='x'" % n for n in range(300_000)) + b"/>",
    "a million comments": lambda: UBL_HEAD.encode() + b"<!---->" * 1_000_000 + b"</Invoice>",
    "a million instructions": lambda: b"<?a?>" * 1_000_000 + UBL_HEAD.encode() + b"</Invoice>",
    "a million entities": lambda: UBL_HEAD.encode()
    + b"<cbc:ID>" + b"&lt;" * 1_000_000 + b"</cbc:ID></Invoice>",
    "ten megabytes of text": lambda: UBL_HEAD.encode()
    + b"<cbc:ID>" + b"x" * 10 * MEGABYTE + b"</cbc:ID></Invoice>",
    "a hundred megabytes": lambda: UBL_HEAD.encode() + b"<cbc:ID>" + b"x" * 100 * MEGABYTE,
    "an unclosed comment": lambda: b"<!--" + b"- " * MEGABYTE,
    "an unclosed section": lambda: UBL_HEAD.encode() + b"<![CDATA[" + b"]]" * MEGABYTE,
    "a name of a megabyte": lambda: b"<" + b"a" * MEGABYTE + b"/>",
    "two hundred deep": lambda: UBL_HEAD.encode() + b"<a>" * 200 + b"</a>" * 200 + b"</Invoice>",
    "many invoice lines": lambda: UBL_HEAD.encode()
    + b"<a:InvoiceLine xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2'>"
      b"<cbc:ID>1</cbc:ID></a:InvoiceLine>" * 20_000 + b"</Invoice>",
    "gzip bomb": lambda: gzip.compress(b"\0" * 100 * MEGABYTE, 9),
    "gzip of a bomb": lambda: gzip.compress(gzip.compress(b"\0" * 100 * MEGABYTE, 9), 9),
    "zip bomb": lambda: zipped(*((f"{n}", b"\0" * 10 * MEGABYTE) for n in range(10))),
    "receipt bomb": lambda: zipped(("entries/000001.json", b"[" + b"[]," * 5 * MEGABYTE + b"[]]")),
}  # fmt: skip
SMALL: Final[dict[str, Seed]] = {
    **{f"wrapping {way}": partial(wrapped, way) for way in
       ("before", "after", "inside", "around", "extension", "sibling")},
    "utf-7 declared as itself": lambda: b"<?xml version='1.0' encoding='utf-7'?>+ADw-a/+AD4-",
    "utf-16 without a mark": lambda: f"<?xml version='1.0'?>{UBL_HEAD}</Invoice>".encode("utf-16-be"),
    "utf-32 with a mark": lambda: f"<?xml version='1.0'?>{UBL_HEAD}</Invoice>".encode("utf-32"),
    "utf-7 mark": lambda: b"+/v8-<a/>",
    "doctype after a comment": lambda: b"<!-- a --><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "doctype in lower case": lambda: b"<!doctype a><a/>",
    "doctype in a byte order mark": lambda: b"\xef\xbb\xbf\xef\xbb\xbf<!DOCTYPE a><a/>",
    "an entity that is not declared": lambda: UBL_HEAD.encode() + b"<cbc:ID>&xxe;</cbc:ID></Invoice>",
    "xml 1.1": f"<?xml version='1.1'?>{UBL_HEAD}<cbc:ID>&#1;</cbc:ID></Invoice>".encode,
    "full-width digits in an amount": lambda: invoice(paid_amount="１２.３４"),
    "a negative zero": lambda: invoice(paid_amount="-0"),
    "a true amount": lambda: invoice(paid_amount=True),
    "an amount in an array": lambda: invoice(paid_amount=["1"]),
    "a lone low surrogate": lambda: GOOD.replace("Rain gauge", "\\udc00\\ud800").encode(),
    "half a surrogate in a name": lambda: b'{"\\ud800":"\\udfff"}',
    "half a surrogate in metadata": lambda: GOOD[:-1].encode() + b',"metadata":{"\\ud800":"\\udbff"}}',
    "a pointer in a name": lambda: invoice(**{"~1~0/": 1, "": 2, "\u202e": 3}),
    "non-characters": lambda: invoice(invoice_number="A\ufffe\uffff\U0010ffff"),
    "right to left": lambda: invoice(invoice_number="\u202eA\u2066B"),
    "combining marks": lambda: invoice(invoice_number="A" + "\u0301" * 10_000),
    "a date in February": lambda: invoice(issue_date="2025-02-30"),
    "a date of other digits": lambda: invoice(issue_date="２０２６-０１-０１"),
    "a negative year": lambda: invoice(issue_date="-2026-01-01"),
    "a percent in everything": lambda: invoice(invoice_number="%s%n%x{0}${x}#{7*7}"),
    "a line feed in everything": lambda: invoice(invoice_number="A\r\nSet-Cookie: a=b"),
    "a control for the log": lambda: invoice(invoice_number="\u0001\u0002\u0003\u0004"),
    "base64 that is none": lambda: invoice(supporting_documents=[{"reference": "1", "attached_document": {
        "content": "=" * 1000, "mime_code": "text/plain", "filename": "../../etc/passwd"}}]),
    "token none": lambda: token(b'{"alg":"none"}', signature=b""),
    "token other algorithm": lambda: token(b'{"alg":"HS256"}'),
    "token key inside": lambda: token(b'{"alg":"EdDSA","jwk":{"kty":"OKP"},"x5u":"http://127.0.0.1:9/"}'),
    "token unknown extension": lambda: token(b'{"alg":"EdDSA","crit":["exp"],"exp":1}'),
    "token empty extension": lambda: token(b'{"alg":"EdDSA","crit":[]}'),
    "token of zeros": lambda: token(b'{"alg":"ES256"}'),
    "token twice": lambda: token(b'{"alg":"none","alg":"EdDSA"}'),
    "token of a long header": lambda: token(b'{"alg":"' + b"E" * 2 * MEGABYTE + b'"}'),
    "token of many dots": lambda: b"." * MEGABYTE,
    "token deep": lambda: token(b"[" * 100_000),
    "token of numbers": lambda: token(b'{"alg":1e999}'),
    "url inside": lambda: b"http://169.254.169.254/latest/meta-data/",
    "url user": lambda: b"https://hooks.example.com@127.0.0.1/",
    "url backslash": lambda: b"https://hooks.example.com\\@127.0.0.1/",
    "url port": lambda: b"https://hooks.example.com:99999999999/",
    "url bracket": lambda: b"https://[::1/",
    "url zone": lambda: b"https://[fe80::1%25eth0]/",
    "url other digits": "https://１２７.０.０.１/".encode,
    "url idn": ("https://" + "\u2488" * 100 + ".example/").encode,
    "url long label": lambda: b"https://" + b"a" * 300 + b".example/",
    "url line feed": lambda: b"https://a\r\nHost: b/",
    "message pack": lambda: b"\xdf\xff\xff\xff\xff",
    "message pack deep": lambda: b"\x91" * 100_000,
    "message pack text": lambda: b"\xdb\xff\xff\xff\xff",
    "pickle": lambda: b"cos\nsystem\n(S'true'\ntR.",
    "status of an access point": lambda: b'{"overallSuccess":true,"sbdhInstanceIdentifier":"x",'
    b'"sendingSuccess":1e999}',
    "status deep": lambda: b'{"overallSuccess":' + b"[" * 100_000,
    "status twice": lambda: b'{"overallSuccess":false,"overallSuccess":true}',
    "html": lambda: b"<html><body>overallSuccess: true</body></html>",
}  # fmt: skip


def _constant(bodies: dict[str, bytes], kind: str) -> Iterator[tuple[str, Seed]]:
    for name, body in bodies.items():
        yield f"{kind}: {name}", partial(bytes, body)


SHORT: Final[dict[str, Seed]] = {**dict(_constant(JSON, "json")), **dict(_constant(XML, "xml")), **SMALL}
"""What is quick enough for every run of the suite."""
CORPUS: Final[dict[str, Seed]] = {**SHORT, **LARGE}
"""All of it."""
