"""XML from outside: every attack is refused by name, quickly, and in little memory."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tallystick.formats import Unreadable
from tallystick.formats.xml_in import MAX_BYTES, parse
from yardstick import second

LAUGHS = b"".join(
    [
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">',
        *[f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">'.encode() for n in range(1, 10)],
        b"]><a>&l9;</a>",
    ]
)
QUADRATIC = b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 50_000 + b'">]><a>' + b"&x;" * 50_000 + b"</a>"

HOSTILE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a document type": ("doctype", lambda: b"<!DOCTYPE a><a/>"),
    "a document type behind comments": (
        "doctype",
        lambda: b'\n<?x y?><!-- ? --> <!DOCTYPE a SYSTEM "x"><a/>',
    ),
    "a document type behind two byte order marks": (
        "encoding",
        lambda: b"\xef\xbb\xbf\xef\xbb\xbf<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
    ),
    "a billion laughs": ("doctype", lambda: LAUGHS),
    "quadratic blow-up": ("doctype", lambda: QUADRATIC),
    "an external entity": (
        "doctype",
        lambda: b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    ),
    "an external parameter entity": (
        "doctype",
        lambda: b'<!DOCTYPE a [<!ENTITY % x SYSTEM "http://x/"> %x;]><a/>',
    ),
    "an undeclared entity": ("not_xml", lambda: b"<a>&x;</a>"),
    "a comment inside an amount": ("interrupted_value", lambda: b"<a><b>1<!-- -->00</b></a>"),
    "a comment before a value": ("interrupted_value", lambda: b"<a><b><!-- -->100</b></a>"),
    "an instruction inside a value": ("interrupted_value", lambda: b"<a><b>1<?x y?>00</b></a>"),
    "a comment between parts of a text": ("interrupted_value", lambda: b"<a>one<!-- -->two</a>"),
    "a hundred megabytes": ("too_large", lambda: b"<a>" + b" " * 100_000_000 + b"</a>"),
    "UTF-16 with a mark": ("encoding", lambda: "<a>1</a>".encode("utf-16")),
    "UTF-16 without a mark": ("encoding", lambda: "<a>1</a>".encode("utf-16-le")),
    "big-endian UTF-16 without a mark": ("encoding", lambda: "<a>1</a>".encode("utf-16-be")),
    "UTF-32": ("encoding", lambda: "<a>1</a>".encode("utf-32")),
    "UTF-7 declared": ("encoding", lambda: b'<?xml version="1.0" encoding="UTF-7"?>+ADw-a/+AD4-'),
    "UTF-7 with a mark": ("encoding", lambda: b"+/v8-+ADw-a/+AD4-"),
    "UTF-7 without a word": ("not_xml", lambda: b"+ADw-a/+AD4-"),
    "Latin-1 declared": ("encoding", lambda: b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>"),
    "Latin-1 undeclared": ("encoding", lambda: b"<a>\xe4</a>"),
    "an overlong slash": ("encoding", lambda: b"<a>\xc0\xaf</a>"),
    "a surrogate in UTF-8": ("encoding", lambda: b"<a>\xed\xa0\x80</a>"),
    "a NUL": ("nul", lambda: b"<a>12345\x00</a>"),
    "another control character": ("not_xml", lambda: b"<a>\x01</a>"),
    "a reference to a control character": ("not_xml", lambda: b"<a>&#1;</a>"),
    "elements a hundred thousand deep": ("too_deep", lambda: b"<a>" * 100_000 + b"</a>" * 100_000),
    "two million elements": ("too_much_markup", lambda: b"<a>" + b"<b/>" * 2_000_000 + b"</a>"),
    "half a million attributes": (
        "too_much_markup",
        lambda: b"<a " + b" ".join(b'a%d="1"' % n for n in range(500_000)) + b"/>",
    ),
    "a million comments": ("too_much_markup", lambda: b"<a>" + b"<!---->" * 1_000_000 + b"</a>"),
    "a million comments before the root": ("too_much_markup", lambda: b"<!---->" * 1_000_000 + b"<a/>"),
    "the same attribute twice": ("not_xml", lambda: b'<a x="1" x="2"/>'),
    "an attribute twice by namespace": ("not_xml", lambda: b'<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>'),
    "an undeclared prefix": ("not_xml", lambda: b"<p:a/>"),
    "two roots": ("not_xml", lambda: b"<a/><b/>"),
    "a cut-off document": ("not_xml", lambda: b"<a><b>1</b>"),
    "an open comment": ("not_xml", lambda: b"<!-- <a/>"),
    "JSON": ("not_xml", lambda: b'{"invoice_number": "1"}'),
    "a ZIP": ("nul", lambda: b"PK\x03\x04\x14\x00\x00\x00"),
    "nothing": ("not_xml", lambda: b""),
    "blanks": ("not_xml", lambda: b" \n" * 4_000_000),
}

PROBE = """
import sys, time
from unit.formats.test_xml_in import HOSTILE, HARMLESS_BUT_BIG
from tallystick.formats import Unreadable, ubl
name = sys.argv[1]
body = HOSTILE[name][1]() if name in HOSTILE else HARMLESS_BUT_BIG[name]()
def peak():  # the process's own, not what it inherited
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
before = peak()
start = time.process_time()
try:
    ubl.read(body)
    code = "read"
