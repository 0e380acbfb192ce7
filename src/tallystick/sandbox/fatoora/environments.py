"""The three environments of Fatoora: separate credentials, separate certificate authorities."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment. `segment` is its path, `word` what people call it.

    template: certificate template a request must name; gate: whether the compliance documents must have
    passed before a production credential is given; wraps: whether a renewal is answered at once, inside
    `value`; codes: one-time codes that always work.
    """

    segment: str
    word: str
    template: str
    gate: bool = True
    wraps: bool = False
    codes: frozenset[str] = frozenset()


EXPIRED_CODE = "222222"
"""The developer portal's code that is always too old; any other one it was not given is invalid."""

ENVIRONMENTS = {
    environment.segment: environment
    for environment in (
        Environment(
            "developer-portal", "sandbox", "TSTZATCA-Code-Signing", False, True, frozenset({"123345"})
        ),
        Environment("simulation", "simulation", "PREZATCA-Code-Signing"),
        Environment("core", "production", "ZATCA-Code-Signing"),
    )
}


def environment_named(name: str) -> Environment | None:
    """The environment of a path segment or of its common name; None when there is none such."""
    for environment in ENVIRONMENTS.values():
        if name in (environment.segment, environment.word):
            return environment
    return None
