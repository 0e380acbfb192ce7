"""Several units of one taxpayer, units that ran elsewhere, and what nobody may ever see."""

from base64 import b64decode
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from msgspec import json

from flows.house import House
from onboarding import saudi
from tallystick.flows.administer import BadBody, TakeoverBody, registrations
from tallystick.flows.administer.bodies import RegistrationChange
from tallystick.flows.errors import Faulty
from tallystick.flows.onboarding import asking
from tallystick.keys import KeyringError, new_private_key
from tallystick.sandbox.server import Running
from tallystick.worker.courier import HttpCourier


async def credential(home: House, unit: UUID) -> dict[str, str]:
    """The unit's secrets and key, opened as only the worker can."""
    row = await saudi.row(home, unit)
    owner = f"{home.caller.tenant_id}|registration|{unit}"
    unwrap = home.worker.keyring.unwrap
    found = {
        name: unwrap(b64decode(text), f"{owner}|{name}".encode()).reveal()
        for name, text in json.decode(row["secrets_wrapped"]).items()
    }
    return found | {"private_key": unwrap(row["signer_wrapped"], f"{owner}|signer".encode()).reveal()}


async def settled(home: House, courier: HttpCourier, body: bytes) -> Any:
    """The submission of a new invoice after the worker did all it could."""
    return await home.work(courier, (await home.post(body)).invoice_id, times=2)


async def moved(
    home: House, courier: HttpCourier, sandbox: Running, owner: Any
) -> tuple[dict[str, str], Any]:
    """A unit that issued three documents and was then retired: what its next system is told."""
    unit = await saudi.enrolled(home, courier, sandbox, owner)
    for number in range(3):
        row = await settled(home, courier, saudi.invoice(f"OLD-{number}"))
        assert row["state"] == "done"
    found = await credential(home, unit)
    await registrations.change_registration(home.app, home.caller, unit, RegistrationChange(state="retired"))
    return found, row


def handed_over(found: dict[str, str], icv: int, last: str, **changes: str) -> TakeoverBody:
    told = found | changes
    return TakeoverBody(
        given={"icv": str(icv), "last_hash": last},
        secrets={"token": told["token"], "secret": told["secret"]},
        private_key=told["private_key"],
    )


