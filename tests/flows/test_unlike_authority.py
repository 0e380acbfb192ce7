"""A third party's strategy, unlike any of ours: documents in a chain, a login all workers share, a deadline.

Its authority is played over HTTP by a few lines here; the strategy is the one the kit is tried on.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from conformance import clearing
from flows.house import House, fixture, house, settings_for
from tallystick import strategies
from tallystick.flows import accept, entering, submit
from tallystick.flows.administer import RegistrationBody, SellerBody, registrations, sellers
from tallystick.flows.onboarding import asking, running
from tallystick.store import enrolled as table
from tallystick.strategies import Registry
from tallystick.strategy import Verdict
from tallystick.worker.courier import HttpCourier

PASSWORD = "open-sesame-7291"


class Authority:
    """Clears what is put under a token it gave; forgets tokens when told; counts what it is asked."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.logins = 0
        self.refuses = False
        self.slow = 0.0
        self.documents: dict[str, dict[str, Any]] = {}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                body = await reader.readexactly(int(fields.get("content-length", "0")))
                method, path = head.split(" ")[:2]
                status, said = await self.answer(method, path, fields, body)
                text = json.dumps(said).encode()
                writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(text)}\r\n\r\n".encode() + text)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(
        self, method: str, path: str, fields: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        if path.endswith("/login"):
            self.logins += 1
            await asyncio.sleep(self.slow)
            if self.refuses or json.loads(body)["password"] != PASSWORD:
                return 403, {}
            token = f"token-{uuid4()}"
            self.tokens.add(token)
            return 200, {"token": token, "seconds": 3600}
        if fields.get("authorization", "").removeprefix("bearer ") not in self.tokens:
            return 401, {}
        reference = path.rpartition("/")[2]
        if method == "PUT":
            known = self.documents.setdefault(reference, json.loads(body))
            assert known == json.loads(body), "other content under one reference"
        if reference not in self.documents:
            return 404, {"state": "nothing"}
        return 200, {"state": "cleared", "id": reference}


@pytest.fixture
async def authority() -> AsyncIterator[tuple[Authority, str]]:
    played = Authority()
    server = await asyncio.start_server(played.handle, "127.0.0.1", 0)
    yield played, f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    server.close()


@pytest.fixture
async def home(
    tmp_path: Path, app_database_url: str, worker_database_url: str, authority: tuple[Authority, str]
) -> AsyncIterator[House]:
    settings = settings_for(tmp_path, app_database_url, worker_database_url, [authority[1]])
    async with house(settings) as opened:
        known = strategies.load()
        pairs = [(each, known.home(each.name)) for each in known.all]
        registry = Registry([*pairs, (clearing.strategy, sys.modules[clearing.__name__])])
        opened.app.strategies = opened.worker.strategies = registry
        await enrolled(opened, f"http://{authority[1]}")
        yield opened


@pytest.fixture
async def courier(home: House) -> AsyncIterator[HttpCourier]:
    async with HttpCourier(home.worker.settings.access_point_hosts) as opened:
        yield opened


async def enrolled(home: House, endpoint: str) -> None:
    """A seller in the authority's country with one unit."""
    seller = await sellers.create_seller(
        home.app, home.caller, SellerBody(name="Suva Trading Ltd", country_code="FJ", tax_identifier="FJ-77")
    )
    await registrations.create_registration(
        home.app,
        home.caller,
        RegistrationBody(
            seller_id=seller.id,
            strategy="clearing",
            endpoint=endpoint,
            settings={"unit": "till-1"},
            secrets={"password": PASSWORD},
        ),
    )


async def posted(home: House) -> accept.Accepted:
    """An invoice of that seller."""
    body = json.loads(fixture("default", "standard", invoice_number=f"C-{uuid4().hex[:8]}"))
    body |= {"currency_code": "FJD", "regime_data": {"clearing": {"till": "north"}}, "buyer_reference": "A"}
    body["seller"] |= {"tax_identifier": "FJ-77"}
    body["seller"]["postal_address"]["country_code"] = "FJ"
    return await home.post(json.dumps(body).encode())


async def states(home: House) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in await home.rows("SELECT state FROM submission"):
        found[row["state"]] = found.get(row["state"], 0) + 1
    return found


async def test_a_chain_has_no_gap_and_every_link_meets(
    home: House, courier: HttpCourier, authority: tuple[Authority, str]
) -> None:
    invoices = [(await posted(home)).invoice_id for _ in range(12)]

    await asyncio.gather(*(home.work(courier, each) for each in invoices))

    assert await states(home) == {"done": 12}
    chain = sorted(authority[0].documents.values(), key=lambda each: int(each["counter"]))
    assert [each["counter"] for each in chain] == list(range(1, 13))
    rows = await home.rows("SELECT chain_no, prev_link, link FROM submission ORDER BY chain_no")
    assert [row["prev_link"] for row in rows] == ["", *(row["link"] for row in rows[:-1])]
    assert [each["previous"] for each in chain] == [row["prev_link"] for row in rows]
    assert (await home.rows("SELECT next_no FROM authority_chain"))[0]["next_no"] == 13


