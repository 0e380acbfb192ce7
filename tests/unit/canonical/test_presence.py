"""A term without which no invoice is taken is missed under EN 16931's own number."""

from tallystick.canonical import decode
from tallystick.canonical.presence import PRESENCE, rule_on
from tallystick.rules import read
from unit.canonical.documents import body_of, plain_document


def test_what_is_missing_breaks_the_rule_that_wants_it() -> None:
    document = plain_document(issue_date=None, lines=[])
    document["invoice_number"] = " "
    document["seller"] = {"postal_address": {}, "electronic_address": {"value": "1"}}
    rules = {fault.pointer: fault.rule.id if fault.rule else "" for fault in decode(body_of(document)).faults}

    assert rules == {
        "/issue_date": "BR-03",
        "/invoice_number": "BR-02",
        "/seller/name": "BR-06",
        "/seller/postal_address/country_code": "BR-09",
        "/seller/electronic_address/scheme": "",
        "/lines": "BR-16",
    }


def test_what_is_there_and_wrong_breaks_no_rule_on_presence() -> None:
    faults = decode(body_of(plain_document(issue_date="soon", invoice_number=7))).faults

    assert [fault.rule for fault in faults] == [None, None]


def test_the_numbers_and_their_edition_are_those_of_the_table() -> None:
    table = read("en16931")

    assert set(table) >= PRESENCE
    assert {table[number].ref.version for number in PRESENCE} == {getattr(rule_on("BT-1"), "version", "")}
    assert rule_on("BT-10") is None
