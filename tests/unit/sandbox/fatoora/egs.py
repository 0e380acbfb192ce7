# ruff: noqa: E501 -- tables are easier to read as they are written
"""A unit of the trial's own: its key, its certificate request, its calls."""

from __future__ import annotations

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from unit.sandbox.fatoora.papers import GENESIS, OTHER_VAT, VAT, Paper, Stamper, hashed, now

__all__ = [
    "OTHER_VAT",
    "SIX",
    "TEMPLATES",
    "VAT",
    "Credential",
    "Paper",
    "Unit",
    "Wish",
    "codes",
    "credential",
    "invented",
    "new_key",
    "now",
]

TEMPLATES = {
    "developer-portal": "TSTZATCA-Code-Signing",
    "simulation": "PREZATCA-Code-Signing",
    "core": "ZATCA-Code-Signing",
}
SIX = [(flow, code) for flow in ("01", "02") for code in ("388", "381", "383")]


@dataclass(frozen=True)
class Wish:
    """A certificate request, and every way to get it wrong."""

    template: str = TEMPLATES["simulation"]
    vat: str = VAT
    title: str = "1100"
    serial: str = "1-TST|2-TST|3-ed22f1d8-e6a2-1118-9b58-d9a8f11e445f"
    unit: str = "Riyadh Branch"
    country: str = "SA"
    subject: tuple[str, ...] = ("C", "OU", "O", "CN")
    names: tuple[str, ...] = ("SN", "UID", "title", "address", "category")
    template_tag: int = 0x0C
    text_type: _ASN1Type = _ASN1Type.UTF8String
    together: bool = False

    def signed(self, key: Any, hash: Any = None) -> str:
        """The base64 of the PEM text."""
        oids = {"C": NameOID.COUNTRY_NAME, "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "O": NameOID.ORGANIZATION_NAME,
                "CN": NameOID.COMMON_NAME, "serialNumber": NameOID.SERIAL_NUMBER, "SN": NameOID.SURNAME,
                "UID": NameOID.USER_ID, "title": NameOID.TITLE, "address": x509.ObjectIdentifier("2.5.4.26"),
                "category": NameOID.BUSINESS_CATEGORY}  # fmt: skip
        values = {"C": self.country, "OU": self.unit, "O": "Speed Supply", "CN": "TST-886431145", "SN": self.serial,
                  "serialNumber": "7", "UID": self.vat, "title": self.title, "address": "RRRD2929",
                  "category": "Supply activities"}  # fmt: skip

        def name(wanted: tuple[str, ...]) -> list[x509.NameAttribute[Any]]:
            kinds = {"C": _ASN1Type.PrintableString}
            return [
                x509.NameAttribute(oids[one], values[one], _type=kinds.get(one, self.text_type))
                for one in wanted
            ]

        inside = name(self.names)
        directory = (
            x509.Name([x509.RelativeDistinguishedName(inside)]) if self.together else x509.Name(inside)
        )
        template = bytes([self.template_tag, len(self.template)]) + self.template.encode()
        built = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(x509.Name(name(self.subject)))
            .add_extension(
                x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2"), template),
                critical=False,
            )
            .add_extension(x509.SubjectAlternativeName([x509.DirectoryName(directory)]), critical=False)
        )
        pem = built.sign(key, hash or hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        return b64encode(pem).decode()


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256K1())


@dataclass
class Credential:
    """What a unit was given."""

    token: str
    secret: str
    request_id: str

    @property
    def certificate(self) -> str:
        return b64decode(self.token).decode()


