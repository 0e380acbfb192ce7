"""Logging in: who may, and how long a token lives."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tallystick.sandbox import Running


def habits(caller: Any, **said: Any) -> None:
    """Change the portal's habits."""
    assert caller.admin("POST", f"{caller.portal}/habits", said).status_code == 200


def advance(caller: Any, seconds: float) -> None:
    """Move the portal's clock."""
    assert caller.admin("POST", "clock", {"advance": seconds}).status_code == 200


def test_the_token_is_the_same_for_its_whole_life_and_its_key_comes_under_each_app_key(stranger: Any) -> None:
    first = stranger.auth().data
    key = stranger.key
    second = stranger.auth(force=True).data
    assert first["AuthToken"] == second["AuthToken"] and first["Sek"] != second["Sek"]
    assert stranger.key == key and len(key) == 32
    assert first["TokenExpiry"] == second["TokenExpiry"]
    assert [event["fresh"] for event in stranger.events(event="login")] == [True, False]


def test_only_near_its_end_is_a_token_renewed_and_only_on_demand(stranger: Any) -> None:
    first = stranger.auth().data["AuthToken"]
    advance(stranger, 3600 - 599)
    assert stranger.auth().data["AuthToken"] == first
    second = stranger.auth(force=True).data["AuthToken"]
    assert second != first
    stranger.token = first
    assert stranger.by_irn("0" * 64).codes == ["2148"]
    advance(stranger, 600)
    assert stranger.by_irn("0" * 64).codes == ["1005"]
    stranger.token = second
    assert stranger.auth().data["AuthToken"] == second


def test_renewal_may_end_the_token_before(stranger: Any) -> None:
    habits(stranger, life=30, renewal_window=60, renewal_revokes=True)
    first = stranger.auth().data["AuthToken"]
    stranger.auth(force=True)
    stranger.token = first
    assert stranger.by_irn("0" * 64).codes == ["1005"]


def test_an_expired_token_is_replaced(stranger: Any) -> None:
    habits(stranger, life=2)
    first = stranger.auth().data["AuthToken"]
    advance(stranger, 3)
    assert stranger.by_irn("0" * 64).codes == ["1005"]
    assert stranger.auth().data["AuthToken"] != first
    assert stranger.by_irn("0" * 64).codes == ["2148"]


def test_production_sessions_live_six_hours(started: Running, caller_of: Callable[..., Any]) -> None:
    assert caller_of(started).described()["token_seconds"] == 3600
    assert caller_of(started, "nic2-production").described()["token_seconds"] == 21600


def test_either_spelling_is_understood_and_both_at_once_are_not(caller: Any) -> None:
    caller.hyphens = True
    assert caller.auth().codes == []
    assert caller.by_irn("0" * 64).codes == ["2148"]
    caller.extra = {"client_id": caller.client[0]}
    assert caller.auth().codes == caller.by_irn("0" * 64).codes == ["1007"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1010", {"client": ("tallystick-client", "wrong")}),
        ("1010", {"client": ("nobody", "tallystick-secret")}),
        ("1011", {"client": ("", "x")}),
        ("1012", {"client": ("tallystick-client", "")}),
        ("1004", {"gstin": ""}),
        ("1017", {"login": ("nobody", "Tallystick@1")}),
        ("1019", {"login": ("tallystick", "wrong")}),
    ],
)
def test_who_may_not_log_in_is_told_why(stranger: Any, code: str, said: dict[str, Any]) -> None:
    for name, value in said.items():
        setattr(stranger, name, value)
    answer = stranger.auth()
    assert (answer.http, answer.codes, answer.envelope["Status"], answer.data) == (200, [code], 0, None)


def test_a_login_that_cannot_be_read_is_told_so(stranger: Any) -> None:
    def sent(body: Any) -> list[str]:
        url = f"{stranger.base}/eivital/v1.04/auth"
        found = stranger.read(stranger.http.post(url, json=body, headers=stranger.headers()))
        return list(found.codes)

    assert (
        sent({"Data": "AAAA"})
        == sent({"Data": "!"})
        == sent({"Data": b64encode(b"x" * 256).decode()})
        == ["1020"]
    )
    assert sent({}) == sent([]) == sent({"Data": 7}) == ["1007"]
    assert stranger.auth(AppKey=b64encode(b"short").decode()).codes == ["1016"]
    assert stranger.auth(AppKey="!").codes == stranger.auth(AppKey=None).codes == ["1016"]


