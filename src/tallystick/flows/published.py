"""What the installation publishes of itself: its public keys and the stand-alone verifier."""

from msgspec import Struct

from tallystick.flows.administer.endpoints import public_key
from tallystick.flows.gateway import Gateway
from tallystick.keys import vkey
from tallystick.ledger.receipt import verifier_source

__all__ = ["NAME", "PublicKeys", "public_keys", "verifier"]

NAME = "tallystick"


class PublicKeys(Struct, kw_only=True):
    """Verifier key lines (C2SP signed-note) of the ledger and of documents; the webhook key as `whpk_…`."""

    ledger: str
    document: str
    webhook: str


def public_keys(gateway: Gateway) -> PublicKeys:
    """The installation's public keys."""
    publics = gateway.keyring.publics
    return PublicKeys(
        ledger=vkey(publics["ledger"], NAME),
        document=vkey(publics["document"], NAME),
        webhook=public_key(gateway.keyring),
    )


def verifier() -> bytes:
    """The verifier's bytes: the file every receipt carries."""
    return verifier_source()
