"""Every rule of every table is told in English and in Arabic, and both tell the same numbers and names."""

import re
from pathlib import PurePath

import pytest

from tallystick import schemas
from tallystick.rules.listing import Rule, read_table, shelved

TABLES = [PurePath(name).stem for name in schemas.names("rules", ".toml")]
ARABIC = re.compile("[\u0621-\u064a]")
LATIN = re.compile(r"[A-Za-z]+")
NUMBER = re.compile(r"[0-9]+")
MARKS = re.compile("[\u200f\u061c\u202a-\u202e\u2066-\u2069\u0660-\u0669\u06f0-\u06f9,;?]")


@pytest.fixture(scope="module", params=TABLES)
def rules(request: pytest.FixtureRequest) -> list[Rule]:
    return list(read_table(shelved(request.param)).rules.values())


def wrong_with(rule: Rule) -> list[str]:
    """What an Arabic reader would stumble over."""
    english, arabic = rule.text, rule.text_ar
    found = {
        "has no English": not LATIN.search(english) or bool(ARABIC.search(english)),
        "has no Arabic": not ARABIC.search(arabic),
        "uses Latin words that the English text does not": not words(arabic) <= words(english),
        "lacks a number of the English text": not numbers(english) <= numbers(arabic),
        "has a number that the English text has not": not numbers(arabic) <= numbers(english),
        "has hidden marks, other digits or Latin punctuation": bool(MARKS.search(without_names(arabic))),
        "does not end as a sentence": not arabic.endswith("."),
        "has blanks that nobody sees": arabic != " ".join(arabic.split()),
    }
    return [what for what, so in found.items() if so]


def words(text: str) -> set[str]:
    return set(LATIN.findall(text))


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(text))


def without_names(text: str) -> str:
    """The text without the paths of elements that it quotes."""
    return re.sub(r"\S*[a-z]+:\S+", "", text)


def test_every_rule_has_both_texts_and_they_tell_the_same_numbers_and_names(rules: list[Rule]) -> None:
    told = {rule.id: found for rule in rules if (found := wrong_with(rule))}

    assert rules
    assert told == {}


@pytest.mark.parametrize(
    ("arabic", "what"),
    [
        ("", "has no Arabic"),
        ("The rate is 5.", "has no Arabic"),
        ("النسبة 15.", "lacks a number of the English text"),
        ("النسبة ٥.", "has hidden marks, other digits or Latin punctuation"),
        ("النسبة rate هي 5 percent.", "uses Latin words that the English text does not"),
        ("النسبة 5, ولا غير.", "has hidden marks, other digits or Latin punctuation"),
        ("النسبة 5", "does not end as a sentence"),
    ],
)
def test_a_text_that_is_no_good_arabic_is_found(arabic: str, what: str) -> None:
    rule = Rule(id="X", severity="error", text="The rate is 5.", text_ar=arabic, source="")
    good = Rule(id="X", severity="error", text="The rate is 5.", text_ar="النسبة 5.", source="")

    assert what in wrong_with(rule)
    assert wrong_with(good) == []
