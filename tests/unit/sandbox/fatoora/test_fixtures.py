"""The 43 answers on record: each can be had by its name, and the real ones have their shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tallystick.sandbox.fatoora.canned import CONTRADICTORY, OBSERVED, canned, refuses
from unit.sandbox.fatoora.egs import Unit, codes, credential, new_key

RECORDED = Path(__file__).parents[4] / "../shared/official/zatca/api-fixtures"
VARIES = frozenset({"binarySecurityToken", "secret", "clearedInvoice", "requestID", "timestamp"})
PATHS = {
    "reporting": ("POST", "/invoices/reporting/single"),
    "clearance": ("POST", "/invoices/clearance/single"),
    "compliance": ("POST", "/compliance"),
    "production": ("POST", "/production/csids"),
    "renewal": ("PATCH", "/production/csids"),
    "any": ("POST", "/invoices/reporting/single"),
}

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers are not here (../shared)")


def shape(body: Any) -> Any:
    """The body with what differs from one call to the next replaced by its type."""
    if isinstance(body, dict):
        return {
            name: type(value).__name__ if name in VARIES and value is not None else shape(value)
            for name, value in body.items()
        }
    return [shape(one) for one in body] if isinstance(body, list) else body


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_bytes())
    return found


def test_exactly_the_recorded_answers_are_known() -> None:
    assert {path.stem for path in RECORDED.glob("*.json")} == set(OBSERVED)


@pytest.mark.parametrize("name", sorted(OBSERVED))
def test_an_answer_asked_for_by_name_is_the_recorded_one(unit: Unit, name: str) -> None:
    wanted = recorded(name)
    kind = name.partition("-")[0]
    operation = {"reporting": "submit", "clearance": "submit", "any": "submit"}.get(kind, kind)
    method, path = PATHS[kind]
    if name.startswith("compliance-invoices"):
        operation, path = "compliance_invoice", "/compliance/invoices"
    unit.order(f"answer:{name}", operation=operation, number="" if operation != "submit" else "*")
    answer = unit.call(method, path, {}, by=unit.production)
    assert answer.status_code == wanted["status"]
    assert answer.headers["content-type"].partition(";")[0] == wanted["content_type"]
    if wanted["content_type"] == "application/json":
        assert shape(answer.json()) == shape(wanted["body"])
    else:
        assert answer.text == wanted["body"]


def test_what_really_happens_looks_as_recorded(unit: Unit) -> None:
    paper, cleared = unit.next(), unit.next("01")
    late = {"reporting-200": unit.report(paper), "reporting-409": unit.report(paper),
            "clearance-200": unit.clear(cleared), "clearance-208": unit.clear(cleared),
            "reporting-303": unit.report(unit.next("01")),
            "reporting-400-permission": unit.report(unit.next(seller="310122393500003"))}  # fmt: skip
    for name, answer in late.items():
        assert answer.status_code == recorded(name)["status"], name
        assert shape(answer.json()) == shape(recorded(name)["body"]), name


def test_compliance_answers_look_as_recorded(unit: Unit) -> None:
    assert unit.compliance is not None
    for name, flow in (
        ("compliance-invoices-200-simplified", "02"),
        ("compliance-invoices-200-standard", "01"),
    ):
        assert unit.comply(flow, "388", unit.compliance).json() == recorded(name)["body"]


def test_onboarding_answers_look_as_recorded(unit: Unit) -> None:
    newcomer = Unit(unit.url)
    given = newcomer.ask()
    assert shape(given.json()) == shape(recorded("compliance-200")["body"])
    missing = newcomer.promote(credential(given))
    assert missing.json() == recorded("production-csids-400-missing-steps")["body"]
    newcomer = Unit(unit.url).enrol()
    assert newcomer.compliance is not None and newcomer.production is not None
    made = newcomer.promote(newcomer.compliance)
    assert shape(made.json()) == shape(recorded("production-csids-200")["body"])
    renewed = newcomer.renew(credential(made), new_key())
    assert shape(renewed.json()) == shape(recorded("renewal-428")["body"])


def test_a_credential_told_in_another_shape_is_a_real_one(unit: Unit) -> None:
    newcomer = Unit(unit.url)
    newcomer.order("answer:compliance-200-with-tokentype", operation="compliance")
    given = newcomer.ask()
    assert isinstance(given.json()["requestID"], str)
    assert newcomer.comply("02", "388", credential(given)).status_code == 200


def test_a_success_told_by_name_was_processed_and_a_refusal_was_not(unit: Unit) -> None:
    paper = unit.next()
    unit.order("answer:reporting-400")
    assert "invalid-invoice-hash" in codes(unit.report(paper))
    unit.order("answer:reporting-202")
    assert unit.report(paper).status_code == 202
    assert unit.report(paper).status_code == 409
    assert refuses("reporting-400") and not refuses("reporting-409-empty")


def test_a_refusal_can_be_told_of_what_was_taken(unit: Unit) -> None:
    paper = unit.next()
    unit.order("after:answer:reporting-400-null-messages")
    assert unit.report(paper).status_code == 400
    assert unit.report(paper).status_code == 409


@pytest.mark.parametrize("name", sorted(CONTRADICTORY))
def test_contradictory_answers_can_be_had(unit: Unit, name: str) -> None:
    unit.order(f"answer:{name}")
    answer = unit.clear() if name.startswith("clearance") else unit.report()
    assert answer.status_code == canned(name).status


def test_an_answer_that_nobody_knows_cannot_be_ordered(unit: Unit) -> None:
    order = {"fault": "answer:reporting-201", "match": {"dialect": "fatoora"}}
    assert unit.http.post(f"{unit.url}/admin/faults", json=order).status_code == 400
    assert "reporting-409-empty" in unit.admin("GET", "fatoora/answers")["observed"]