async def test_all_workers_share_one_login(
    home: House, courier: HttpCourier, authority: tuple[Authority, str]
) -> None:
    authority[0].slow = 0.3
    invoices = [(await posted(home)).invoice_id for _ in range(8)]

    await asyncio.gather(*(home.work(courier, each) for each in invoices))

    assert authority[0].logins == 1
    assert await states(home) == {"done": 8}


async def test_a_token_revoked_in_mid_flight_loses_nothing(
    home: House, courier: HttpCourier, authority: tuple[Authority, str]
) -> None:
    first, second = await posted(home), await posted(home)
    await home.work(courier, first.invoice_id)
    authority[0].tokens.clear()

    row = await home.work(courier, second.invoice_id)
    assert row["state"] == "retry_wait"
    row = await home.work(courier, second.invoice_id)

    assert (row["state"], authority[0].logins) == ("done", 2)


async def test_a_refused_login_halts_the_registration_and_is_not_tried_again(
    home: House, courier: HttpCourier, authority: tuple[Authority, str]
) -> None:
    authority[0].refuses = True
    invoices = [(await posted(home)).invoice_id for _ in range(4)]

    for _ in range(3):
        for each in invoices:
            await home.work(courier, each)

    assert authority[0].logins == 1
    assert await states(home) == {"parked": 4}
    row = (await home.rows("SELECT state, paused_reason FROM registration"))[0]
    assert row["state"] == "paused"
    assert {row["attempts"] for row in await home.rows("SELECT attempts FROM submission")} == {0}


async def test_many_workers_at_once_have_a_wrong_credential_refused_once(
    home: House, courier: HttpCourier, authority: tuple[Authority, str]
) -> None:
    """An authority may lock an account after a few refusals."""
    authority[0].refuses, authority[0].slow = True, 0.3
    invoices = [(await posted(home)).invoice_id for _ in range(12)]

    await asyncio.gather(*(home.work(courier, each) for each in invoices))

    assert authority[0].logins == 1
    assert (await home.rows("SELECT state FROM registration"))[0]["state"] == "paused"


async def test_who_saw_the_need_before_a_refusal_does_not_try_the_same_credential_again(
    home: House, courier: HttpCourier, authority: tuple[Authority, str]
) -> None:
    authority[0].refuses = True
    found = (await home.rows("SELECT id, clock_timestamp() AS now FROM registration"))[0]
    async with home.worker.store.everyone() as db:
        row = await table.enrolled(db, found["id"])
    assert row is not None
    needed = entering.LoginNeeded(row, "clearing", found["now"])

    said = [await entering.log_in(home.worker, courier, needed) for _ in range(3)]

    assert [outcome and outcome.verdict for outcome in said] == [Verdict.HALTED, None, None]
    assert authority[0].logins == 1


async def test_a_login_is_on_record_and_its_secrets_are_nowhere(
    home: House, courier: HttpCourier, authority: tuple[Authority, str]
) -> None:
    accepted = await posted(home)
    await home.work(courier, accepted.invoice_id)

    entries = await home.rows("SELECT entry FROM compliance_log WHERE stream_kind = 'registration'")
    assert [json.loads(row["entry"])["event"] for row in entries][-1] == "registration.login"
    (token,) = authority[0].tokens
    tables = "SELECT body FROM object UNION ALL SELECT entry FROM compliance_log"
    for row in await home.rows(f"{tables} UNION ALL SELECT wrapped FROM registration_session"):
        assert PASSWORD.encode() not in row["body"]
        assert token.encode() not in row["body"]


async def test_the_legal_deadline_is_kept_with_the_submission(home: House) -> None:
    accepted = await posted(home)

    row = await home.submission_of(accepted.invoice_id)

    assert 23 < (row["deadline_at"] - row["created_at"]).total_seconds() / 3600 < 25


async def test_a_submission_nobody_may_have_twice_is_worked_on_by_one(
    home: House, courier: HttpCourier, authority: tuple[Authority, str]
) -> None:
    accepted = await posted(home)
    row = await home.submission_of(accepted.invoice_id)

    await asyncio.gather(*(submit.run(home.worker, courier, UUID(str(row["id"])), str(n)) for n in range(10)))

    assert len(authority[0].documents) == 1
    assert (await home.events_of(accepted.invoice_id)).count("authority.request") == 1


async def tried(home: House, courier: HttpCourier) -> tuple[str, str]:
    """What comes of trying the registration's credentials: the state it ends in, and in which words."""
    unit = (await home.rows("SELECT id FROM registration"))[0]["id"]
    await asking.try_out(home.app, home.caller, unit)
    await running.look(home.worker, courier, "test", asyncio.Event())
    found = await asking.look(home.app, home.caller, unit)
    return found.state, found.detail


async def test_credentials_are_tried_by_a_login_and_nothing_else(
    home: House, courier: HttpCourier, authority: tuple[Authority, str]
) -> None:
    assert await tried(home, courier) == ("done", "Logged in.")
    assert authority[0].logins == 1
    assert authority[0].documents == {}

    await home.work(courier, (await posted(home)).invoice_id)
    assert authority[0].logins == 1, "the session of the trial is everybody's"

    authority[0].refuses = True
    state, detail = await tried(home, courier)
    assert (state, detail) == ("failed", "The login was refused.")
    assert (await home.rows("SELECT state FROM registration"))[0]["state"] == "active"
