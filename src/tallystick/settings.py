"""The only reader of the environment: one frozen struct, every problem told at once.

`DATABASE_URL` and `REDIS_URL` have the names that hosting platforms give them, every other setting is called
`TALLYSTICK_` and its field's name in capitals. A secret may lie in a file instead: `DATABASE_URL_FILE`.
"""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta, Struct, field, structs

PREFIX = "TALLYSTICK_"
PLAIN_NAMES = ("database_url", "redis_url")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?|\[[0-9a-f:.]+\](?::\d{1,5})?")


class SettingsError(Exception):
    """The environment does not make a configuration; `problems` holds one sentence for each fault."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Described(Struct, frozen=True):
    """One line of `config show`: secrets are redacted, the source is a default, a variable or a file."""

    name: str
    value: str
    source: str
    text: str


def _about(text: str, **bounds: Any) -> Meta:
    return Meta(description=text, **bounds)


def _secret(text: str) -> Meta:
    return Meta(description=text, extra={"secret": True})


Seconds = Annotated[float, Meta(gt=0, le=86_400)]


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that the operator decides. Times are seconds, sizes are bytes."""

    environment: Annotated[
        Literal["development", "production"],
        _about("production refuses what is only good for trials: embedded servers, private webhook targets"),
    ] = "development"
    database_url: Annotated[str | None, _secret("PostgreSQL of the owner; unset: embedded")] = None
    app_database_url: Annotated[str | None, _secret("PostgreSQL for the API's role; unset: DATABASE_URL")] = (
        None
    )
    worker_database_url: Annotated[
        str | None, _secret("PostgreSQL for the worker's role; unset: DATABASE_URL")
    ] = None
    redis_url: Annotated[str | None, _secret("Redis or Valkey; unset: embedded")] = None
    database_pool_size: Annotated[
        int, _about("connections that one process keeps to PostgreSQL", ge=1, le=1000)
    ] = 10
    data_directory: Annotated[Path, _about("where embedded servers keep their data")] = Path(".tallystick")
    key_directory: Annotated[
        Path, _about("folder of mode 0700 with the keys; made in development, must exist in production")
    ] = Path(".tallystick/keys")
    pkcs11_module: Annotated[
        Path | None, _about("PKCS#11 library of the token that keeps registrations' keys (extra `hsm`)")
    ] = None
    pkcs11_pin: Annotated[str | None, _secret("the user's PIN of that token")] = None
    host: Annotated[str, _about("address the API listens on", min_length=1)] = "127.0.0.1"
    port: Annotated[int, _about("port the API listens on", ge=1, le=65_535)] = 8080
    public_url: Annotated[str, _about("address under which callers see us; unset: host and port")] = ""
    api_key: Annotated[str | None, _secret("API key with which `post` and `receipt` ask the API")] = None
    default_mode: Annotated[
        Literal["test", "live"], _about("mode of an API key that is made without saying which")
    ] = "test"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _about("least level that is logged")
    ] = "info"
    max_body_bytes: Annotated[int, _about("longest request body", ge=1024, le=104_857_600)] = 2_000_000
    max_queued_per_tenant: Annotated[
        int, _about("submissions one tenant may have waiting; beyond: 429", ge=1)
    ] = 100_000
    max_oldest_due_seconds: Annotated[
        int, _about("age of the oldest due submission beyond which new ones are answered 429", ge=1)
    ] = 3600
    worker_concurrency: Annotated[
        int, _about("submissions that one worker sends at a time", ge=1, le=1000)
    ] = 32
    delay_scale: Annotated[
        Decimal, _about("multiplies every delay of retries, leases, breakers, polls and webhooks")
    ] = Decimal(1)
    lease_seconds: Annotated[Seconds, _about("how long a worker owns what it claimed")] = 60.0
    http_timeout_seconds: Annotated[Seconds, _about("longest wait for an authority's answer")] = 30.0
    webhook_timeout_seconds: Annotated[Seconds, _about("longest wait for a subscriber's answer")] = 20.0
    access_point_hosts: Annotated[
        tuple[str, ...], _about("hosts (host or host:port) that submissions may go to, separated by commas")
    ] = ()
    webhook_ports: Annotated[
        tuple[Annotated[int, Meta(ge=1, le=65_535)], ...], _about("ports that webhooks may go to")
    ] = (443,)
    webhook_allow_private: Annotated[
        bool, _about("whether webhooks may go to private addresses and by plain http; development only")
    ] = False
    official_gate: Annotated[
        Literal["watch", "hold"],
        _about(
            "what the publisher's own files (`tallystick artefacts`) do with what they refuse: tell, or hold"
        ),
    ] = "watch"
    official_processes: Annotated[
        int, _about("judges by the publisher's files that one worker runs at a time", ge=1, le=64)
    ] = 1
    official_timeout_seconds: Annotated[Seconds, _about("longest judgement by the publisher's files")] = 20.0
    official_memory_mb: Annotated[
        int, _about("megabytes that one such judge may take (where the system can refuse)", ge=256, le=65_536)
    ] = 1024
    worker_metrics_port: Annotated[
        int,
        _about("port on which a worker answers Prometheus, on the API's address; 0: none", ge=0, le=65_535),
    ] = 0
    crashpoint: Annotated[
        str, _about("named point at which the process kills itself, for fault tests; development only")
    ] = ""
    sources: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """The names and values with every secret redacted."""
        return f"Settings({', '.join(f'{line.name}={line.value}' for line in self.describe())})"

    def scaled(self, seconds: float) -> float:
        """A delay as this installation wants it (seconds times `delay_scale`)."""
        return seconds * float(self.delay_scale)

    def with_addresses(
        self,
        database_url: str,
        redis_url: str,
        app_database_url: str | None = None,
        worker_database_url: str | None = None,
    ) -> "Settings":
        """These settings with embedded servers in the place of addresses that were not given."""
        found = {
            "database_url": database_url,
            "redis_url": redis_url,
            "app_database_url": app_database_url,
            "worker_database_url": worker_database_url,
        }
        new = {name: value for name, value in found.items() if value and not getattr(self, name)}
        return structs.replace(self, **new, sources={**self.sources, **dict.fromkeys(new, "embedded")})

    def environment_of_a_child(self) -> dict[str, str]:
        """Our own environment, changed so that another process of ours loads these very settings."""
        ours = {variable(info.name) for info in _fields()}
        ours |= {f"{name}_FILE" for name in ours}
        kept = {name: value for name, value in os.environ.items() if name not in ours}
        given = {variable(info.name): _shown(getattr(self, info.name)) for info in _fields()}
        return {**kept, **{name: text for name, text in given.items() if text}}

    def describe(self) -> Iterator[Described]:
        """Every setting with its value and where that came from, in the order of declaration."""
        for info in _fields():
            value = getattr(self, info.name)
            shown = _redacted(value) if _is_secret(info) else _shown(value)
            source = self.sources.get(info.name, "default")
            yield Described(variable(info.name), shown, source, _description(info))


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return name.upper() if name in PLAIN_NAMES else PREFIX + name.upper()


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the environment (the process's own when none is handed in).

    Raises SettingsError with every problem: malformed and unknown variables, unreadable files, values that
    contradict each other or are not fit for production.
    """
    given = os.environ if environment is None else environment
    problems = list(_unknown(given))
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for info in _fields():
        try:
            found = _found(info, given)
            if found is not None:
                text, sources[info.name] = found
                values[info.name] = _read(info, text)
        except (ValueError, OSError) as error:
            problems.append(f"{variable(info.name)}: {error}")
    settings = Settings(**values, sources=sources)
    if not settings.public_url:
        settings = structs.replace(settings, public_url=f"http://{settings.host}:{settings.port}")
    problems.extend(_contradictions(settings))
    if problems:
        raise SettingsError(tuple(problems))
    return settings


def example() -> str:
    """The text of `.env.example`: every variable with its meaning and its default."""
    lines = ["# Every setting with its default. A secret may lie in a file: append _FILE to the name.", ""]
    for info in _fields():
        default = "" if info.default is msgspec.NODEFAULT else _shown(info.default)
        lines += [f"# {_description(info)}", f"#{variable(info.name)}={default}", ""]
    return "\n".join(lines)


def _fields() -> Iterator[structs.FieldInfo]:
    return (info for info in structs.fields(Settings) if info.name != "sources")


def _meta(info: structs.FieldInfo) -> Meta:
    found: Meta = get_args(info.type)[-1]
    return found


def _description(info: structs.FieldInfo) -> str:
    return _meta(info).description or ""


def _is_secret(info: structs.FieldInfo) -> bool:
    return bool((_meta(info).extra or {}).get("secret"))


def _unknown(given: Mapping[str, str]) -> Iterator[str]:
    """Variables with our prefix that are no settings: most often a slip of the pen."""
    known = {variable(info.name) for info in _fields()}
    known |= {f"{variable(info.name)}_FILE" for info in _fields() if _is_secret(info)}
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            yield f"{name}: no such setting" + (f"; did you mean {near[0]}?" if near else "")


def _found(info: structs.FieldInfo, given: Mapping[str, str]) -> tuple[str, str] | None:
    """The text of a setting and its source; None when it is not given (empty counts as not given)."""
    name = variable(info.name)
    text, file = given.get(name, ""), given.get(f"{name}_FILE", "") if _is_secret(info) else ""
    if text and file:
        raise ValueError(f"given twice, here and by {name}_FILE")
    if file:
        return Path(file).read_text(encoding="utf-8").strip(), f"file {file}"
    return (text, "environment") if text else None


def _read(info: structs.FieldInfo, text: str) -> Any:
    """The text as a value of the field's type, within the field's bounds."""
    base = get_args(info.type)[0]
    raw: object = (
        [part.strip() for part in text.split(",") if part.strip()] if get_origin(base) is tuple else text
    )
    if base is bool:
        raw = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(text.lower(), text)
    try:
        return msgspec.convert(raw, info.type, strict=False, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        raise ValueError(f"{error} (given: {_redacted(text) if _is_secret(info) else text!r})") from None


def _contradictions(settings: Settings) -> Iterator[str]:
    yield from _bad_addresses(settings)
    if not (settings.delay_scale.is_finite() and 0 < settings.delay_scale <= 100):
        yield f"{variable('delay_scale')}: must be above 0 and at most 100"
    if settings.lease_seconds <= settings.http_timeout_seconds + 2:
        yield (
            f"{variable('lease_seconds')}: must be more than two seconds above "
            f"{variable('http_timeout_seconds')}, or a lease ends while its answer is awaited"
        )
    for host in settings.access_point_hosts:
        if not _HOST.fullmatch(host):
            yield f"{variable('access_point_hosts')}: {host!r} is no host or host:port in lower case"
    if settings.environment == "production":
        yield from _unfit_for_production(settings)


def _bad_addresses(settings: Settings) -> Iterator[str]:
    """Addresses whose scheme we do not speak; their text may hold a password and is not repeated."""
    schemes = {"public_url": ("http", "https"), "redis_url": ("redis", "rediss", "unix")}
    for name in ("database_url", "app_database_url", "worker_database_url", "redis_url", "public_url"):
        known = schemes.get(name, ("postgresql", "postgres"))
        value = getattr(settings, name)
        if value and value.partition("://")[0] not in known:
            yield f"{variable(name)}: must begin with {' or '.join(f'{scheme}://' for scheme in known)}"


def _unfit_for_production(settings: Settings) -> Iterator[str]:
    for name in PLAIN_NAMES:
        if not getattr(settings, name):
            yield f"{variable(name)}: required in production; the embedded servers are for trials"
    for name in ("webhook_allow_private", "crashpoint"):
        if getattr(settings, name):
            yield f"{variable(name)}: refused in production"
    if not settings.key_directory.is_dir():
        yield f"{variable('key_directory')}: {settings.key_directory} is no folder; production makes no keys"


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _redacted(address: str | None) -> str:
    """An address without its password and without its query, which may hold one too."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "***"
    if parts.scheme not in {"postgresql", "postgres", "redis", "rediss", "unix"}:
        return "***"
    user, separator, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    host_of_query = re.search(r"(?:^|&)(host=[^&]*)", parts.query)
    query = f"?{host_of_query[1]}" if host_of_query else ""
    return f"{parts.scheme}://{name}{':***' if colon else ''}{separator}{host}{parts.path}{query}"