class Unit:
    """A unit that talks to the sandbox as a gateway would."""

    def __init__(self, url: str, environment: str = "simulation", wish: Wish | None = None) -> None:
        self.url, self.environment = url, environment
        self.base = f"{url}/e-invoicing/{environment}"
        self.key = new_key()
        self.wish = wish or Wish(template=TEMPLATES[environment])
        self.http = httpx.Client(timeout=20)
        self.compliance: Credential | None = None
        self.production: Credential | None = None
        self.icv, self.pih = 0, GENESIS

    # plumbing

    def call(
        self, method: str, path: str, body: Any = None, *, by: Credential | None = None, content: bytes | None = None,
        **headers: str,
    ) -> httpx.Response:  # fmt: skip
        """One call with the headers that all of them carry; a header of "" is left out."""
        auth = (
            {}
            if by is None
            else {"Authorization": f"Basic {b64encode(f'{by.token}:{by.secret}'.encode()).decode()}"}
        )
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        whole = {
            "Accept-Version": "V2",
            "Accept": "application/json",
            "Accept-Language": "en",
            **auth,
            **named,
        }
        whole = {name: value for name, value in whole.items() if value}
        if content is not None:
            return self.http.request(method, self.base + path, content=content, headers=whole)
        return self.http.request(method, self.base + path, json=body, headers=whole)

    def admin(self, method: str, path: str, body: Any = None, **params: str) -> Any:
        """An admin call that must work, its answer decoded."""
        found = self.http.request(method, f"{self.url}/admin/{path}", json=body, params=params)
        found.raise_for_status()
        return found.json() if found.content else None

    def order(self, fault: str, times: int | None = 1, **match: str) -> None:
        """Have something go wrong."""
        self.admin(
            "POST", "faults", {"fault": fault, "times": times, "match": {"dialect": "fatoora", **match}}
        )

    def events(self, event: str = "") -> list[dict[str, Any]]:
        """The journal's events of this unit's environment."""
        found = self.http.get(f"{self.url}/admin/journal").json()
        return [
            one for one in found if one.get("environment") == self.environment and event in ("", one["event"])
        ]

    # onboarding

    def otp(self, vat: str = "") -> str:
        if self.environment == "developer-portal":
            return "123345"
        return str(self.admin("POST", "fatoora/otp", {"environment": self.environment, "vat": vat})["otp"])

    def ask(self, csr: str = "", otp: str | None = None) -> httpx.Response:
        """POST /compliance with this unit's request, or another."""
        body = {"csr": csr or self.wish.signed(self.key)}
        return self.call("POST", "/compliance", body, OTP=self.otp() if otp is None else otp)

    def comply(self, flow: str, code: str, by: Credential, **more: Any) -> httpx.Response:
        paper = Paper(flow=flow, code=code, seller=self.wish.vat, **more)
        return self.hand_in("/compliance/invoices", paper, by)

    def enrol(self) -> Unit:
        """All the way to a production credential."""
        given = self.ask()
        assert given.status_code == 200, given.text
        self.compliance = credential(given)
        for flow, code in SIX:
            if self.wish.title[int(flow) - 1] == "1":
                passed = self.comply(flow, code, self.compliance)
                assert passed.status_code == 200, passed.text
        made = self.promote(self.compliance)
        assert made.status_code == 200, made.text
        self.production = credential(made)
        return self

    def promote(self, by: Credential, request_id: str = "") -> httpx.Response:
        """POST /production/csids."""
        return self.call(
            "POST", "/production/csids", {"compliance_request_id": request_id or by.request_id}, by=by
        )

    def renew(
        self, by: Credential, key: ec.EllipticCurvePrivateKey, otp: str | None = None
    ) -> httpx.Response:
        """PATCH /production/csids."""
        code = self.otp() if otp is None else otp
        return self.call("PATCH", "/production/csids", {"csr": self.wish.signed(key)}, by=by, OTP=code)

    # documents

    def stamper(self, by: Credential | None = None, **changes: Any) -> Stamper:
        whose = by or self.production
        assert whose is not None
        return replace(Stamper(self.key, whose.certificate), **changes)

    def hand_in(
        self, path: str, paper: Paper, by: Credential | None = None, *, stamper: Stamper | None = None,
        **said: str,
    ) -> httpx.Response:  # fmt: skip
        """Stamp and send; `said` replaces what the JSON says."""
        document, digest = (stamper or self.stamper(by)).stamp(paper)
        body = {"invoiceHash": digest, "uuid": paper.id, "invoice": b64encode(document).decode(), **said}
        return self.call("POST", path, body, by=by or self.production)

    def next(self, flow: str = "02", **more: Any) -> Paper:
        """The next document of this unit's chain."""
        self.icv += 1
        given = {"number": f"INV-{self.icv}", "seller": self.wish.vat, **more}
        paper = Paper(flow=flow, icv=self.icv, pih=self.pih, **given)
        self.pih = b64encode(hashed(paper.bare())).decode()
        return paper

    def report(self, paper: Paper | None = None, **more: Any) -> httpx.Response:
        return self.hand_in("/invoices/reporting/single", paper or self.next(), **more)

    def clear(self, paper: Paper | None = None, **more: Any) -> httpx.Response:
        return self.hand_in("/invoices/clearance/single", paper or self.next("01"), **more)


def credential(answer: httpx.Response) -> Credential:
    """The credential in an answer, wrapped or not."""
    body = answer.json()
    body = body.get("value", body)
    return Credential(body["binarySecurityToken"], body["secret"], str(body["requestID"]))


def codes(answer: httpx.Response, kind: str = "errorMessages") -> list[str]:
    """The codes of its messages."""
    return [one["code"] for one in answer.json()["validationResults"][kind]]


def invented() -> str:
    """Six digits that nobody issued."""
    return f"{secrets.randbelow(900_000) + 100_000}"
