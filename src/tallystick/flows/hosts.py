"""Which hosts submissions may go to: the operator's list, so that no tenant can point the worker inside.

An entry without a port allows https on port 443; an entry with a port allows exactly that port, by https or,
for an access point in the operator's own network, by http.
"""

from collections.abc import Collection
from urllib.parse import urlsplit

__all__ = ["refusal"]

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
