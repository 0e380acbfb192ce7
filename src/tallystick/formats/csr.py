"""Certification requests (PKCS #10, RFC 2986), signed by whatever signs: a wrapped key or one in a token."""

import textwrap
from base64 import b64encode
from collections.abc import Iterable
from typing import Final

from tallystick.formats import der
from tallystick.keys import Signer

__all__ = ["alternative_name", "extension", "pem", "request"]

EXTENSION_REQUEST: Final = "1.2.840.113549.1.9.14"
ALTERNATIVE_NAME: Final = "2.5.29.17"
_ALGORITHMS: Final = {
    "ES256": "1.2.840.10045.4.3.2",
    "ES256K": "1.2.840.10045.4.3.2",
    "EdDSA": "1.3.101.112",
}


def request(subject: bytes, extensions: Iterable[bytes], signer: Signer) -> bytes:
    """The request in DER. `subject` is a Name (`der.directory`), `extensions` are those of `extension`.

    Raises ValueError for a signer of another algorithm than ES256, ES256K (ecdsa-with-SHA256) or EdDSA.
    """
    algorithm = _ALGORITHMS.get(signer.algorithm)
    if algorithm is None:
        raise ValueError(f"no certification request is signed with {signer.algorithm}")
    wanted = der.sequence(der.oid(EXTENSION_REQUEST), der.set_of(der.sequence(*extensions)))
    info = der.sequence(der.integer(0), subject, signer.public_der, der.explicit(0, wanted))
    signature = _signature(signer, info)
    return der.sequence(info, der.sequence(der.oid(algorithm)), der.bits(signature))


def extension(kind: str, value: bytes) -> bytes:
    """An extension that is not critical: its dotted type and its encoded value."""
    return der.sequence(der.oid(kind), der.octets(value))


def alternative_name(name: bytes) -> bytes:
    """The extension subjectAltName with one directory name (RFC 5280, 4.2.1.6)."""
    return extension(ALTERNATIVE_NAME, der.sequence(der.explicit(4, name)))


def pem(content: bytes) -> str:
    """The request as PEM text (RFC 7468), its last line ended."""
    lines = textwrap.wrap(b64encode(content).decode(), 64)
    return "\n".join(("-----BEGIN CERTIFICATE REQUEST-----", *lines, "-----END CERTIFICATE REQUEST-----", ""))


def _signature(signer: Signer, info: bytes) -> bytes:
    """The signature as X.509 wants it: of ECDSA the two numbers in a sequence."""
    raw = signer.sign(info)
    if signer.algorithm == "EdDSA":
        return raw
    half = len(raw) // 2
    return der.sequence(*(der.integer(int.from_bytes(part, "big")) for part in (raw[:half], raw[half:])))
