"""The strategy and the stand-in, written apart, understand one another over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from msgspec import structs

from tallystick.keys import Secret
from tallystick.strategy import Document, Enrolment, Session, Verdict
from unit.strategies.in_irp.talks import HOME, irp, module, ready

SECRETS = {
    "client_id": "tallystick-client",
    "client_secret": "tallystick-secret",
    "username": "tallystick",
    "password": "Tallystick@1",
}


class Gateway:
    """A worker in small: carries a strategy's conversations to the portal."""

    def __init__(self, caller: Any) -> None:
        self.caller = caller
        self.strategy: Any = irp()
        self.portal = caller.described()
        self.session: Session | None = None

    def enrolled(self, enrolment: Enrolment, **changes: Any) -> Enrolment:
        """The registration, at this portal."""
        words = module("settings")
        key = words.Key(kid=self.portal["kid"], pem=self.portal["certificate"])
        settings = structs.replace(
            enrolment.settings, public_key=self.portal["auth_key"], keys=(key,), **changes
        )
        return structs.replace(
            enrolment,
            endpoint=self.caller.base,
            settings=settings,
            session=self.session,
            now=datetime.now(UTC),
            secrets={name: Secret(word) for name, word in SECRETS.items()},
        )

    def said(self, talk: Any) -> Any:
        """What a conversation comes to."""
        try:
            asked = next(talk)
            while True:
                asked = talk.send(
                    self.caller.http.request(
                        asked.method, asked.url, headers=asked.headers, content=asked.content
                    )
                )
        except StopIteration as end:
            return end.value

    def login(self, enrolment: Enrolment) -> Session:
        """A session, kept."""
        found = self.said(self.strategy.login(self.enrolled(enrolment)))
        assert isinstance(found, Session), found
        self.session = found
        return found

    def submit(self, document: Document, enrolment: Enrolment) -> Any:
        """Submit once."""
        return self.said(self.strategy.submit(document, self.enrolled(enrolment)))

    def inquire(self, document: Document, enrolment: Enrolment) -> Any:
        """Inquire once."""
        return self.said(self.strategy.inquire(document, self.enrolled(enrolment)))


@pytest.fixture
def gateway(stranger: Any) -> Gateway:
    """A gateway at a portal that takes documents of any age."""
    stranger.admin("POST", "nic1/habits", {"window": None, "errors": "mixed", "strict": True})
    return Gateway(stranger)


@pytest.fixture
def standard(gateway: Gateway) -> tuple[Document, Enrolment]:
    """The standard case with a session."""
    document, enrolment = ready("standard")
    gateway.login(enrolment)
    return document, enrolment


def test_every_fixture_is_registered_found_and_known_again(gateway: Gateway) -> None:
    registered = 0
    for case in sorted(path.name for path in HOME.iterdir() if (path / "wire.json").is_file()):
        document, enrolment = ready(case)
        gateway.login(enrolment)
        first = gateway.submit(document, enrolment)
        if first.verdict is Verdict.NOT_REQUIRED:
            continue
        assert first.verdict is Verdict.REGISTERED, (case, first)
        again = [gateway.inquire(document, enrolment), gateway.submit(document, enrolment)]
        assert {one.verdict for one in again} == {Verdict.REGISTERED}, case
        assert {one.reference for one in again} == {first.reference}, case
        registered += 1
    held = gateway.caller.admin("GET", "nic1/registered").json()
    assert len(held) == registered >= 35


def test_one_token_serves_until_its_last_minutes(gateway: Gateway) -> None:
    _, enrolment = ready("standard")
    first, second = gateway.login(enrolment), gateway.login(enrolment)
    assert first.secrets["token"].reveal() == second.secrets["token"].reveal()
    assert first.secrets["sek"].reveal() == second.secrets["sek"].reveal()
    left = first.expires_at - datetime.now(UTC)
    assert timedelta(minutes=45) < left < timedelta(minutes=60)


FORGED = ("wrong-key", "flipped", "unknown-kid", "tampered", "tampered-qr", "wrong-session-key")


@pytest.mark.parametrize("fault", ["html:200", "empty", *(f"answer:{name}" for name in FORGED)])
def test_what_cannot_be_believed_is_not_registered_until_asked_again(
    gateway: Gateway, standard: tuple[Document, Enrolment], fault: str
) -> None:
    gateway.caller.order(fault)
    doubted = gateway.submit(*standard)
    assert doubted.verdict in (Verdict.UNKNOWN, Verdict.CONFLICT, Verdict.HALTED), (fault, doubted)
    assert gateway.inquire(*standard).verdict is Verdict.REGISTERED


@pytest.mark.parametrize(
    ("fault", "kept"), [("drop", False), ("process_then_drop", True), ("truncated", True)]
)
def test_an_open_outcome_is_settled_by_asking(
    gateway: Gateway, standard: tuple[Document, Enrolment], fault: str, kept: bool
) -> None:
    gateway.caller.order(fault)
    with pytest.raises(httpx.TransportError):
        gateway.submit(*standard)
    assert gateway.inquire(*standard).verdict is (Verdict.REGISTERED if kept else Verdict.ABSENT)
    assert gateway.submit(*standard).verdict is Verdict.REGISTERED
    assert len(gateway.caller.events(event="processed")) == 1


@pytest.mark.parametrize("name", ["expired", "revoked"])
def test_a_session_that_ends_is_reported_as_stale(
    gateway: Gateway, standard: tuple[Document, Enrolment], name: str
) -> None:
    gateway.caller.order(f"answer:{name}")
    ended = gateway.submit(*standard)
    assert ended.stale_session and ended.verdict is Verdict.RETRY
    gateway.login(standard[1])
    assert gateway.submit(*standard).verdict is Verdict.REGISTERED


def test_other_content_under_the_number_is_a_conflict(
    gateway: Gateway, standard: tuple[Document, Enrolment]
) -> None:
    document, enrolment = standard
    assert gateway.submit(document, enrolment).verdict is Verdict.REGISTERED
    name = b'"LglNm":"'
    other = structs.replace(document, body=document.body.replace(name, name + b"New "))
    assert other.body != document.body
    assert gateway.submit(other, enrolment).verdict is Verdict.CONFLICT
    assert [one["event"] for one in gateway.caller.events()][-2] == "conflict"


def test_a_first_registration_that_calls_itself_a_duplicate_is_ours(
    gateway: Gateway, standard: tuple[Document, Enrolment]
) -> None:
    gateway.caller.order("answer:dupirn")
    assert gateway.submit(*standard).verdict is Verdict.REGISTERED


def test_a_lost_race_is_heard_of_by_asking(gateway: Gateway, standard: tuple[Document, Enrolment]) -> None:
    document, enrolment = standard
    gateway.caller.order("answer:lost-race")
    won = gateway.submit(document, enrolment)
    polling = gateway.enrolled(enrolment, multi_irp=True)
    news = gateway.said(gateway.strategy.poll(polling, datetime.now(UTC) - timedelta(days=2)))
    assert [(one.reference, one.verdict) for one in news] == [(won.reference, Verdict.REJECTED)]


def test_another_portals_registration_is_a_conflict(
    gateway: Gateway, standard: tuple[Document, Enrolment], caller_of: Callable[..., Any]
) -> None:
    document, enrolment = standard
    other = caller_of(gateway.caller.sandbox, "irp6", gstin=enrolment.tax_identifier)
    other.admin("POST", "irp6/habits", {"window": None})
    other.auth()
    assert other.generate(document.body).codes == []
    assert gateway.submit(document, enrolment).verdict is Verdict.CONFLICT
