"""A document the portal takes, and a client that logs in, encrypts, decrypts and verifies."""

from __future__ import annotations

import copy
import json
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from os import urandom
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tallystick.sandbox import Running, running
from tallystick.sandbox.journal import Journal

SELLER = "29AAACP7879D1Z0"
BUYER = "09AAJCM7191E1Z5"


def today() -> str:
    """The portal's day."""
    return datetime.now(timezone(timedelta(hours=5, minutes=30))).strftime("%d/%m/%Y")


def document() -> dict[str, Any]:
    """A sale of goods from one state to another."""
    return {
        "Version": "1.1",
        "TranDtls": {"TaxSch": "GST", "SupTyp": "B2B"},
        "DocDtls": {"Typ": "INV", "No": "TILES/1", "Dt": today()},
        "SellerDtls": {
            "Gstin": SELLER, "LglNm": "Quarry & Kiln", "Addr1": "1 Pit Road", "Loc": "Bengaluru",
            "Pin": 560001, "Stcd": "29",
        },
        "BuyerDtls": {
            "Gstin": BUYER, "LglNm": "Harbour Supply", "Pos": "09", "Addr1": "2 Quay", "Loc": "Noida",
            "Pin": 201301, "Stcd": "09",
        },
        "ItemList": [
            {
                "SlNo": "1", "IsServc": "N", "PrdDesc": "Roof tiles", "HsnCd": "690510", "Qty": 100,
                "Unit": "NOS", "UnitPrice": 1.5, "TotAmt": 150, "AssAmt": 150, "GstRt": 18, "IgstAmt": 27,
                "TotItemVal": 177,
            },
        ],
        "ValDtls": {"AssVal": 150, "IgstVal": 27, "TotInvVal": 177},
    }  # fmt: skip


def _padded(plain: bytes, key: bytes) -> str:
    padder, cipher = PKCS7(128).padder(), Cipher(AES256(key), ECB()).encryptor()
    return b64encode(cipher.update(padder.update(plain) + padder.finalize()) + cipher.finalize()).decode()


def _unpadded(said: str, key: bytes) -> bytes:
    cipher, unpadder = Cipher(AES256(key), ECB()).decryptor(), PKCS7(128).unpadder()
    plain = cipher.update(b64decode(said, validate=True)) + cipher.finalize()
    return unpadder.update(plain) + unpadder.finalize()


@dataclass
class Answer:
    """What came back: HTTP status, the envelope, the data in clear, codes, information by code."""

    http: int
    envelope: dict[str, Any]
    data: Any
    codes: list[str]
    infos: dict[str, Any]

    @property
    def irn(self) -> str:
        """The number that was given."""
        return str(self.data["Irn"])


def _codes(details: Any) -> list[str]:
    if isinstance(details, str):
        text = details if details.startswith("[") else b64decode(details).decode()
        details = json.loads(text)
    return [one["ErrorCode"] for one in details or []]


