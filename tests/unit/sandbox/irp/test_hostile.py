"""Whatever is sent, there is an answer: never a 5xx, never a hang, never a registration."""

from __future__ import annotations

import json
from base64 import b64encode
from os import urandom
from typing import Any
from urllib.parse import quote

import pytest

POSTS = (
    "/eicore/v1.03/Invoice",
    "/eicore/v1.03/Invoice/Cancel",
    "/eiewb/v1.03/ewaybill",
    "/ewaybillapi/v1.03/ewayapi",
)
PLAIN = [
    b"", b"null", b"[]", b"7", b'"x"', b"{", b"\x00", b"\xff\xfe\x00", b"[" * 200_000, b'{"a":' * 200_000,
    b'{"DocDtls":{"No":"\\ud800","Typ":"INV","Dt":"01/01/2026"},"SellerDtls":{"Gstin":"\\udfff"}}',
    b'{"ItemList":[[[[]]]],"DocDtls":[],"SellerDtls":7,"BuyerDtls":null,"ValDtls":"x","TranDtls":{"SupTyp":[]}}',
    b'{"Irn":{"a":1},"CnlRsn":[],"CnlRem":{},"ewbNo":[1],"cancelRsnCode":{}}',
    b'{"Irn":1e9999,"ewbNo":1e400}', b'{"Irn":' + b"9" * 100_000 + b"}", b'{"ewbNo":"' + b"9" * 5000 + b'"}',
    b'{"Distance":NaN}', b'{"Irn":"' + b"\\u0000" * 64 + b'"}', b'{"ItemList":[' + b"{}," * 50_000 + b"{}]}",
]  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
def test_hostile_content_under_the_session_gets_an_answer(caller: Any, path: str) -> None:
    for plain in PLAIN:
        answer = caller.send(path, plain, action="CANEWB")
        assert answer.status_code == 200, plain[:40]
        assert caller.read(answer).codes, plain[:40]
    assert caller.admin("GET", "nic1/registered").json() == []


@pytest.mark.parametrize("path", [*POSTS, "/eivital/v1.04/auth"])
def test_hostile_bodies_get_an_answer(caller: Any, path: str) -> None:
    sealed = caller.sealed(b"{}")
    strange: list[Any] = [None, 7, [], {}, "", "!", "AAAA", "é" * 9, "\ud800", sealed[:-4], sealed + "AAAA"]
    strange += [b64encode(urandom(64)).decode(), b64encode(bytes(16)).decode()]
    bodies = [
        *PLAIN,
        *(json.dumps({"Data": data, "action": "CANEWB"}).encode() for data in strange),
    ]  # fmt: skip
    for body in bodies:
        answer = caller.http.post(f"{caller.base}{path}", content=body, headers=caller.headers())
        assert answer.status_code == 200, body[:40]
        assert caller.read(answer).codes, body[:40]


def test_a_body_beyond_all_measure_is_refused(caller: Any) -> None:
    big = json.dumps({"Data": "A" * 7_000_000}).encode()
    answer = caller.http.post(f"{caller.base}/eicore/v1.03/Invoice", content=big, headers=caller.headers())
    assert caller.read(answer).codes == ["5002"]
    long = json.dumps({"a": "x" * 2_200_000}).encode()
    assert caller.generate(long).codes == ["2140"]


@pytest.mark.parametrize("text", ["%00", "x" * 5000, "é", "'\"", "\u202e", "a/b", "{}", "%ff"])
def test_hostile_paths_and_queries_get_an_answer(caller: Any, text: str) -> None:
    for path in ("/eicore/v1.03/Invoice/irn/", "/eiewb/v1.03/ewaybill/irn/", "/eivital/v1.04/Master/gstin/"):
        answer = caller.http.get(f"{caller.base}{path}{quote(text, safe='')}", headers=caller.headers())
        assert answer.status_code in (200, 404, 405), (path, answer.status_code)
        assert answer.status_code != 200 or caller.read(answer).codes
    query = {"doctype": text, "docnum": text, "docdate": text}
    assert caller.get("/eicore/v1.03/Invoice/irnbydocdetails", **query).codes
    assert caller.get("/eicore/v1.03/Invoice/rejectedirn", date=text).codes
    assert (
        caller.http.get(f"{caller.sandbox.url}/irp/{quote(text, safe='')}/eivital/v1.03/health").status_code
        == 404
    )


def test_hostile_headers_get_an_answer(caller: Any) -> None:
    for value in (b"\xe9", b"x" * 5000, b"\xc3\xa9", b"' or 1=1"):
        for name in (
            "client_id",
            "client_secret",
            "Gstin",
            "user_name",
            "AuthToken",
            "irp",
            "sup_gstin",
            "docdate",
        ):
            headers = {key.encode(): text.encode() for key, text in caller.headers().items()} | {
                name.encode(): value
            }
            answer = caller.http.get(f"{caller.base}/eicore/v1.03/Invoice/irn/{'0' * 64}", headers=headers)
            assert answer.status_code == 200 and caller.read(answer).codes, (name, value)


@pytest.mark.parametrize(
    ("path", "said"),
    [("nic1/habits", {"errors": "none"}), ("nic1/habits", {"floor": "yesterday"}), ("nic1/habits", {"x": 1}),
     ("nic1/habits", {"life": "long"}), ("nic1/users", {}), ("nic1/taxpayers", {"gstin": "1", "status": "X"}),
     ("nic1/habits", {"life": 0}), ("nic1/habits", {"window": -1}), ("clock", {"advance": "x"}),
     ("clock", {"offset": 1e300}), ("reject", {"irn": 1}), ("nic1/clients", [])],
)  # fmt: skip
def test_senseless_admin_calls_are_refused_and_change_nothing(stranger: Any, path: str, said: Any) -> None:
    before = stranger.described()
    assert stranger.admin("POST", path, said).status_code == 400
    assert stranger.described() == before and stranger.events() == []


@pytest.mark.parametrize("path", ["habits", "users", "revoke", "registered"])
def test_portals_that_there_are_not_cannot_be_told_anything(stranger: Any, path: str) -> None:
    said = {"gstin": "1", "user_name": "x", "password": "y"} if path == "users" else {}
    method = "GET" if path == "registered" else "POST"
    assert stranger.admin(method, f"nowhere/{path}", said).status_code == 404
    assert stranger.admin("GET", "nowhere").status_code == 404
