"""Whether a registration can stand: every fault of what was sent, each at its place. Pure but for the
registry.

The settings are judged by the strategy's own struct; which country the strategy serves, by the registry's
dispatch; the endpoint, by the operator's list of hosts.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from tallystick.canonical import Fault
from tallystick.canonical.tree import explained
from tallystick.flows.hosts import refusal
from tallystick.strategies import Registry
from tallystick.strategy import Enrols, Strategy

__all__ = [
    "enrolling",
    "faults_of_endpoint",
    "faults_of_raised",
    "faults_of_secrets",
    "faults_of_settings",
    "settings_as_stored",
]


def enrolling(registry: Registry, name: str, country: str, region: str | None) -> Strategy | Fault:
    """The strategy of that name if it enrols sellers of that country, else what is wrong with /strategy."""
    known = sorted(strategy.name for strategy in registry.all if isinstance(strategy, Enrols))
    if name not in known:
        return Fault(
            pointer="/strategy",
            code="registration/no-strategy",
            message="There is no strategy of this name that takes registrations.",
            expected=", ".join(known),
            actual=name,
        )
    choice = registry.dispatch(country, region, name)
    if isinstance(choice, Fault):
        return Fault(
            pointer="/strategy",
            code="registration/not-served",
            message=f"The strategy does not serve sellers in {country}.",
            expected=choice.expected,
            actual=name,
        )
    return registry.by_name(name)


def faults_of_settings(strategy: Strategy, settings: Mapping[str, Any]) -> Iterator[Fault]:
    """What the strategy's settings struct refuses."""
    if not isinstance(strategy, Enrols):
        return
    kind = strategy.settings_type
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    for name in sorted(settings.keys() - known):
        yield Fault(
            pointer=f"/settings/{name}",
            code="registration/unknown-setting",
            message=f"The strategy has no setting {name}.",
            expected=", ".join(sorted(known)),
        )
    try:
        msgspec.convert({name: settings[name] for name in settings.keys() & known}, kind)
    except (msgspec.ValidationError, ValueError) as error:
        text, pointer = explained(error)
        yield Fault(pointer=f"/settings{pointer}", code="registration/bad-setting", message=text)


def settings_as_stored(strategy: Strategy, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with the strategy's defaults written out, so that a later default changes nothing."""
    if not isinstance(strategy, Enrols):
        return {}
    kind: type[Struct] = strategy.settings_type
    stored: dict[str, Any] = msgspec.to_builtins(msgspec.convert(dict(settings), kind))
    return stored


def faults_of_secrets(strategy: Strategy, names: Iterable[str]) -> Iterator[Fault]:
    """Names the strategy keeps no secret under."""
    known = strategy.secret_names if isinstance(strategy, Enrols) else ()
    for name in names:
        if name not in known:
            yield Fault(
                pointer=f"/secrets/{name}",
                code="registration/unknown-secret",
                message="The strategy keeps no secret of this name.",
                expected=", ".join(known),
            )


def faults_of_raised(numbers: Sequence[str], known: Collection[str]) -> Iterator[Fault]:
    """Numbers that the strategy's table does not have. A strategy without a table knows its own rules."""
    for index, number in enumerate(numbers):
        if known and number not in known:
            yield Fault(
                pointer=f"/raised_rules/{index}",
                code="registration/unknown-rule",
                message="The strategy has no rule of this number.",
                actual=number,
                hint="GET /v1/regimes/{strategy}/rules lists them.",
            )


def faults_of_endpoint(endpoint: str, hosts: Collection[str]) -> Iterator[Fault]:
    """An endpoint outside the operator's list. The list itself is not told."""
    found = refusal(endpoint, hosts)
    if found is not None:
        yield Fault(
            pointer="/endpoint",
            code="registration/endpoint-refused",
            message=f"The endpoint {found}.",
            hint="Ask the operator to add the host to TALLYSTICK_ACCESS_POINT_HOSTS.",
        )
