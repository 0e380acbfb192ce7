"""A patch that is offered mends: applied to what was sent, the invoice no longer breaks that rule there."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
import pytest

from agreeing.european import EuropeanMutants
from tallystick.canonical import Fault, complete, decode, placed
from tallystick.conformance import enrolment
from tallystick.conformance.cases import refusals_of
from tallystick.conformance.patch import Operation, patched
from unit.strategies.peppol.agreement import peppol
from unit.strategies.peppol.mutants import FIXTURES, good_cases, places

MUTANTS = 600
MENDED = {
    *("BR-48", "BR-CO-10", "BR-CO-11", "BR-CO-12", "BR-CO-13", "BR-CO-14", "BR-CO-15", "BR-CO-16"),
    *("BR-CO-17", "BR-S-08", "BR-S-09", "BR-S-10", "BR-E-08", "BR-E-09", "BR-O-05", "BR-Z-05"),
    *("PEPPOL-EN16931-R005", "PEPPOL-EN16931-R040", "PEPPOL-EN16931-R120"),
}
"""Rules for which at least one patch is offered among the mutants of this seed."""


_STRATEGY = peppol()


def _judged(body: bytes) -> tuple[Fault, ...]:
    """The rules' own findings, in what was sent; nothing where the model refuses it."""
    decoded = decode(body)
    if decoded.invoice is None:
        return ()
    invoice = complete(decoded.invoice).invoice
    return placed(_STRATEGY.check(invoice, enrolment(_STRATEGY, invoice=invoice)), body)


def _invoices() -> Iterator[bytes]:
    yield from (body for _, body in refusals_of(FIXTURES, "peppol"))
    yield from (body for _, body in EuropeanMutants(20, good_cases()).take(MUTANTS, 2))
    for stated in (False, True):
        for name in good_cases():
            yield from _without_rates(name, stated=stated)


def _without_rates(name: str, *, stated: bool) -> Iterator[bytes]:
    """The good case with one rate taken away, each of them once; with `stated`, all sums are stated."""
    document = good_cases()[name]
    if stated:
        EuropeanMutants(20, good_cases()).state(document)
    for parent, key in [(at, key) for at, key in places(document) if str(key).endswith("rate")]:
        rate = parent.pop(key)
        yield json.dumps(document).encode()
        parent[key] = rate


@cache
def _offers() -> tuple[tuple[bytes, Fault], ...]:
    return tuple((body, fault) for body in _invoices() for fault in _judged(body) if fault.fix)


def _number(fault: Fault) -> str:
    return fault.rule.id if fault.rule else fault.code


def _said(faults: tuple[Fault, ...]) -> Counter[tuple[str, str]]:
    return Counter((_number(fault), fault.computed or fault.pointer) for fault in faults)


def _mended(body: bytes, fault: Fault) -> bytes:
    operations = msgspec.convert(fault.fix, list[Operation])
    document: Any = patched(json.loads(body), operations)
    return json.dumps(document).encode()


def test_an_offered_patch_mends() -> None:
    for body, fault in _offers():
        place = (_number(fault), fault.computed or fault.pointer)

        again = _judged(_mended(body, fault))

        assert _said(again)[place] == 0, (fault, body.decode())


@pytest.mark.parametrize("number", sorted(MENDED))
def test_a_rule_with_a_certain_mend_offers_it(number: str) -> None:
    assert number in {_number(fault) for _, fault in _offers()}
