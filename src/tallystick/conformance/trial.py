"""A test enrolment for any strategy: fixed clock, deterministic keys, an example's settings and secrets.

Nothing in it is secret and nothing in it is valid anywhere: it exists so that documents can be built and
conversations replayed without a registration, the same bytes on every machine.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Literal, get_args
from uuid import NAMESPACE_URL, uuid5

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from msgspec import Struct
from msgspec.structs import fields, replace

from tallystick.canonical import Invoice
from tallystick.keys import EcSigner, Ed25519Signer, Secret, Signer
from tallystick.strategy import Chains, Enrolment, Enrols, LogsIn, Session, Slot, Strategy

__all__ = ["Example", "ExampleInvalid", "changed", "enrolment", "example_of", "public_half", "trial_signer"]

CLOCK: Final = datetime(2026, 1, 1, tzinfo=UTC)
NOON: Final = time(12)
CURVES: Final[Mapping[str, ec.EllipticCurve]] = {"ES256": ec.SECP256R1(), "ES256K": ec.SECP256K1()}
EXAMPLE: Final = "enrolment.json"

_HERE: Final = Path(__file__)
FIXTURES: Final = _HERE.parents[3] / "fixtures" if _HERE.parents[2].name == "src" else None
"""The fixtures of a checkout; a wheel has none."""


class ExampleInvalid(ValueError):
    """An enrolment file that does not fit its strategy; the message names the file's fault."""


class Example(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an enrolment file says. `settings` and `secrets` are the strategy's own; all is optional."""

    endpoint: str = "https://authority.test"
    registration: str = "test"
    taxpayer: str = ""
    tax_identifier: str = ""
    reference: str = ""
    environment: Literal["sandbox", "simulation", "production"] | None = None
    slot: Slot | None = None
    settings: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    signer: Literal["EdDSA", "ES256", "ES256K"] = "EdDSA"
    session: dict[str, str] = {}
    now: datetime | None = None


def enrolment(
    strategy: Strategy,
    environment: str = "sandbox",
    *,
    invoice: Invoice | None = None,
    cases: Path | None = None,
    example: Example | None = None,
) -> Enrolment:
    """The strategy's test enrolment, the same for the same invoice.

    Its clock stands at the invoice's issue, or where the example sets it; its reference is made from the
    invoice's number. `example` is what an enrolment file said, else `enrolment.json` of the strategy's folder
    in `cases` (else of this checkout) is read. Raises ExampleInvalid when that does not fit the strategy.
    """
    given = example or example_of(strategy.name, cases)
    now = given.now or _clock(invoice)
    number = invoice.invoice_number if invoice else ""
    texts = given.session or {"token": f"session of {strategy.name}"}
    session = Session({name: Secret(text) for name, text in texts.items()}, now + timedelta(hours=1))
    return Enrolment(
        registration=given.registration,
        taxpayer=given.taxpayer,
        tax_identifier=given.tax_identifier,
        environment=given.environment or environment,
        endpoint=given.endpoint,
        settings=_settings(strategy, given),
        secrets=_secrets(strategy, given),
        signer=trial_signer(strategy.name, given.signer),
        now=now,
        reference=given.reference or str(uuid5(NAMESPACE_URL, f"tallystick:test:{strategy.name}:{number}")),
        slot=(given.slot or Slot(1)) if isinstance(strategy, Chains) else None,
        session=session if isinstance(strategy, LogsIn) else None,
    )


def public_half(whole: Enrolment) -> Enrolment:
    """What `check` may see of an enrolment: neither signer, secrets, session nor a place in the chain."""
    return replace(whole, signer=None, secrets={}, session=None, slot=None)


def example_of(name: str, cases: Path | None = None) -> Example:
    """The example in the strategy's fixtures folder, or one with nothing in it. Raises ExampleInvalid."""
    folder = cases or FIXTURES
    path = folder / name / EXAMPLE if folder else None
    if path is None or not path.is_file():
        return Example()
    return read_example(path)


def changed(example: Example, changes: Mapping[str, Any]) -> Example:
    """The example with some members otherwise; settings one by one. Raises ExampleInvalid."""
    members = msgspec.to_builtins(example)
    settings = {**members["settings"], **changes.get("settings", {})}
    try:
        return msgspec.convert({**members, **changes, "settings": settings}, Example)
    except msgspec.ValidationError as error:
        raise ExampleInvalid(f"changes of the enrolment: {error}") from None


def read_example(path: Path) -> Example:
    """What an enrolment file says. Raises ExampleInvalid naming the file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Example)
    except (OSError, msgspec.DecodeError) as error:
        raise ExampleInvalid(f"{path}: {error}") from None


def trial_signer(name: str, algorithm: str = "EdDSA") -> Signer:
    """A signer whose key is made from the strategy's name: anybody has it, so it proves nothing."""
    seed = hashlib.sha256(f"tallystick test key, worth nothing: {name}".encode()).digest()
    if algorithm in CURVES:
        return EcSigner(ec.derive_private_key(int.from_bytes(seed[:31], "big"), CURVES[algorithm]))
    return Ed25519Signer(ed25519.Ed25519PrivateKey.from_private_bytes(seed))


def _clock(invoice: Invoice | None) -> datetime:
    if invoice is None:
        return CLOCK
    return datetime.combine(invoice.issue_date, invoice.issue_time or NOON, UTC)


def _settings(strategy: Strategy, given: Example) -> Struct | None:
    if not isinstance(strategy, Enrols):
        return None
    made = {info.encode_name: _made_up(info.type) for info in fields(strategy.settings_type) if info.required}
    try:
        return msgspec.convert({**made, **given.settings}, strategy.settings_type)
    except msgspec.ValidationError as error:
        raise ExampleInvalid(f"settings of {strategy.name}: {error}") from None


def _made_up(kind: Any) -> Any:
    """A plausible value for a required setting that no example gives: the first choice, or a word."""
    choices = get_args(kind)
    if choices and isinstance(choices[0], str):
        return choices[0]
    return {bool: False, int: 1}.get(kind, "test")


def _secrets(strategy: Strategy, given: Example) -> dict[str, Secret]:
    names = strategy.secret_names if isinstance(strategy, Enrols) else ()
    made = {name: hashlib.sha256(f"{strategy.name}:{name}".encode()).hexdigest() for name in names}
    return {name: Secret(text) for name, text in {**made, **given.secrets}.items()}