except Unreadable as error:
    code = error.code
print(code, time.process_time() - start, (peak() - before) / 1024)
"""

_NAMESPACE = b'xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"'
_CBC = b'xmlns:c="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"'
HARMLESS_BUT_BIG: dict[str, Callable[[], bytes]] = {
    "a text of ten megabytes": lambda: (
        b"<Invoice %b %b><c:ID>" % (_NAMESPACE, _CBC) + b"x" * 9_900_000 + b"</c:ID></Invoice>"
    ),
    "as many foreign elements as pass": lambda: (
        b"<Invoice %b>" % _NAMESPACE + b"<b>x</b>" * 199_000 + b"</Invoice>"
    ),
    "as many empty elements as pass": lambda: (
        b"<Invoice %b>" % _NAMESPACE + b"<b/>" * 399_000 + b"</Invoice>"
    ),
    "as many attributes as pass": lambda: (
        b"<Invoice %b " % _NAMESPACE + b" ".join(b'a%d="1"' % n for n in range(199_000)) + b"/>"
    ),
    "as many known elements as pass": lambda: (
        b"<Invoice %b %b>" % (_NAMESPACE, _CBC) + b"<c:Note>x</c:Note>" * 199_000 + b"</Invoice>"
    ),
    "as many commented elements as pass": lambda: (
        b"<Invoice %b>" % _NAMESPACE + b"<b><!----></b>" * 133_000 + b"</Invoice>"
    ),
    "ten megabytes of blanks": lambda: b"<Invoice %b>" % _NAMESPACE + b" \n" * 4_990_000 + b"</Invoice>",
    "a page of line ends": lambda: (
        b"<Invoice %b %b><c:Note>" % (_NAMESPACE, _CBC) + b"&#13;" * 1_900_000 + b"</c:Note></Invoice>"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_attack_is_refused_by_name(name: str) -> None:
    code, body = HOSTILE[name]
    with pytest.raises(Unreadable) as caught:
        parse(body())
    assert caught.value.code == code
    assert 0 < len(caught.value.message) < 300
    assert str(caught.value) == caught.value.message


@pytest.mark.parametrize(
    "name",
    [name for name in HOSTILE if HOSTILE[name][0] in {"doctype", "too_large", "too_deep", "too_much_markup"}]
    + list(HARMLESS_BUT_BIG)
    + ["blanks"],
)
def test_no_document_takes_a_second_or_a_hundred_megabytes(name: str) -> None:
    tests = Path(__file__).parents[2]
    path = f"{tests}:{tests.parent / 'src'}"
    done = subprocess.run(
        [sys.executable, "-c", PROBE, name],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": path},
    )
    _, seconds, megabytes = done.stdout.split()
    assert float(seconds) < second()
    assert float(megabytes) < 100


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"<a>1</a>", "1"),
        (b"\xef\xbb\xbf<a>1</a>", "1"),
        (
            b'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<!-- a --><?b c?>\n<a>1</a><!-- z -->',
            "1",
        ),
        (b"<a>1<![CDATA[<2>]]>3</a>", "1<2>3"),
        (b"<a><![CDATA[<!DOCTYPE a>]]></a>", "<!DOCTYPE a>"),
        (b"<a>&lt;&amp;&#x20AC;</a>", "<&€"),
        ("<a>Ölkanne 😀</a>".encode(), "Ölkanne 😀"),
    ],
)
def test_an_ordinary_document_is_read_as_it_stands(body: bytes, text: str) -> None:
    assert parse(body).text == text


def test_comments_between_elements_are_nobodys_business() -> None:
    root = parse(b"<a><!-- x --><b>1</b><?y z?><c><!-- empty --></c></a>")
    assert [child.tag for child in root.iterchildren("*")] == ["b", "c"]


def test_the_limit_is_the_callers_to_set() -> None:
    body = b"<a>" + b"x" * 100 + b"</a>"
    assert parse(body, max_bytes=len(body)).tag == "a"
    with pytest.raises(Unreadable):
        parse(body, max_bytes=len(body) - 1)
    assert MAX_BYTES == 10_000_000
