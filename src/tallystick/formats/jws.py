"""JSON Web Signatures (RFC 7515), compact: attached, or detached with an unencoded payload (RFC 7797).

The key decides the algorithm, never the token: a token whose header names another algorithm, `none`, or an
extension that is not known here is refused before any cryptography is done.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from msgspec import Struct

from tallystick.keys import Signer

__all__ = [
    "Key",
    "Refused",
    "Signed",
    "named_algorithm",
    "named_key",
    "sign",
    "sign_detached",
    "verify",
    "verify_detached",
]

MAX_HEADER: Final = 4096
MIN_RSA_BITS: Final = 2048
BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*").fullmatch


class Refused(Exception):
    """The token does not prove what it says; the message says why in one line."""


class Key(Struct, frozen=True):
    """A public key that may verify, and the only JOSE algorithm it is used with.

    `algorithm` is one of VERIFIERS; `public_der` is a DER SubjectPublicKeyInfo.
    """

    algorithm: str
    public_der: bytes


class Signed(Struct, frozen=True):
    """A verified token: its protected header and the exact payload bytes that were signed."""

    header: Mapping[str, Any]
    payload: bytes


def sign(payload: bytes, signer: Signer, *, typ: str = "") -> str:
    """A compact token that carries the payload (RFC 7515, 7.1). Same input, same text."""
    signed = f"{_encoded_header(signer, typ)}.{_base64url(payload)}"
    return f"{signed}.{_base64url(signer.sign(signed.encode()))}"


def sign_detached(payload: bytes, signer: Signer, *, typ: str = "") -> str:
    """A compact token over the payload's raw bytes, without the payload (RFC 7515, F; RFC 7797, 5.2).

    The bytes stay beside the token, unencoded: whoever holds both can verify them as they are.
    """
    head = _encoded_header(signer, typ, b64=False, crit=["b64"])
    return f"{head}..{_base64url(signer.sign(head.encode() + b'.' + payload))}"


def verify(token: str, keys: Mapping[str, Key] | Key, *, typ: str = "") -> Signed:
    """What an attached token proves. `keys` by `kid`, or the one key that may have signed. Raises Refused.

    With `typ` given, a token of another type is refused, so that a signature made for one purpose cannot be
    shown for another.
    """
    head, body, signature = _parts(token)
    header = _header(head)
    if "b64" in header:
        raise Refused("the header speaks of an unencoded payload, but the token carries one")
    payload = _bytes(body, "payload")
    _prove(header, typ, f"{head}.{body}".encode(), signature, keys)
    return Signed(header, payload)


def verify_detached(token: str, payload: bytes, keys: Mapping[str, Key] | Key, *, typ: str = "") -> Signed:
    """What a detached token proves of these payload bytes. Raises Refused."""
    head, body, signature = _parts(token)
    if body:
        raise Refused("the token brings a payload of its own")
    header = _header(head)
    raw = header.get("b64", True) is False
    signed = head.encode() + b"." + (payload if raw else _base64url(payload).encode())
    _prove(header, typ, signed, signature, keys)
    return Signed(header, payload)


def named_key(token: str) -> str:
    """The `kid` that a token names, unproven; "" if it names none. Tells an unknown key from a wrong one."""
    return _named_by(token, "kid")


def named_algorithm(token: str) -> str:
    """The `alg` that a token names, unproven; "" if it names none. For one that has several names."""
    return _named_by(token, "alg")


def _named_by(token: str, member: str) -> str:
    try:
        said = _header(token.partition(".")[0]).get(member)
    except Refused:
        return ""
    return said if isinstance(said, str) else ""


def _encoded_header(signer: Signer, typ: str, **more: object) -> str:
    header = {"alg": signer.algorithm, "kid": signer.key_id, **({"typ": typ} if typ else {}), **more}
    return _base64url(json.dumps(header, sort_keys=True, separators=(",", ":")).encode())


def _parts(token: str) -> tuple[str, str, str]:
    parts = token.split(".")
    if len(parts) != 3:
        raise Refused("a compact token has three parts")
    return parts[0], parts[1], parts[2]


def _header(encoded: str) -> dict[str, Any]:
    """The protected header. Refuses repeated names (RFC 7515, 4) and unknown extensions (4.1.11)."""
    if len(encoded) > MAX_HEADER:
        raise Refused("the header is too long")
    try:
        header = json.loads(_bytes(encoded, "header").decode(), object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        raise Refused("the header is not JSON") from None
    if not isinstance(header, dict):
        raise Refused("the header is no JSON object")
    if "crit" in header and header["crit"] != ["b64"]:
        raise Refused("the header asks for an extension that is not known here")
    if ("b64" in header) != ("crit" in header) or not isinstance(header.get("b64", True), bool):
        raise Refused("b64 must be true or false and critical")
    return header


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Refused("the header names a member twice")
    return members


def _prove(
    header: Mapping[str, Any], typ: str, signed: bytes, signature: str, keys: Mapping[str, Key] | Key
) -> None:
    """Raises Refused unless the key that the header names has signed, with that key's own algorithm."""
    key = keys if isinstance(keys, Key) else _named(header, keys)
    if key.algorithm not in VERIFIERS:
        raise Refused(f"keys for {key.algorithm} are not known here")
    if header.get("alg") != key.algorithm:
        raise Refused(f"the header does not name the key's algorithm {key.algorithm}")
    if typ and header.get("typ") != typ:
        raise Refused(f"the token is not of type {typ}")
    raw = _bytes(signature, "signature")
    try:
        public = serialization.load_der_public_key(key.public_der)
        VERIFIERS[key.algorithm](public, raw, signed)
    except InvalidSignature:
        raise Refused("the signature does not match") from None
    except (ValueError, UnsupportedAlgorithm):
        raise Refused("the public key cannot be read") from None


