"""What a built document says of itself to the network."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from msgspec.structs import replace

from tallystick.canonical import complete, decode
from tallystick.conformance import enrolment
from tallystick.strategies import load

STANDARD = Path(__file__).parents[4] / "fixtures/peppol/standard/invoice.json"


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(0)), timezone(timedelta(hours=-3, minutes=-30))])
@pytest.mark.parametrize("hour", [0, 9, 23])
def test_a_document_says_to_the_second_when_it_was_built(zone: timezone, hour: int) -> None:
    strategy = load().by_name("peppol")
    invoice = decode(STANDARD.read_bytes()).invoice
    assert invoice is not None
    now = datetime(2026, 3, 4, hour, 5, 59, 999_999, tzinfo=zone)
    built = strategy.build(complete(invoice).invoice, replace(enrolment(strategy), now=now))
    assert built.marks["created"] == now.isoformat(timespec="seconds")