async def test_a_unit_that_ran_elsewhere_goes_on_after_its_last_number(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    owner = await saudi.seller(home)
    found, last = await moved(home, courier, sandbox, owner)
    unit = await saudi.unit(home, sandbox, owner)

    # what ran under another registration here is the same chain
    await asking.take_over(home.app, home.caller, unit, handed_over(found, last["chain_no"], last["link"]))
    await saudi.steps(home, courier)

    assert (await saudi.looked(home, unit)).state == "done"
    row = await settled(home, courier, saudi.invoice("NEW-1"))
    assert row["state"] == "done", dict(row)
    assert (row["chain_no"], row["prev_link"]) == (4, last["link"])


async def test_a_unit_under_two_registrations_is_one_chain(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    owner = await saudi.seller(home)
    found, last = await moved(home, courier, sandbox, owner)
    units = [await saudi.unit(home, sandbox, owner, name=name) for name in ("east", "west", "late", "wrong")]
    body = handed_over(found, last["chain_no"], last["link"])
    for one in units[:2]:
        await asking.take_over(home.app, home.caller, one, body)
    await saudi.steps(home, courier)

    rows = [
        await settled(
            home, courier, saudi.invoice(f"TWO-{number}", registration=("east", "west")[number % 2])
        )
        for number in range(4)
    ]

    assert [row["state"] for row in rows] == ["done"] * 4
    assert [row["chain_no"] for row in rows] == [4, 5, 6, 7]
    assert [row["prev_link"] for row in rows] == [last["link"], *(row["link"] for row in rows[:-1])]
    wrong = (body, handed_over(found, rows[-1]["chain_no"], last["link"]))
    for one, given in zip(units[2:], wrong, strict=True):
        await asking.take_over(home.app, home.caller, one, given)
        await saudi.steps(home, courier)
        failed = await saudi.looked(home, one)
        assert (failed.state, failed.registration_state) == ("failed", "new")
        assert "its last document is another one" in failed.detail


async def test_a_key_that_is_not_the_certificates_takes_nothing_over(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    owner = await saudi.seller(home)
    found, last = await moved(home, courier, sandbox, owner)
    unit = await saudi.unit(home, sandbox, owner)
    other = new_private_key("ES256K").reveal()

    body = handed_over(found, last["chain_no"], last["link"], private_key=other)
    await asking.take_over(home.app, home.caller, unit, body)
    await saudi.steps(home, courier)

    failed = await saudi.looked(home, unit)
    assert (failed.state, failed.registration_state) == ("failed", "new")
    assert "private key" in failed.detail


async def test_what_is_missing_for_a_takeover_is_told_at_once(home: House, sandbox: Running) -> None:
    unit = await saudi.unit(home, sandbox)

    with pytest.raises(BadBody) as refused:
        await asking.take_over(
            home.app, home.caller, unit, TakeoverBody(given={"icv": "x"}, private_key="nothing")
        )

    pointers = [fault.pointer for fault in refused.value.faults]
    assert pointers == ["/given/icv", "/given/last_hash", "/secrets/token", "/secrets/secret"]


async def test_documents_are_spread_over_units_and_each_chain_is_whole(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    owner = await saudi.seller(home)
    units = [await saudi.enrolled(home, courier, sandbox, owner, name=f"till-{n}") for n in range(3)]

    rows = [await settled(home, courier, saudi.invoice(f"SA-{number}")) for number in range(24)]

    assert {row["state"] for row in rows} == {"done"}
    for unit in units:
        mine = [row for row in rows if row["registration_id"] == unit]
        assert mine, "a unit got nothing at all"
        assert [row["chain_no"] for row in mine] == list(range(1, len(mine) + 1))
        assert [row["prev_link"] for row in mine] == ["", *(row["link"] for row in mine[:-1])]


async def test_a_document_names_the_unit_that_issues_it(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    owner = await saudi.seller(home)
    units = [await saudi.enrolled(home, courier, sandbox, owner, name=f"till-{n}") for n in range(2)]

    rows = [await settled(home, courier, saudi.invoice(f"A-{n}", registration="till-1")) for n in range(4)]

    assert {row["registration_id"] for row in rows} == {units[1]}


async def test_an_invoice_in_a_currency_of_three_decimals_goes_out_with_two(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    await saudi.enrolled(home, courier, sandbox)
    body = json.decode(saudi.invoice("KWD-1", "b2b", currency_code="KWD"))
    body["exchange_rate"] = {"from": "KWD", "to": "SAR", "rate": "12.2051"}
    body["lines"][0]["price"] = {"item_net_price": "0.335"}

    accepted = await home.post(json.encode(body))
    row = await home.work(courier, accepted.invoice_id, times=2)

    assert row["state"] == "done", dict(row)
    wire = (await home.rows("SELECT body FROM object WHERE id = $1", row["wire_object"]))[0]["body"]
    assert b'<cbc:PayableAmount currencyID="KWD">0.77</cbc:PayableAmount>' in wire


async def test_a_paused_unit_leaves_new_documents_to_the_others(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    owner = await saudi.seller(home)
    units = [await saudi.enrolled(home, courier, sandbox, owner, name=f"till-{n}") for n in range(2)]
    paused = RegistrationChange(state="paused")
    await registrations.change_registration(home.app, home.caller, units[0], paused)

    rows = [await settled(home, courier, saudi.invoice(f"B-{n}")) for n in range(6)]

    assert {row["registration_id"] for row in rows} == {units[1]}


async def test_a_title_keeps_documents_of_the_other_flow_away(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    owner = await saudi.seller(home)
    simplified = await saudi.enrolled(home, courier, sandbox, owner, name="till", settings={"title": "0100"})
    with pytest.raises(Faulty, match="registration-unfit"):
        await home.post(saudi.invoice("SA-1", "b2b"))

    standard = await saudi.enrolled(home, courier, sandbox, owner, name="office", settings={"title": "1000"})
    rows = [await settled(home, courier, saudi.invoice(f"C-{kind}", kind)) for kind in ("b2b", "b2c")]
    assert [row["registration_id"] for row in rows] == [standard, simplified]
    assert [row["verdict"] for row in rows] == ["cleared", "reported"]

    for unit in (simplified, standard):  # settings change; what was certified does not
        change = RegistrationChange(settings={**saudi.SETTINGS, "title": "1100"})
        await registrations.change_registration(home.app, home.caller, unit, change)
    rows = [await settled(home, courier, saudi.invoice(f"D-{kind}", kind)) for kind in ("b2b", "b2c")]
    assert [row["registration_id"] for row in rows] == [standard, simplified]


async def test_a_change_of_settings_keeps_what_the_onboarding_brought(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    change = RegistrationChange(settings={**saudi.SETTINGS, "business_category": "Retail"})

    changed = await registrations.change_registration(home.app, home.caller, unit, change)

    assert changed.settings["business_category"] == "Retail"
    assert changed.settings["certificate"]
    assert changed.settings["chain"]
    assert (await settled(home, courier, saudi.invoice("SA-1")))["state"] == "done"


async def everything_stored(url: str) -> str:
    """Every row of every table as text."""
    connection = await asyncpg.connect(url)
    try:
        found = []
        for (table,) in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
            for row in await connection.fetch(f'SELECT * FROM "{table}"'):
                found += [v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in row.values()]
        return "\n".join(found)
    finally:
        await connection.close()


async def test_no_code_no_credential_and_no_key_is_written_down_anywhere(
    home: House,
    courier: HttpCourier,
    sandbox: Running,
    database_url: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    codes = [await saudi.code(sandbox) for _ in range(2)]
    unit = await saudi.unit(home, sandbox)
    faults = {"match": {"dialect": "fatoora", "operation": "compliance"}, "times": 1}
    await saudi.admin(sandbox, "faults", fault="answer:compliance-400-invalid-csr", **faults)
    shown = [await saudi.given(home, unit, codes[0])]
    await saudi.steps(home, courier)
    shown += [await saudi.looked(home, unit), await saudi.given(home, unit, codes[1])]
    await saudi.steps(home, courier)
    shown.append(await saudi.looked(home, unit))
    assert shown[-1].state == "done"
    assert (await settled(home, courier, saudi.invoice("SA-1")))["state"] == "done"

    found = await credential(home, unit)
    lines = [line for line in found["private_key"].splitlines() if "--" not in line]
    hidden = [found["secret"], found["token"][:60], found["token"][-60:], *lines]
    told = json.encode(shown).decode() + "".join(capfd.readouterr())
    told += json.encode(await registrations.registration(home.app, home.caller, unit)).decode()
    stored = await everything_stored(database_url)
    for text in hidden:
        assert text not in stored
        assert text not in told
    for code in codes:
        assert f"OTP: {code}" not in stored
        assert f'"{code}"' not in told
        assert f"otp: {code}" not in stored
    assert "otp: ***" in stored.lower(), "the requests with the codes are not on record at all"


async def test_the_api_can_read_nothing_of_it_back(
    home: House, courier: HttpCourier, sandbox: Running
) -> None:
    unit = await saudi.enrolled(home, courier, sandbox)
    row = await saudi.row(home, unit)
    owner = f"{home.caller.tenant_id}|registration|{unit}"

    with pytest.raises(KeyringError):
        home.app.keyring.unwrap(row["signer_wrapped"], f"{owner}|signer".encode())
