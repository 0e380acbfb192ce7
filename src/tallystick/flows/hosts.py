"""Which hosts submissions may go to: the operator's list, so that no tenant can point the worker inside, and
the authorities' own, which stand in the strategies.

An entry without a port allows https on port 443; an entry with a port allows exactly that port, by https or,
for an access point in the operator's own network, by http.
"""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from tallystick.flows.abilities import abilities
from tallystick.strategy import Strategy

__all__ = ["endpoint_of", "permitted", "refusal"]

PORTS = {"https": 443, "http": 80}


def refusal(url: str, hosts: Collection[str]) -> str | None:
    """Why the URL may not be sent to, as a sentence; None if it may. `hosts` are `host` or `host:port`, lower
    case.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not a URL"
    if parts.scheme not in PORTS or not host:
        return "is not an http or https URL with a host"
    if parts.username is not None or parts.password is not None:
        return "may not hold a user or a password"
    if parts.query or parts.fragment:
        return "may not have a query or a fragment"
    name = f"[{host}]" if ":" in host else host
    if f"{name}:{port or PORTS[parts.scheme]}" in hosts:
        return None
    if name in hosts and parts.scheme == "https" and port in (None, 443):
        return None
    return "is not on a host that the operator allows"


def permitted(hosts: Iterable[str], strategies: Iterable[Strategy]) -> frozenset[str]:
    """The operator's hosts, and those of the authorities whose strategies are loaded."""
    official = (able.endpoints.values() for each in strategies if (able := abilities(each).has_endpoints))
    return frozenset(hosts) | {urlsplit(url).netloc for urls in official for url in urls}


def endpoint_of(strategy: Strategy, environment: str, own: str) -> str:
    """Where a registration's requests go: its own address, else the authority's ("" where there is none)."""
    able = abilities(strategy).has_endpoints
    return own or (able.endpoints.get(environment, "") if able is not None else "")
