"""What a refusal says, and by which rules a document is judged."""

import importlib
import json
from typing import Any

import pytest
from msgspec.structs import replace

from agreeing.comparing import Agreement
from agreeing.peppol import PROFILES
from tallystick.canonical import Fault, complete, decode
from tallystick.conformance import enrolment, judge, number_of
from tallystick.conformance.cases import refusals_of
from tallystick.rules import en16931 as core
from tallystick.rules import peppol as network
from tallystick.strategy import Enrolment, HasIssuer
from unit.formats.official import ABSENT, WHY_ABSENT
from unit.strategies.peppol.agreement import peppol
from unit.strategies.peppol.mutants import CASES, FIXTURES, Document

PEPPOL_IDENTIFIER = (
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"  # what BT-24 then says
)

FAMILIES = [f"{one.__module__}.{one.__name__}" for one in (*core.FAMILIES, *network.FAMILIES)]


def case(name: str, **changes: Any) -> Document:
    document: Document = json.loads((CASES / name / "invoice.json").read_text())
    return {key: value for key, value in (document | changes).items() if value is not None}


def faults(document: Document, enrolled: Enrolment | None = None) -> list[Fault]:
    strategy = peppol()
    decoded = decode(json.dumps(document).encode())
    assert decoded.invoice is not None, decoded.faults
    completed = complete(decoded.invoice)
    return list(strategy.check(completed.invoice, enrolled or enrolment(strategy)))


def numbers(document: Document, enrolled: Enrolment | None = None) -> set[str]:
    return {number_of(fault) for fault in faults(document, enrolled)}


def judged_by(rules: str) -> Enrolment:
    strategy: Any = peppol()
    return replace(enrolment(strategy), settings=strategy.settings_type(rules=rules))


def test_a_wrong_sum_shows_its_arithmetic() -> None:
    document = case("standard")
    document["lines"][0]["net_amount"] = "1010.00"

    [fault] = faults(document)

    assert fault.code == "rule/PEPPOL-EN16931-R120"
    assert fault.rule is not None
    assert (fault.rule.set, fault.rule.version) == ("peppol-bis-3", "3.0.21")
    assert (fault.pointer, fault.term) == ("/lines/0/net_amount", "BT-131")
    assert (fault.expected, fault.actual) == ("1014.00", "1010.00")
    steps = [(step.operation, step.operands, step.result) for step in fault.calculation]
    assert steps == [
        ("BT-129 × BT-146", ("12", "84.50"), "1014.00"),
        ("net amount", (), "1014.00"),
        ("difference, allowed is 0.02", ("1010.00", "1014.00"), "4.00"),
    ]
    assert fault.fix == ({"op": "replace", "path": "/lines/0/net_amount", "value": "1014.00"},)


def test_a_sum_of_nothing_is_expected_without_a_sign() -> None:
    document = case("standard", allowances=None, charges=None, tax_breakdown=None)
    document["lines"] = [document["lines"][0] | {"net_amount": "-0.004"}]
    document["document_totals"] = {"total_amount_without_tax": "5.00"}

    [fault] = [one for one in faults(document) if number_of(one) == "BR-CO-13"]

    assert fault.expected == fault.calculation[-1].result == fault.fix[0]["value"] == "0.00"


def test_a_rounding_is_a_step_of_its_own() -> None:
    document = case("standard")
    document["lines"][0]["price"] = {"item_net_price": "100.00", "base_quantity": "3"}
    document["lines"][0]["net_amount"] = "1.00"

    [fault] = [one for one in faults(document) if number_of(one) == "PEPPOL-EN16931-R120"]

    steps = [(step.operation, step.result) for step in fault.calculation]
    assert steps[:4] == [
        ("BT-146 ÷ BT-149, to 18 decimals", "33.333333333333333333"),
        ("BT-129 × price of one", "399.999999999999999996"),
        ("net amount", "399.999999999999999996"),
        ("rounded to two decimals, ties upwards", "400.00"),
    ]


def test_a_missing_term_is_pointed_at_where_it_should_be() -> None:
    [fault] = faults(case("standard", buyer_reference=None, purchase_order_reference=None))

    assert (fault.pointer, fault.actual) == ("/buyer_reference", "")
    assert fault.hint


def test_a_long_sum_does_not_list_a_thousand_operands() -> None:
    document = case("thousand_lines")
    document["document_totals"] = {"sum_of_invoice_line_net_amount": "1.00"}

    [sums, *_] = [fault for fault in faults(document) if number_of(fault) == "BR-CO-10"]

    assert sums.calculation[0].operands == ()
    assert "1000 operands" in sums.calculation[0].operation


@pytest.mark.parametrize("refusal", range(0, len(refusals_of(FIXTURES, "peppol")), 7))
def test_every_pointer_leads_into_what_was_sent(refusal: int) -> None:
    """Or to what is missing there, or was computed because it was missing."""
    wanted, body = refusals_of(FIXTURES, "peppol")[refusal]
    sent = json.loads(body)

    for fault in judge(peppol(), body, cases=FIXTURES).own:
        first, *rest = fault.pointer.removeprefix("/").split("/")
        node = sent.get(first)
        if node is None or not rest:
            continue
        for step in rest[:-1]:
            if isinstance(node, list):
                node = node[int(step)] if int(step) < len(node) else {}
            else:
                node = node.get(step, {})
        assert isinstance(node, dict | list), f"{wanted.breaks}: {fault.pointer}"


