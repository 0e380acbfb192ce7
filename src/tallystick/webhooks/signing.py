"""Standard Webhooks signatures: `v1` HMAC-SHA256 by the endpoint's secrets, `v1a` Ed25519 by the gateway.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterable

from tallystick.keys import Secret, Signer

__all__ = ["headers_for"]


def headers_for(
    event_id: str, timestamp: int, body: bytes, secrets: Iterable[Secret], signer: Signer
) -> dict[str, str]:
    """The three headers of one try. `timestamp` is unix seconds of the try; the id is the event's, always."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    marks = [f"v1,{_hmac(secret, signed)}" for secret in secrets]
    marks.append(f"v1a,{b64encode(signer.sign(signed)).decode()}")
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(marks),
    }


def _hmac(secret: Secret, signed: bytes) -> str:
    key = b64decode(secret.reveal().removeprefix("whsec_"))
    return b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
