"""The room of rules: tables, profiles, the one way to say that a rule is broken."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, getcontext, localcontext
from itertools import product
from types import MappingProxyType

import pytest

from tallystick.canonical import Fault, RuleRef
from tallystick.rules import Case, Profile, Rule, judge, profile, read
from tallystick.rules.binary import net_follows, percentage_follows
from tallystick.rules.case import decimals, halves_up, normal
from tallystick.rules.pint.identifiers import FORMATS

RULE = Rule(ref=RuleRef("set", "R-1", "1"), severity="error", text="There is a number.", hint="Give one.")


def test_a_rule_that_is_not_in_the_profile_says_nothing() -> None:
    case = Case({"R-1": RULE})

    assert case.broken("R-2", "/x") == ()
    (fault,) = case.broken("R-1", "/x", expected="1", actual="2")
    assert (fault.code, fault.pointer, fault.severity) == ("rule/R-1", "/x", "error")
    assert fault.message == "Required: there is a number."
    assert fault.rule == RULE.ref


def test_a_profile_gives_rules_levels_of_its_own() -> None:
    plain = profile("PINT", ("pint",))
    other = profile("PINT", ("pint",), (("ibr-co-15", "warning"),))

    assert plain.rules["ibr-co-15"].severity == "error"
    assert other.rules["ibr-co-15"].severity == "warning"
    assert other.rules["ibr-co-15"].text == plain.rules["ibr-co-15"].text


def test_an_edition_is_chosen_by_the_day_of_issue() -> None:
    old = Rule(ref=RULE.ref, severity="error", text="Old.", until=date(2026, 8, 31))
    new = Rule(ref=RULE.ref, severity="error", text="New.", since=date(2026, 9, 1))
    both = Profile("p", MappingProxyType({"old": old, "new": new}))

    assert list(both.on(date(2026, 8, 31))) == ["old"]
    assert list(both.on(date(2026, 9, 1))) == ["new"]


def test_what_cannot_be_broken_is_listed_and_never_told() -> None:
    assert not read("pint")["ibr-sr-05"].told
    assert "ibr-sr-05" not in profile("PINT", ("pint",)).rules


def test_families_are_asked_in_their_order() -> None:
    case = Case({"a": RULE, "b": RULE})

    found = judge(case, (lambda c: iter(c.broken("b", "/1")), lambda c: iter(c.broken("a", "/2"))))

    assert [fault.pointer for fault in found] == ["/1", "/2"]


def test_a_family_may_answer_at_once_or_one_by_one() -> None:
    case = Case({"a": RULE})
    families = (lambda c: (), lambda c: list(c.broken("a", "/1")), lambda c: iter(c.broken("a", "/2")))

    assert [fault.pointer for fault in judge(case, families)] == ["/1", "/2"]


def test_families_reckon_exactly_and_leave_their_callers_precision_alone() -> None:
    met: list[Decimal] = []

    def reckons(_: object) -> Iterator[Fault]:
        met.append(Decimal("1E+40") + Decimal("1E-40"))
        yield from ()

    def stumbles(_: object) -> Iterator[Fault]:
        raise LookupError

    with localcontext(prec=7):
        assert judge(Case({}), (reckons,)) == ()
        with pytest.raises(LookupError):
            judge(Case({}), (stumbles,))
        assert getcontext().prec == 7
    assert met == [Decimal("1" + "0" * 40 + "." + "0" * 39 + "1")]


def test_a_family_that_changes_its_precision_changes_it_for_no_other_judgement() -> None:
    met: list[int] = []

    def careless(_: object) -> Iterator[Fault]:
        met.append(getcontext().prec)
        getcontext().prec = 3
        yield from ()

    for _ in range(2):
        judge(Case({}), (careless,))
    assert met == [100, 100]


@pytest.mark.parametrize(
    ("value", "expected"), [("0.005", "0.01"), ("-0.005", "0"), ("-0.006", "-0.01"), ("2.675", "2.68")]
)
def test_ties_go_up(value: str, expected: str) -> None:
    assert halves_up(Decimal(value)) == Decimal(expected)


def test_blanks_are_folded_as_xpath_folds_them() -> None:
    assert normal(" a\t\n b\u00a0") == "a b\u00a0"
    assert normal(None) == normal("") == normal(" \n") == ""
    assert normal("urn:a#b") == "urn:a#b"
    assert decimals(Decimal("1.50")) == 2


def test_texts_without_blanks_to_fold_are_read_as_all_others_are() -> None:
    """Every text of four characters that may be a blank to somebody, against XPath's own definition."""
    for characters in product(" \t\n\r\v\u00a0\u2028\u200ba#", repeat=4):
        text = "".join(characters)
        assert normal(text) == re.sub("[ \t\r\n]+", " ", text).strip(" ")


def test_untyped_numbers_are_compared_in_binary() -> None:
    assert percentage_follows(Decimal("262.15"), Decimal(10486), Decimal("2.5"))
    assert not percentage_follows(Decimal("262.14"), Decimal(10486), Decimal("2.5"))
    ten, two = Decimal(10), Decimal(2)
    assert net_follows(Decimal("25.00"), ten, Decimal(5), two, [ten], [Decimal(10)])
    assert not net_follows(Decimal("25.00"), ten, Decimal(5), Decimal(0), [], [])


@pytest.mark.parametrize(
    ("scheme", "good", "bad"),
    [
        ("0007", "5560360793", "556036079"),
        ("0088", "7300010000001", "7300010000002"),
        ("0151", "51824753556", "51824753557"),
        ("0184", "DK12345678", "12345678"),
        ("0192", "991825827", "991825828"),
        ("0201", "ABC123", "ABC-12"),
        ("0208", "0403019261", "0403019262"),
        ("0210", "12345678901", "1234567890X"),
        ("0210", "RSSMRA85T10A562S", "RSSMRA85T10A5621"),
        ("0211", "IT12345670017", "IT12345670018"),
        ("0211", "DE1", "IT1"),
    ],
)
def test_identifiers_are_checked_by_their_scheme(scheme: str, good: str, bad: str) -> None:
    _, fits = FORMATS[scheme]
    assert fits(good)
    assert not fits(bad)
