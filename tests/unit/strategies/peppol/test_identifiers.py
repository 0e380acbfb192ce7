"""Check digits, against numbers that their registers published as examples."""

import importlib

import pytest
from stdnum import ean

from tallystick.rules.peppol.identifiers import FORMATS

greece = importlib.import_module("tallystick.strategies.peppol.greece")

GOOD = {
    "0007": ["2021005026", "5560360793"],
    "0088": ["7300010000001", "5798000000001", "4035811991021"],
    "0096": ["1234567890"],
    "0151": ["51824753556", "83914571673"],
    "0184": ["DK16356706", "16356706"],
    "0192": ["987654325", "974760673"],
    "0198": ["DK16356706"],
    "0208": ["0202239951", "0314595348"],
}
CASES = [(scheme, number) for scheme, numbers in GOOD.items() for number in numbers]
PLAIN = {"0096", "0184", "0198"}


@pytest.mark.parametrize(("scheme", "number"), CASES)
def test_a_real_number_is_good(scheme: str, number: str) -> None:
    _, holds = FORMATS[scheme]

    assert holds(number)


@pytest.mark.parametrize(("scheme", "number"), [case for case in CASES if case[0] not in PLAIN])
def test_one_wrong_digit_is_noticed(scheme: str, number: str) -> None:
    _, holds = FORMATS[scheme]
    last = int(number[-1])

    assert not any(holds(f"{number[:-1]}{digit}") for digit in range(10) if digit != last)


@pytest.mark.parametrize("scheme", sorted(GOOD))
@pytest.mark.parametrize(
    "text", ["", " ", "x", "12345678901234567890x", "٣٣٣٣٣٣٣٣٣٣", "1234 56789", "DK", "-1"]
)
def test_nonsense_is_no_number(scheme: str, text: str) -> None:
    _, holds = FORMATS[scheme]

    assert not holds(text)


@pytest.mark.parametrize("length", range(1, 20))
def test_a_location_number_has_its_check_digit_at_any_length(length: int) -> None:
    _, holds = FORMATS["0088"]
    beginning = "9731048265937104826"[: length - 1]
    right = ean.calc_check_digit(beginning)

    assert [digit for digit in "0123456789" if holds(beginning + digit)] == [right]


def test_a_greek_tax_number_is_checked() -> None:
    assert greece.is_greek("094259216")
    assert not greece.is_greek("094259217")
    assert not greece.is_greek("94259216")
