"""The QR code's content: what a buyer's telephone reads, tag by tag."""

import base64
import binascii
from collections.abc import Mapping
from typing import Final

from tallystick.formats import tlv

__all__ = ["LONGEST_NAME", "QrError", "content", "cut", "tags_of"]

LONGEST_NAME: Final = tlv.LONGEST
QrError = tlv.TlvError


def content(
    *,
    seller: str,
    tax_number: str,
    issued: str,
    payable: str,
    tax: str,
    invoice_hash: str,
    signature: str,
    public_der: bytes,
    certificate_signature: bytes | None,
) -> str:
    """The content in base64. Texts as they stand in the document; `issued` is date, T, time.

    `certificate_signature` belongs to simplified documents only. A seller's name longer than 255 bytes is cut
    off between two characters.
    """
    values = {
        1: cut(seller),
        2: tax_number.encode(),
        3: issued.encode(),
        4: payable.encode(),
        5: tax.encode(),
        6: invoice_hash.encode(),
        7: signature.encode(),
        8: public_der,
    }
    if certificate_signature is not None:
        values[9] = certificate_signature
    return base64.b64encode(tlv.encode(values)).decode()


def cut(name: str) -> bytes:
    """As much of a name as its tag has room for, cut between two characters."""
    whole = name.encode()
    return whole if len(whole) <= LONGEST_NAME else whole[:LONGEST_NAME].decode(errors="ignore").encode()


def tags_of(text: str) -> Mapping[int, bytes]:
    """The tags of a QR code's content. Raises QrError for what is no base64 or no sequence of tags."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        raise QrError("not base64") from None
    return tlv.decode(data)