@dataclass
class Caller:
    """One taxpayer's client at one portal."""

    sandbox: Running
    portal: str = "nic1"
    gstin: str = SELLER
    client: tuple[str, str] = ("tallystick-client", "tallystick-secret")
    login: tuple[str, str] = ("tallystick", "Tallystick@1")
    hyphens: bool = False
    extra: dict[str, str] = field(default_factory=dict)
    token: str = ""
    key: bytes = b""
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=10, verify=False))

    @property
    def base(self) -> str:
        return self.sandbox.irp(self.portal)

    def described(self) -> dict[str, Any]:
        """The portal's own description, keys and all."""
        found: dict[str, Any] = self.admin("GET", self.portal).json()
        return found

    def admin(self, method: str, path: str, content: Any = None) -> httpx.Response:
        """An admin call."""
        return self.http.request(method, f"{self.sandbox.url}/admin/irp/{path}", json=content)

    def order(self, fault: str, times: int | None = 1, **more: Any) -> None:
        """Have something go wrong."""
        match = more.pop("match", {})
        content = {"fault": fault, "times": times, "match": {"dialect": "irp", **match}, **more}
        answer = self.http.post(f"{self.sandbox.url}/admin/faults", json=content)
        assert answer.status_code == 201, answer.text

    def events(self, **wanted: str) -> list[dict[str, Any]]:
        """The journal."""
        found: list[dict[str, Any]] = self.http.get(f"{self.sandbox.url}/admin/journal", params=wanted).json()
        return [event for event in found if event.get("authority") == "irp"]

    def headers(self) -> dict[str, str]:
        mark = "-" if self.hyphens else "_"
        said = {f"client{mark}id": self.client[0], f"client{mark}secret": self.client[1], "Gstin": self.gstin}
        if self.token:
            said |= {"user_name": self.login[0], "AuthToken": self.token}
        return said | self.extra

    def auth(self, *, force: bool = False, app_key: bytes = b"", **replaced: Any) -> Answer:
        """Log in; the session is kept when it is given."""
        app_key = app_key or urandom(32)
        said = {
            "UserName": self.login[0], "Password": self.login[1], "AppKey": b64encode(app_key).decode(),
            "ForceRefreshAccessToken": force, **replaced,
        }  # fmt: skip
        public = load_pem_public_key(self.described()["auth_key"].encode())
        assert isinstance(public, RSAPublicKey)
        inner = b64encode(json.dumps(said, separators=(",", ":")).encode())
        data = b64encode(public.encrypt(inner, PKCS1v15())).decode()
        kept, self.token = self.token, ""
        answer = self.read(
            self.http.post(f"{self.base}/eivital/v1.04/auth", json={"Data": data}, headers=self.headers())
        )
        self.token = kept
        if not answer.codes and answer.http == 200:
            self.token = answer.data["AuthToken"]
            self.key = _unpadded(answer.data["Sek"], app_key)
        return answer

    def read(self, response: httpx.Response) -> Answer:
        """Open an answer."""
        envelope = response.json()
        data = envelope["Data"]
        if isinstance(data, str):
            data = json.loads(_unpadded(data, self.key))
        infos = {one["InfCd"]: one["Desc"] for one in envelope["InfoDtls"] or []}
        return Answer(response.status_code, envelope, data, _codes(envelope["ErrorDetails"]), infos)

    def sealed(self, plain: bytes) -> str:
        """A body under the session key."""
        return _padded(plain, self.key)

    def send(self, path: str, plain: bytes, **beside: str) -> httpx.Response:
        """POST something encrypted."""
        body = {**beside, "Data": self.sealed(plain)}
        return self.http.post(f"{self.base}{path}", json=body, headers=self.headers())

    def post(self, path: str, said: Any, **beside: str) -> Answer:
        """POST JSON, encrypted, and open the answer."""
        return self.read(self.send(path, json.dumps(said).encode(), **beside))

    def get(self, path: str, **query: str) -> Answer:
        """GET and open the answer."""
        return self.read(self.http.get(f"{self.base}{path}", params=query or None, headers=self.headers()))

    def generate(self, said: dict[str, Any] | bytes) -> Answer:
        """Register a document."""
        plain = said if isinstance(said, bytes) else json.dumps(said).encode()
        return self.read(self.send("/eicore/v1.03/Invoice", plain))

    def by_irn(self, irn: str) -> Answer:
        """Read back by number."""
        return self.get(f"/eicore/v1.03/Invoice/irn/{irn}")

    def by_document(self, said: dict[str, Any]) -> Answer:
        """Read back by document."""
        what = said["DocDtls"]
        return self.get(
            "/eicore/v1.03/Invoice/irnbydocdetails",
            doctype=what["Typ"],
            docnum=what["No"],
            docdate=what["Dt"],
        )

    def cancel(self, irn: str, reason: str = "2") -> Answer:
        """Cancel."""
        return self.post(
            "/eicore/v1.03/Invoice/Cancel", {"Irn": irn, "CnlRsn": reason, "CnlRem": "typed wrong"}
        )

    def verified(self, token: str) -> dict[str, Any]:
        """The claims of a token that this portal signed; asserts that it did."""
        head, claims, signature = token.split(".")
        described = self.described()
        said = json.loads(unurl(head))
        assert said["alg"] == "RS256" and said["kid"] == described["kid"] == unurl(said["x5t"]).hex().upper()
        key = load_pem_public_key(described["signing_key"].encode())
        assert isinstance(key, RSAPublicKey)
        key.verify(unurl(signature), f"{head}.{claims}".encode(), PKCS1v15(), SHA256())
        body = json.loads(unurl(claims))
        assert body["iss"] == described["issuer"]
        found: dict[str, Any] = json.loads(body["data"])
        return found


def unurl(said: str) -> bytes:
    """base64url without padding."""
    return urlsafe_b64decode(said + "=" * (-len(said) % 4))


@pytest.fixture
def invoice() -> dict[str, Any]:
    """A document to be changed."""
    return copy.deepcopy(document())


@pytest.fixture(scope="session")
def keys_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the portals' keys are, made once for all tests."""
    return tmp_path_factory.mktemp("portals")


@pytest.fixture(scope="session")
def server() -> Iterator[Running]:
    """One server for all tests."""
    with running(None) as sandbox:
        yield sandbox


@pytest.fixture
def started(server: Running, keys_once: Path, tmp_path: Path) -> Iterator[Running]:
    """The server with an empty journal, no orders, and portals that remember nothing but their keys."""
    journal = Journal(tmp_path / "sandbox.jsonl")
    server.point.journal = journal
    server.point.faults.clear()
    assert server.desk is not None
    server.desk.begin(journal, server.point.faults, keys_once)
    yield server
    journal.close()


@pytest.fixture
def stranger(started: Running) -> Iterator[Caller]:
    """A client that has not logged in."""
    caller = Caller(started)
    with caller.http:
        yield caller


@pytest.fixture
def caller(stranger: Caller) -> Caller:
    """A client that has."""
    assert stranger.auth().codes == []
    return stranger


@pytest.fixture(scope="session")
def caller_of() -> Callable[..., Caller]:
    """A client for any sandbox, portal or taxpayer."""
    return Caller
