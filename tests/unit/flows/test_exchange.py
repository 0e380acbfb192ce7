"""What is kept of an exchange tells everything but credentials, however they come back."""

from base64 import b64encode

import pytest
from httpx import Request, Response

from tallystick.flows.exchange import answer_bytes, head_of_answer, request_bytes
from tallystick.keys import Secret

TOKEN, SECRET, CODE = Secret("token-of-the-unit"), Secret("secret-of-the-unit"), "481516"
BASIC = b64encode(b"token-of-the-unit:secret-of-the-unit").decode()


def echo(**headers: str) -> Response:
    """An answer that says back every header, in its head and its body."""
    request = Request("POST", "https://authority.test/x", headers=headers)
    said = str(dict(request.headers))
    return Response(500, headers={"x-said": said}, content=said.encode(), request=request)


@pytest.mark.parametrize(
    ("headers", "hidden"),
    [
        ({"authorization": f"Basic {BASIC}"}, BASIC),
        ({"otp": CODE}, CODE),
        ({"x-token": TOKEN.reveal()}, TOKEN.reveal()),
        ({"authorization": "Bearer abcdefgh"}, "abcdefgh"),
    ],
)
def test_a_credential_that_is_said_back_as_it_went_out_is_not_kept(
    headers: dict[str, str], hidden: str
) -> None:
    answer = echo(accept="text/plain", **headers)
    kept = answer_bytes(answer, ()) + head_of_answer(answer, ()) + request_bytes(answer.request, (), True)

    assert hidden.encode() not in kept
    assert kept.count(b"***") >= 4
    assert b"text/plain" in kept


def test_short_words_and_schemes_are_left_alone() -> None:
    answer = echo(authorization="Basic", otp="12345")

    assert b"'otp': '12345'" in answer_bytes(answer, ())


def test_an_answer_that_nobody_asked_for_is_kept_without_what_is_known() -> None:
    kept = answer_bytes(Response(200, content=b"<secret-of-the-unit>"), [SECRET])

    assert kept.endswith(b"<***>")
