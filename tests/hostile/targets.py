"""Everything that reads bytes from outside, each with the exceptions that it documents.

A target takes bytes and returns what is wrong with what came of them: nothing, or one sentence.
"""

import asyncio
import os
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import ed25519
from httpx import Response

from tallystick import sandbox, settings, strategies
from tallystick.canonical import canonical_bytes, complete, decode
from tallystick.conformance import enrolment, judge
from tallystick.flows.accept import fingerprint_of
from tallystick.flows.administer.endpoints import url_refusal
from tallystick.flows.credentials import prefix_of
from tallystick.flows.hosts import refusal
from tallystick.flows.paging import BadCursor, read_cursor
from tallystick.formats import jws, ubl, xml_in
from tallystick.keys import Ed25519Signer, Keyring, KeyringError, signer_from_pem
from tallystick.keys.signers import SignerError
from tallystick.ledger import read_entry, verifier
from tallystick.sandbox import envelope
from tallystick.sandbox.fatoora.form import BadForm, read_form
from tallystick.sandbox.fatoora.judgement import Case, judged
from tallystick.sandbox.fatoora.registry import Credential
from tallystick.sandbox.fatoora.request_file import Refused, read_request
from tallystick.sandbox.judge.paper import Unreadable
from tallystick.store import ids
from tallystick.strategy import GOOD, Enrolment, Outcome, Reads, Strategy
from tallystick.worker.wake import deserialize

__all__ = ["TARGETS", "Target"]