def test_repeated_wrong_passwords_freeze_the_user(stranger: Any) -> None:
    right, stranger.login = stranger.login, ("tallystick", "wrong")
    assert [stranger.auth().codes for _ in range(5)] == [["1019"]] * 5
    stranger.login = right
    assert stranger.auth().codes == ["3033"]
    user = {"gstin": stranger.gstin, "user_name": right[0], "password": right[1]}
    assert stranger.admin("POST", "nic1/users", user).status_code == 204
    assert stranger.auth().codes == []


def test_a_right_password_in_between_forgets_the_wrong_ones(stranger: Any) -> None:
    right = stranger.login
    for _ in range(3):
        stranger.login = ("tallystick", "wrong")
        assert [stranger.auth().codes for _ in range(4)] == [["1019"]] * 4
        stranger.login = right
        assert stranger.auth().codes == []


@pytest.mark.parametrize(
    ("state", "code"),
    [("inactive", "1014"), ("suspended", "3035"), ("cancelled", "3034"), ("frozen", "3033")],
)
def test_a_user_in_another_state_is_kept_out(stranger: Any, state: str, code: str) -> None:
    user = {"gstin": stranger.gstin, "user_name": "clerk", "password": "Pw@1", "state": state}
    stranger.admin("POST", "nic1/users", user)
    stranger.login = ("clerk", "Pw@1")
    assert stranger.auth().codes == [code]


def test_own_users_and_clients_replace_the_default_ones(stranger: Any) -> None:
    stranger.admin("POST", "nic1/clients", {"client_id": "own", "client_secret": "word"})
    user = {"gstin": stranger.gstin, "user_name": "clerk", "password": "Pw@1", "client_id": "own"}
    stranger.admin("POST", "nic1/users", user)
    assert stranger.auth().codes == ["1017"]
    stranger.login = ("clerk", "Pw@1")
    assert stranger.auth().codes == ["1018"]
    stranger.client = ("own", "word")
    assert stranger.auth().codes == []


def test_a_token_serves_only_whom_it_was_given_to(caller: Any) -> None:
    token, user = caller.token, caller.login
    caller.login = ("other", user[1])
    assert caller.by_irn("0" * 64).codes == ["1005"]
    caller.login, caller.gstin = user, "09AAJCM7191E1Z5"
    assert caller.by_irn("0" * 64).codes == ["1015"]
    caller.gstin, caller.token = "29AAACP7879D1Z0", "x" + token
    assert caller.by_irn("0" * 64).codes == ["1005"]
    caller.token = ""
    assert caller.by_irn("0" * 64).codes == ["1006"]


def test_tokens_can_be_revoked(caller: Any) -> None:
    assert caller.admin("POST", "nic1/revoke", {"gstin": "27AAACP7879D1Z4"}).json() == {"ended": 0}
    assert caller.admin("POST", "nic1/revoke", {"gstin": caller.gstin}).json() == {"ended": 1}
    assert caller.by_irn("0" * 64).codes == ["1005"]
    before = caller.token
    assert caller.auth().data["AuthToken"] != before


def test_portals_have_their_own_keys_users_and_sessions(
    started: Running, caller_of: Callable[..., Any]
) -> None:
    first, second = caller_of(started, "nic1"), caller_of(started, "nic2")
    one, two = first.described(), second.described()
    assert len({one["auth_key"], two["auth_key"], one["signing_key"], two["signing_key"]}) == 4
    assert one["kid"] != two["kid"]
    first.auth()
    second.token, second.key = first.token, first.key
    assert second.by_irn("0" * 64).codes == ["1005"]


def test_without_a_prefix_the_first_portal_answers(caller: Any) -> None:
    url = f"{caller.sandbox.url}/eicore/v1.03/Invoice/irn/{'0' * 64}"
    assert caller.read(httpx.get(url, headers=caller.headers())).codes == ["2148"]


def test_no_secret_reaches_the_journal(caller: Any, invoice: dict[str, Any], tmp_path: Any) -> None:
    caller.admin("POST", "nic1/clients", {"client_id": "own", "client_secret": "client-word"})
    user = {"gstin": caller.gstin, "user_name": "clerk", "password": "pass-word"}
    caller.admin("POST", "nic1/users", user)
    caller.generate(invoice)
    written = (tmp_path / "sandbox.jsonl").read_text()
    secrets = ("client-word", "pass-word", caller.token, b64encode(caller.key).decode(), caller.client[1])
    assert "clerk" in written and not [word for word in secrets if word in written]
