"""What decimal context its caller works in changes neither a verdict nor a document."""

from collections.abc import Iterator
from decimal import ROUND_DOWN, Context, Inexact, localcontext
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from tallystick.canonical import Amount, Invoice, complete, decode
from tallystick.conformance import enrolment
from tallystick.conformance.judging import finest
from tallystick.strategies import load
from tallystick.strategy import Strategy

FIXTURES: Final = Path(__file__).parents[3] / "fixtures"
STRATEGIES: Final = [one for one in load().all if (FIXTURES / one.name).is_dir()]
COARSE: Final = Context(prec=3, rounding=ROUND_DOWN, traps=[Inexact])
"""Raises `Inexact` wherever something is reckoned in it that has more digits."""


def invoices(strategy: Strategy) -> Iterator[Invoice]:
    """The strategy's cases, and each with a net amount of more digits than Python's own context keeps."""
    for path in sorted(FIXTURES.glob(f"{strategy.name}/*/invoice.json")):
        invoice = decode(path.read_bytes(), load().blocks).invoice
        assert invoice is not None
        first = invoice.lines[0]
        tax = replace(first.tax, rate=type(first.tax.rate or Amount(0))("15.000000000001"))
        large = replace(first, net_amount=Amount("-987654321987654321.125"), tax=tax)
        for lines in (invoice.lines, (large, *invoice.lines[1:])):
            yield complete(replace(invoice, lines=lines), finest(strategy)).invoice


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda one: one.name)
def test_the_callers_decimal_context_changes_no_verdict_and_no_document(strategy: Strategy) -> None:
    seen = 0
    for invoice in invoices(strategy):
        enrolled = enrolment(strategy, invoice=invoice)
        told = tuple(strategy.check(invoice, enrolled))
        with localcontext(COARSE):
            assert tuple(strategy.check(invoice, enrolled)) == told
        seen += 1
        if any(fault.severity == "error" for fault in told):
            continue
        document = strategy.build(invoice, enrolled)
        with localcontext(COARSE):
            assert strategy.build(invoice, enrolled) == document
    assert seen > 1
