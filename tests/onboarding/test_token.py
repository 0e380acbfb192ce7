"""A unit whose key never leaves a token: onboarded with it, and its documents stamped by it."""

from pathlib import Path

import pytest
from msgspec import structs

from flows.house import House
from onboarding import saudi
from onboarding.softhsm import MISSING, MODULE, PIN, token
from tallystick.flows.administer import BadBody
from tallystick.sandbox.server import Running
from tallystick.worker.courier import HttpCourier


@pytest.fixture
async def with_token(home: House) -> House:
    for gateway in (home.app, home.worker):
        gateway.settings = structs.replace(
            gateway.settings, pkcs11_module=Path(str(MODULE)), pkcs11_pin=PIN.reveal()
        )
    return home


@pytest.mark.skipif(bool(MISSING), reason=MISSING or "-")
async def test_a_units_key_is_made_and_used_inside_its_token(
    with_token: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(with_token, courier, sandbox, key_store=token())

    posted = await with_token.post(saudi.invoice("SA-1"))
    row = await with_token.work(courier, posted.invoice_id)

    assert row["state"] == "done", dict(row)
    stored = (await saudi.row(with_token, unit))["signer_wrapped"]
    place = f"{with_token.caller.tenant_id}|registration|{unit}|signer".encode()
    name = with_token.worker.keyring.unwrap(stored, place).reveal()
    assert name.startswith(f"{token()};object=")


async def test_a_token_that_the_installation_has_not_is_refused_at_once(
    home: House, sandbox: Running
) -> None:
    with pytest.raises(BadBody) as refused:
        await saudi.unit(home, sandbox, key_store="pkcs11:token=none")

    assert [fault.pointer for fault in refused.value.faults] == ["/key_store"]
