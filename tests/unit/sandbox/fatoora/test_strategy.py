"""The strategy against the stand-in, which shares no code with it: what one builds the other takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from msgspec.structs import replace

from tallystick import strategies
from tallystick.conformance import enrolment, judge
from tallystick.keys import Secret, Signer, signer_from_pem
from tallystick.sandbox import Running
from tallystick.strategy import Enrolment, Onboards, Slot, Stage, Verdict
from unit.sandbox.fatoora.egs import VAT, new_key

REGISTRY = strategies.load()
STRATEGY = cast(Any, next(one for one in REGISTRY.all if one.name == "sa_zatca"))
FIXTURES = Path(__file__).parents[4] / "fixtures" / "sa_zatca"
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/invoice.json"))
LATE = {"BR-KSA-98"}


def held(conversation: Any, http: httpx.Client) -> Any:
    """What a conversation came to over real HTTP."""
    try:
        asked = next(conversation)
        while True:
            asked = conversation.send(http.send(asked))
    except StopIteration as stop:
        return stop.value


def code_for(url: str, environment: str) -> Secret:
    if environment == "sandbox":
        return Secret("123345")
    asked = {"environment": environment, "vat": VAT}
    return Secret(httpx.post(f"{url}/admin/fatoora/otp", json=asked).json()["otp"])


def onboarded(shared: Running, http: httpx.Client, environment: str) -> Enrolment:
    """The example's unit with a production credential of the stand-in."""
    bare = replace(
        enrolment(STRATEGY), environment=environment, endpoint=shared.fatoora(environment), secrets={},
        now=datetime.now(UTC),
    )  # fmt: skip
    whole = replace(bare, signer=new_signer())
    assert isinstance(STRATEGY, Onboards)
    stage = STRATEGY.begin("enrol", {}, whole)
    for _ in range(12):
        assert isinstance(stage, Stage), stage
        if stage.done:
            settings = replace(whole.settings, **stage.settings)
            return replace(whole, secrets=stage.secrets, settings=settings)
        code = code_for(shared.url, environment) if stage.wants_code else None
        stage = held(STRATEGY.advance(stage, whole, code), http)
    raise AssertionError("no end of onboarding")


def new_signer() -> Signer:
    """A key on secp256k1 as the gateway holds one."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return signer_from_pem(new_key().private_bytes(*form))


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def ours(shared: Running, http: httpx.Client) -> Enrolment:
    return onboarded(shared, http, "simulation")


@pytest.mark.parametrize("environment", ["sandbox", "simulation", "production"])
def test_the_strategy_onboards_at_the_stand_in(shared: Running, http: httpx.Client, environment: str) -> None:
    assert set(onboarded(shared, http, environment).secrets) == {"token", "secret"}


@pytest.mark.parametrize("case", CASES)
def test_what_the_strategy_builds_the_stand_in_takes(
    shared: Running, http: httpx.Client, ours: Enrolment, case: str
) -> None:
    found = judge(STRATEGY, (FIXTURES / case / "invoice.json").read_bytes(), blocks=REGISTRY.blocks)
    assert found.invoice is not None
    taxpayer = STRATEGY.issuer(found.invoice) or found.invoice.seller.tax_identifier
    example = enrolment(STRATEGY, invoice=found.invoice)
    whole = replace(ours, now=example.now, slot=example.slot or Slot(1), reference=example.reference)
    assert taxpayer == ours.tax_identifier
    document = STRATEGY.build(found.invoice, whole)
    outcome = held(STRATEGY.submit(document, whole), http)
    assert outcome.verdict in (Verdict.CLEARED, Verdict.REPORTED), outcome
    rules = {fault.rule.id for fault in outcome.faults if fault.rule is not None}
    assert rules <= LATE | {fault.rule.id for fault in found.faults if fault.rule is not None}
