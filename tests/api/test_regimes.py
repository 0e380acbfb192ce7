"""The explorer over HTTP: pages, filters, entity tags, and the way from a fault to its rule."""

from typing import Any
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator

from api.conftest import Actor, actor
from tallystick.flows.gateway import Gateway

ROOT = "/v1/regimes/peppol"


async def test_the_regimes_are_listed_with_what_a_registration_says(alice: Actor) -> None:
    answer = await alice.get("/v1/regimes")
    told = {one["id"]: one for one in answer.json()["data"]}

    assert {"default", "peppol"} <= set(told)
    settings = told["peppol"]["settings"]
    Draft202012Validator.check_schema(settings)
    assert list(Draft202012Validator(settings).iter_errors({"adapter": "phoss-ap"})) == []
    assert list(Draft202012Validator(settings).iter_errors({"adapter": "pigeon"})) != []
    assert told["peppol"]["secrets"] == ["token"]
    assert (await alice.get(ROOT)).json() == told["peppol"]
    for link in told["peppol"]["links"].values():
        assert (await alice.get(link)).status_code == 200, link


async def test_every_rule_is_met_once_from_page_to_page(alice: Actor) -> None:
    met: list[str] = []
    path: str | None = f"{ROOT}/rules?limit=200"
    while path is not None:
        answer = await alice.get(path)
        page = answer.json()
        met += [rule["id"] for rule in page["data"]]
        assert page["has_more"] == (page["next_cursor"] is not None) == ("Link" in answer.headers)
        path = answer.headers["Link"].split(">")[0][1:] if page["has_more"] else None

    regime = (await alice.get(ROOT)).json()
    assert len(met) == len(set(met)) == sum(one["rules"] for one in regime["rule_sets"])


async def test_a_filter_goes_with_its_pages_and_a_cursor_of_another_is_refused(alice: Actor) -> None:
    first = await alice.get(f"{ROOT}/rules?native=true&set=en16931&limit=2")
    assert [rule["native"] for rule in first.json()["data"]] == [True, True]
    second = await alice.get(first.headers["Link"].split(">")[0][1:])
    assert {rule["set"] for rule in second.json()["data"]} == {"en16931"}
    cursor = first.json()["next_cursor"]
    for path in (f"{ROOT}/rules?cursor={cursor}", f"/v1/regimes/default/rules?cursor={cursor}"):
        answer = await alice.get(path)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/cursor")


async def test_an_answer_may_be_kept_and_is_not_sent_again(alice: Actor) -> None:
    for path in ("", "/rules", "/rules/BR-CO-15", "/fields", "/code-lists", "/code-lists/eas"):
        answer = await alice.get(ROOT + path)
        again = await alice.get(ROOT + path, headers={"If-None-Match": answer.headers["ETag"]})
        assert not answer.headers["ETag"].startswith("W/"), path
        assert (again.status_code, again.content) == (304, b""), path
        for one in (answer, again):
            assert one.headers["Cache-Control"] == "private, max-age=300", path
            assert one.headers["ETag"] == answer.headers["ETag"], path


async def test_every_valid_key_may_read_it_whatever_its_scopes_and_mode(
    gateway: Gateway, client: Any
) -> None:
    for scope, mode in (("webhooks:write", "test"), ("audit:read", "live")):
        who = await actor(gateway, client, scope, mode=mode)
        assert (await who.get(f"{ROOT}/rules/BR-CO-15")).json()["id"] == "BR-CO-15"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/regimes/nobody",
        f"{ROOT}/rules/BR-NOBODY",
        f"{ROOT}/code-lists/nobody",
        f"{ROOT}/code-lists/SOURCE",
    ],
)
async def test_what_is_not_there_is_not_found(alice: Actor, path: str) -> None:
    assert (await alice.get(path)).json()["code"] == "resource/not-found"


async def test_every_rule_of_every_regime_has_a_path_that_leads_to_it(alice: Actor) -> None:
    for regime in (await alice.get("/v1/regimes")).json()["data"]:
        listed = await alice.get(f"{regime['links']['rules']}?limit=200&native=true")
        for rule in listed.json()["data"][::7]:
            assert rule["href"] is not None, rule["id"]
            assert (await alice.get(rule["href"])).json() == rule
    assert (await alice.get(f"/v1/regimes/sa_zatca/rules/{quote('sa~1uuid')}")).json()["id"] == "sa/uuid"