def _named(header: Mapping[str, Any], keys: Mapping[str, Key]) -> Key:
    name = header.get("kid")
    if not isinstance(name, str) or name not in keys:
        raise Refused("the header names no key that is known here")
    return keys[name]


def _ed25519(public: object, signature: bytes, signed: bytes) -> None:
    if not isinstance(public, ed25519.Ed25519PublicKey):
        raise Refused("the key is not of its algorithm's kind")
    public.verify(signature, signed)


def _ecdsa(curve: type[ec.EllipticCurve]) -> Callable[[object, bytes, bytes], None]:
    def check(public: object, signature: bytes, signed: bytes) -> None:
        if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, curve):
            raise Refused("the key is not of its algorithm's kind")
        if len(signature) != 64:
            raise InvalidSignature
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))

    return check


def _rsa(public: object, signature: bytes, signed: bytes) -> None:
    if not isinstance(public, rsa.RSAPublicKey) or public.key_size < MIN_RSA_BITS:
        raise Refused("the key is not of its algorithm's kind")
    public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())


VERIFIERS: Final[Mapping[str, Callable[[object, bytes, bytes], None]]] = {
    "EdDSA": _ed25519,
    "ES256": _ecdsa(ec.SECP256R1),
    "ES256K": _ecdsa(ec.SECP256K1),
    "RS256": _rsa,
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": _rsa,
}
"""How each algorithm verifies: RFC 8037 (EdDSA with Ed25519), RFC 7518 3.3 and 3.4, RFC 8812 (ES256K).

The last is RS256 under the name of RFC 9231, which some signers write.
"""


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(encoded: str, part: str) -> bytes:
    """The bytes of unpadded base64url (RFC 7515, 2), of which there is exactly one spelling."""
    if not BASE64URL(encoded) or len(encoded) % 4 == 1:
        raise Refused(f"the {part} is not base64url")
    raw = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    if _base64url(raw) != encoded:
        raise Refused(f"the {part} is not base64url")
    return raw