Target = Callable[[bytes], str]
REGISTRY: Final = strategies.load()
FIXTURES: Final = Path(__file__).parents[2] / "fixtures"
SIGNER: Final = Ed25519Signer(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
KEY: Final = jws.Key("EdDSA", SIGNER.public_der)
STATUSES: Final = (200, 202, 400, 404, 409, 422, 500, 503)


def decoded(body: bytes) -> str:
    """The canonical model: faults or an invoice, whose bytes then read the same again."""
    found = decode(body, REGISTRY.blocks)
    if found.invoice is None:
        return "" if found.faults else "neither an invoice nor a fault"
    whole = complete(found.invoice)
    if any(fault.severity == "error" for fault in whole.faults):
        return ""
    again = decode(canonical_bytes(whole.invoice), REGISTRY.blocks)
    return "" if again.invoice == whole.invoice else f"read again it is another one: {again.faults[:3]}"


def judged_by(strategy: Strategy) -> Target:
    """A strategy's rules over what decodes, and its document where nothing is wrong."""

    def judged(body: bytes) -> str:
        found = judge(strategy, body, blocks=REGISTRY.blocks)
        if found.invoice is not None and not any(fault.severity == "error" for fault in found.faults):
            made = strategy.build(found.invoice, enrolment(strategy, invoice=found.invoice))
            return "" if made.body else "an empty document"
        return ""

    return judged


def read_by(strategy: Any) -> Target:
    """A reader: a reading whose invoice the model can be asked about, or Unreadable (a ValueError)."""

    def read(body: bytes) -> str:
        if not strategy.recognises(body):
            return ""
        try:
            reading = strategy.read(body)
        except ValueError as error:
            return "" if getattr(error, "code", "") else f"{type(error).__name__} without a code"
        return decoded(reading.invoice)

    return read


def ubl_read(body: bytes) -> str:
    try:
        return decoded(ubl.read(body).invoice)
    except xml_in.Unreadable:
        return ""


def xml_parsed(body: bytes) -> str:
    try:
        root = xml_in.parse(body)
    except xml_in.Unreadable:
        return ""
    return "" if root.getroottree().docinfo.internalDTD is None else "a document type came through"


def envelope_opened(body: bytes) -> str:
    try:
        envelope.opened(body)
    except Unreadable:
        return ""
    return "an envelope was opened"


def conversations() -> Iterator[tuple[str, Target]]:
    """Every strategy's talk with its authority, which answers everything with the hostile bytes."""
    for strategy in REGISTRY.all:
        case = FIXTURES / strategy.name / "standard" / "invoice.json"
        for example in ("phoss-ap", "phase4") if strategy.name == "peppol" else ("",):
            found = judge(strategy, case.read_bytes(), blocks=REGISTRY.blocks)
            if found.invoice is None:
                raise LookupError(case)
            whole = enrolment(strategy, invoice=found.invoice)
            if example:
                named = msgspec.structs.replace(whole.settings, adapter=example)
                whole = msgspec.structs.replace(whole, settings=named)
            document = strategy.build(found.invoice, whole)
            for verb in ("submit", "inquire"):
                yield f"{strategy.name} {example} {verb}", talking(strategy, verb, document, whole)


def talking(strategy: Strategy, verb: str, document: Any, whole: Enrolment) -> Target:
    def talk(body: bytes) -> str:
        for status in STATUSES:
            conversation = getattr(strategy, verb)(document, whole)
            outcome = _ended(conversation, Response(status, content=body[: 16 << 20]))
            if not isinstance(outcome, Outcome):
                return f"{status} came to {outcome!r}"
            if outcome.verdict in GOOD and strategy.name != "default":
                return f"took {status} with garbage for {outcome.verdict}"
        return ""

    return talk


def _ended(conversation: Any, answer: Response) -> object:
    try:
        conversation.send(None)
        for _ in range(8):
            conversation.send(answer)
    except StopIteration as stop:
        return stop.value
    return "no end"


def token_verified(body: bytes) -> str:
    text = body.decode("latin-1")
    for keys in (KEY, {"": KEY, "1": KEY}):
        for detached in (False, True):
            try:
                jws.verify_detached(text, b"{}", keys) if detached else jws.verify(text, keys)
            except jws.Refused:
                continue
            return "believed"
    return ""


def receipt_verified(body: bytes) -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        word = verifier.verify(file.name)["word"]
    return "" if word == "broken" else f"called {word}"


def settings_loaded(body: bytes) -> str:
    text = body.decode("latin-1").replace("\0", "")
    names = [name.upper() for name in settings.Settings.__struct_fields__]
    for name in ("DATABASE_URL", "REDIS_URL", *(f"TALLYSTICK_{name}" for name in names)):
        try:
            settings.load({name: text})
        except settings.SettingsError as error:
            if not error.problems:
                return "no problem is told"
    return ""


def url_guarded(body: bytes) -> str:
    text = body.decode("utf-8", "replace")[:5_000]
    refused = url_refusal(settings.Settings(), text)
    if refusal(text, {"ap.example.com"}) is None:
        return "a host was allowed that is on no list"
    if refused is None and "://hooks.example.com/" not in text:
        return "" if text.startswith("https://") else f"{text[:60]!r} may be a webhook"
    return ""


def entry_read(body: bytes) -> str:
    try:
        read_entry(body)
    except (ValueError, msgspec.DecodeError):
        return ""
    return "an entry was read"


def cursor_read(body: bytes) -> str:
    try:
        read_cursor(KEYRING, ids.new(), "invoices", {}, body.decode("latin-1"))
    except BadCursor:
        return ""
    return "a cursor was read"


def key_read(body: bytes) -> str:
    return "a key was recognised" if prefix_of(body.decode("latin-1")) else ""


def secret_opened(body: bytes) -> str:
    try:
        KEYRING.unwrap(body, b"")
    except KeyringError:
        return ""
    return "a secret was opened"


def pem_read(body: bytes) -> str:
    for text in (body, b"-----BEGIN PRIVATE KEY-----\n" + body + b"\n-----END PRIVATE KEY-----\n"):
        try:
            signer_from_pem(text)
        except SignerError:
            continue
        return "a signer was made"
    return ""


def job_read(body: bytes) -> str:
    try:
        deserialize(body)
    except (msgspec.DecodeError, ValueError):
        return ""
    return ""


def fingerprinted(body: bytes) -> str:
    return "" if len(fingerprint_of(body[: 2 << 20], None)) == 32 else "no fingerprint"


def short(target: Target) -> Target:
    """A target that never gets more than an HTTP head or a row holds: 64 kB."""
    return lambda body: target(body[: 64 << 10])


def taken_in(path: str) -> Target:
    """The sandbox's intake: any answer but 5xx, and nothing processed."""

    def take(body: bytes) -> str:
        return asyncio.run(_posted(path, body))

    return take


async def _posted(path: str, body: bytes) -> str:
    transport = httpx.ASGITransport(app=cast(Any, POINT), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        answer = await client.post(path, content=body, headers={"Content-Type": "application/xml"})
    found = answer.status_code >= 500 or answer.status_code in (404, 405)
    return f"{answer.status_code} {answer.text[:200]}" if found else ""


def posted(target: Target) -> Target:
    """A target that never gets more than that stand-in lets in: 10 MiB of JSON, 7 MiB in base64."""
    return lambda body: target(body[: 7 << 20])


def handed_in(body: bytes) -> str:
    """A document before the stand-in for Fatoora: read, hashed, judged, and never found good."""
    form = {"invoiceHash": "", "uuid": "", "invoice": b64encode(body).decode()}
    found = judged(Case(read_form(msgspec.json.encode(form)), "reporting", OWNER, datetime.now(UTC)))
    return "" if any(one.severity == "ERROR" for one in found) else "nothing was found wrong"


def form_read(body: bytes) -> str:
    try:
        read_form(body)
    except BadForm:
        return ""
    return "a form was read"


def request_read(body: bytes) -> str:
    pem = b"-----BEGIN CERTIFICATE REQUEST-----\n%s\n-----END CERTIFICATE REQUEST-----\n"
    for text in (body, b64encode(body), b64encode(pem % b64encode(body))):
        try:
            read_request(text.decode("latin-1"), "ZATCA-Code-Signing")
        except Refused:
            continue
        return "a request was read"
    return ""


UBL: Final = "urn:oasis:names:specification:ubl:schema:xsd"
EN: Final = "urn:cen.eu:en16931:2017"
PLACE: Final = "/".join(
    quote(part, safe="")
    for part in (
        "iso6523-actorid-upis::0216:003727348915",
        "iso6523-actorid-upis::0216:003701715450",
        f"busdox-docid-qns::{UBL}:Invoice-2::Invoice##{EN}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0::2.1",
        "cenbii-procid-ubl::urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
        "FI",
    )
)
POINT: Final = sandbox.create(None)
OWNER: Final = Credential(
    environment="core",
    kind="production",
    unit="1",
    token=b64encode(b"MIIB").decode(),
    secret_sha256="",
    vat="399999999900003",
    title="1100",
    name="",
    key_sha256="",
    request_pem="",
    expires_at=datetime.max.replace(tzinfo=UTC),
)
KEYRING: Final = Keyring.open(Path(tempfile.mkdtemp(prefix=f"hostile-{os.getpid()}-")) / "keys", create=True)
TARGETS: Final[dict[str, Target]] = {
    "canonical": decoded,
    **{f"rules of {strategy.name}": judged_by(strategy) for strategy in REGISTRY.all},
    **{
        f"reader of {strategy.name}": read_by(strategy)
        for strategy in REGISTRY.all
        if isinstance(strategy, Reads)
    },
    "ubl": ubl_read,
    "xml": xml_parsed,
    "sandbox envelope": envelope_opened,
    **dict(conversations()),
    "jws": short(token_verified),
    "receipt": receipt_verified,
    "settings": short(settings_loaded),
    "url": short(url_guarded),
    "entry": entry_read,
    "cursor": short(cursor_read),
    "api key": short(key_read),
    "secret": short(secret_opened),
    "pem": short(pem_read),
    "wake-up": job_read,
    "fingerprint": fingerprinted,
    "sandbox phoss": taken_in(f"/phoss-ap/api/outbound/submit/{PLACE}"),
    "sandbox phoss sbd": taken_in("/phoss-ap/api/outbound/submit-sbd"),
    "sandbox phase4": taken_in(f"/phase4/sendas4/{PLACE}"),
    "sandbox phase4 sbd": taken_in("/phase4/sendsbdh"),
    "sandbox fatoora document": posted(handed_in),
    "sandbox fatoora form": posted(form_read),
    "sandbox fatoora request": posted(request_read),
    "sandbox faults": taken_in("/admin/faults"),
    "sandbox consumer": taken_in("/consumer/a"),
}