def test_without_a_specification_it_is_peppol_billing() -> None:
    invoice = case("standard", specification_identifier=None)

    assert faults(invoice) == []
    assert numbers(invoice | {"type_code": "389"}) == {"PEPPOL-EN16931-P0100"}


def test_plain_en_16931_is_spared_the_rules_of_the_network() -> None:
    bare = case("standard", buyer_reference=None, purchase_order_reference=None)
    bare["seller"].pop("electronic_address")
    plain = bare | {"specification_identifier": "urn:cen.eu:en16931:2017"}

    assert numbers(bare) == {"PEPPOL-EN16931-R003", "PEPPOL-EN16931-R020"}
    assert numbers(plain) == set()


def test_the_registration_may_ask_for_plain_en_16931() -> None:
    bare = case(
        "standard",
        specification_identifier=PEPPOL_IDENTIFIER,
        buyer_reference=None,
        purchase_order_reference=None,
    )

    assert numbers(bare) == {"PEPPOL-EN16931-R003"}
    assert numbers(bare, judged_by("en16931")) == set()


def test_the_registration_may_insist_on_peppol() -> None:
    plain = case("plain_en16931")

    assert numbers(plain) == set()
    assert "PEPPOL-EN16931-R004" in numbers(plain, judged_by("peppol"))


def test_another_specification_of_en_16931_is_judged_as_such() -> None:
    other = "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0"
    document = case("standard", specification_identifier=other, buyer_reference=None)
    document.pop("purchase_order_reference")

    assert numbers(document) == set()


def test_an_unfinished_invoice_is_never_passed() -> None:
    """Where the sums could not be computed, something says so."""
    strategy = peppol()
    decoded = decode(json.dumps(case("standard")).encode())
    assert decoded.invoice is not None

    [fault] = strategy.check(decoded.invoice, enrolment(strategy))

    assert number_of(fault) == "BR-15"


@pytest.mark.parametrize("name", sorted(path.parent.name for path in CASES.glob("*/wire.xml")))
def test_the_document_names_its_specification(name: str) -> None:
    wire = (CASES / name / "wire.xml").read_text()
    document = case(name)
    named = document.get("specification_identifier", PEPPOL_IDENTIFIER)

    assert f">{named}</cbc:CustomizationID>" in wire or f">{named}</ram:ID></ram:Guideline" in wire


@pytest.mark.oracle
@pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_of_rules_that_is_left_out_is_missed(monkeypatch: pytest.MonkeyPatch, family: str) -> None:
    """The comparison with the official judge can fail: it does, without any one of our families."""
    module = importlib.import_module("tallystick.strategies.peppol.check")
    asked = module.FAMILIES["Peppol BIS Billing 3"]
    kept = tuple(one for one in asked if f"{one.__module__}.{one.__name__}" != family)
    assert len(kept) == len(asked) - 1
    monkeypatch.setitem(module.FAMILIES, "Peppol BIS Billing 3", kept)

    refusals = refusals_of(FIXTURES, "peppol")
    some = [pair for place, pair in enumerate(refusals) if place % 3 == 0 or pair[0].breaks == "BR-15"]
    broken = [(refusal.breaks, body) for refusal, body in some]
    agreement = Agreement(PROFILES["peppol-bis3"]()).over(broken)

    assert agreement.apart


def test_blanks_around_a_specification_are_no_part_of_its_name_on_the_network() -> None:
    specification, process = f"  {PEPPOL_IDENTIFIER}\n", " urn:fdc:peppol.eu:2017:poacc:billing:01:1.0 "
    document = case("standard", specification_identifier=specification, business_process_type=process)
    assert faults(document) == []

    invoice = decode(json.dumps(document).encode()).invoice
    assert invoice is not None
    completed = complete(invoice).invoice
    marks = peppol().build(completed, enrolment(peppol(), invoice=completed)).marks
    assert (marks["specification"], marks["process"]) == (PEPPOL_IDENTIFIER, process.strip())


@pytest.mark.parametrize("kind", ["389", "261"])
def test_a_buyer_who_bills_himself_is_the_sender_whatever_the_rules(kind: str) -> None:
    document = case("xrechnung", type_code=kind)
    document["buyer"]["tax_identifier"] = "DE123456788"
    found = decode(json.dumps(document).encode()).invoice
    assert found is not None
    completed = complete(found).invoice

    marks = peppol().build(completed, enrolment(peppol(), invoice=completed)).marks

    own = document["buyer"]["electronic_address"]
    assert marks["sender"] == f"{own['scheme']}:{own['value']}"
    issuing = peppol()
    assert isinstance(issuing, HasIssuer)
    assert issuing.issuer(completed) == "DE123456788"
