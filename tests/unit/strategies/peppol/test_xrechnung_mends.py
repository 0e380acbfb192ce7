"""What is offered as a mend mends: in CII as in UBL, the rule is no longer broken there."""

import json
from collections import Counter
from typing import Any

import pytest
from msgspec import convert
from msgspec.structs import replace

from agreeing.german import german_cases
from agreeing.xrechnung import PROFILES
from tallystick.canonical import Fault, Invoice, complete, decode, encode
from tallystick.conformance import enrolment
from tallystick.conformance.patch import Operation, patched
from tallystick.strategy import Enrolment
from unit.strategies.peppol.agreement import peppol
from unit.strategies.peppol.mutants import good_cases

MUTANTS = 300


def enrolled(**settings: str) -> Enrolment:
    strategy: Any = peppol()
    return replace(enrolment(strategy), settings=strategy.settings_type(**settings))


def judged(body: bytes, given: Enrolment) -> tuple[Invoice | None, tuple[Fault, ...]]:
    """The invoice with all sums, and what is wrong with it."""
    decoded = decode(body)
    if decoded.invoice is None:
        return None, ()
    invoice = complete(decoded.invoice).invoice
    return invoice, tuple(peppol().check(invoice, given))


def where(faults: tuple[Fault, ...]) -> Counter[tuple[str, str]]:
    return Counter((fault.code, fault.pointer) for fault in faults)


@pytest.mark.parametrize("profile", ["xrechnung-cii", "en16931-cii"])
def test_an_offered_patch_makes_the_rule_hold(profile: str) -> None:
    family = PROFILES[profile]()
    given = family.enrolled(enrolment(family.strategy))
    tried: Counter[str] = Counter()
    for what, body in family.heap(8, MUTANTS):
        invoice, faults = judged(body, given)
        for fault in faults:
            if invoice is None or not fault.fix:
                continue
            mended = patched(json.loads(encode(invoice)), convert(list(fault.fix), list[Operation]))
            second, left = judged(json.dumps(mended).encode(), given)

            assert second is not None, what
            assert (fault.code, fault.pointer) not in where(left), f"{what}: {fault}"
            tried[fault.code] += 1

    assert len(tried) >= 15, tried


def test_a_cash_discount_without_its_line_feed_gets_one() -> None:
    given = enrolled(rules="xrechnung")
    document = german_cases(good_cases())["xrechnung"]
    document["payment_terms"] = "Zahlbar sofort\n#SKONTO#TAGE=10#PROZENT=2.00#"

    _, faults = judged(json.dumps(document).encode(), given)
    [fault] = [fault for fault in faults if fault.code == "rule/BR-DE-18"]

    assert fault.fix[0]["value"] == document["payment_terms"] + "\n"
    document["payment_terms"] = fault.fix[0]["value"]
    assert judged(json.dumps(document).encode(), given)[1] == ()
