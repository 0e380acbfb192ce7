"""A registration may take a rule more seriously than its publisher, never less; a fault leads to its rule."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.conftest import Actor
from tallystick.canonical import Fault, RuleRef, Severity
from tallystick.flows.levels import raised

REGIME = "in_irp"
RULE = "3039"
FIXTURES = Path(__file__).parents[2] / "fixtures" / REGIME


def invoice(number: str, pin: str = "560001", **more: Any) -> dict[str, Any]:
    """A sale of today within one state; a buyer's PIN of another state is a warning (3039)."""
    made: dict[str, Any] = json.loads((FIXTURES / "intra_state" / "invoice.json").read_text())
    made |= {"invoice_number": number, "issue_date": datetime.now(UTC).date().isoformat(), **more}
    made.pop("payment_due_date", None)
    made["buyer"]["postal_address"]["post_code"] = pin
    return made


async def enrolled(who: Actor, **more: Any) -> Any:
    """The answer to the registration of the fixtures' seller."""
    example = json.loads((FIXTURES / "enrolment.json").read_text())
    seller = {"name": example["taxpayer"], "country_code": "IN", "tax_identifier": example["tax_identifier"]}
    made = await who.post("/v1/sellers", json=seller)
    body = {name: example[name] for name in ("settings", "secrets")}
    more = {"seller_id": made.json()["id"], "strategy": REGIME, **more}
    return await who.post("/v1/registrations", json={**body, **more})


def numbers(faults: list[Any], severity: str) -> list[str]:
    return [fault["rule"]["id"] for fault in faults if fault.get("severity", "error") == severity]


async def test_a_warning_passes_and_a_raised_one_refuses(alice: Actor) -> None:
    made = (await enrolled(alice)).json()
    passed = await alice.post("/v1/invoices", json=invoice("T/1", "110001"))
    assert passed.status_code == 201, passed.text
    assert numbers(passed.json()["validation"]["warnings"], "warning") == [RULE]

    changed = await alice.patch(
        f"/v1/registrations/{made['id']}", json={"raised_rules": [RULE, RULE]}, headers={"If-Match": '"1"'}
    )
    assert (changed.json()["raised_rules"], changed.json()["version"]) == ([RULE], 2)
    refused = await alice.post("/v1/invoices", json=invoice("T/2", "110001"))
    assert (refused.status_code, refused.json()["code"]) == (422, "invoice/invalid")
    assert numbers(refused.json()["errors"], "error") == [RULE]
    report = (await alice.post("/v1/invoices:validate", json=invoice("T/2", "110001"))).json()
    assert (report["valid"], numbers(report["faults"], "error")) == (False, [RULE])
    assert (await alice.post("/v1/invoices", json=invoice("T/2"))).status_code == 201


async def test_what_is_accepted_is_written_down_alike_with_and_without_raised_rules(
    alice: Actor, bob: Actor
) -> None:
    entries = []
    for who, more in ((alice, {}), (bob, {"raised_rules": ["2176"]})):
        await enrolled(who, **more)
        posted = (await who.post("/v1/invoices", json=invoice("T/1", "110001"))).json()
        log = (await who.get(f"/v1/invoices/{posted['id']}/log")).json()["data"]
        data = json.loads(log[0]["entry"])["data"]
        entries.append(({*data}, data.get("warnings"), posted["validation"], posted["totals"]))
    assert entries[0] == entries[1]


async def test_levels_of_one_tenant_are_not_anothers(alice: Actor, bob: Actor) -> None:
    await enrolled(alice, raised_rules=[RULE])
    await enrolled(bob)
    answers = [await who.post("/v1/invoices", json=invoice("T/1", "110001")) for who in (alice, bob)]
    assert [answer.status_code for answer in answers] == [422, 201]


async def test_a_rule_that_the_regime_does_not_have_is_refused(alice: Actor) -> None:
    answer = await enrolled(alice, raised_rules=[RULE, "NO-SUCH-RULE"])
    assert answer.status_code == 422
    found = [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
    assert found == [("/raised_rules/1", "registration/unknown-rule")]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [(["NO-SUCH-RULE"], "/raised_rules/0"), ([""], "/raised_rules/0"), ("3039", "/raised_rules")],
)
async def test_a_change_to_such_a_rule_is_refused_and_nothing_is_changed(
    bob: Actor, wrong: Any, pointer: str
) -> None:
    made = (await enrolled(bob, raised_rules=[RULE])).json()
    path = f"/v1/registrations/{made['id']}"
    changed = await bob.patch(path, json={"raised_rules": wrong}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await bob.get(path)).json()["raised_rules"] == [RULE]


async def test_a_fault_of_a_problem_leads_to_its_rule(alice: Actor) -> None:
    await enrolled(alice, raised_rules=[RULE])
    refused = (await alice.post("/v1/invoices", json=invoice("T/1", "110001"))).json()
    [href] = [fault["rule"]["href"] for fault in refused["errors"]]
    rule = (await alice.get(href)).json()
    assert (rule["id"], rule["severity"], rule["href"]) == (RULE, "warning", href)
    report = (await alice.post("/v1/invoices:validate", json=invoice("T/1", "110001"))).json()
    assert [fault["rule"]["href"] for fault in report["faults"]] == [href]


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_nothing_is_ever_lowered(severity: Severity) -> None:
    ref = RuleRef("set", "A-1")
    faults = [
        Fault(code="rule/A-1", pointer="/a", message="m", severity=severity, rule=ref, hint="h"),
        Fault(code="own/b", pointer="/b", message="m", severity=severity),
    ]

    assert [fault.severity for fault in raised(faults, {"A-1", "own/b"})] == ["error", "error"]
    assert list(raised(faults, {"rule/A-1", "A-2", ""})) == faults
    assert [fault.hint for fault in raised(faults, {"A-1"})] == ["h", ""]
