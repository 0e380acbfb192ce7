"""QR codes drawn on demand: the text is a mark of the document (or, stronger, of its authority's answer)."""

import asyncio
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID

from tallystick.flows import Caller
from tallystick.flows.errors import NotFound
from tallystick.flows.gateway import Gateway
from tallystick.flows.transactions import within
from tallystick.store import reading

if TYPE_CHECKING:
    import segno

__all__ = ["BORDER", "ERROR_LEVELS", "TooLong", "code_of", "drawn", "in_terminal"]

Kind = Literal["png", "svg"]
ERROR_LEVELS: Final = ("l", "m", "q", "h")  # 7, 15, 25, 30 percent of the code may be lost
BORDER: Final = 4  # modules of quiet around the code, as ISO/IEC 18004 wants them


class TooLong(ValueError):
    """The text fits into no code with this error correction."""


async def code_of(gateway: Gateway, caller: Caller, invoice_id: UUID) -> str:
    """The text of the invoice's QR code. Raises NotFound, also as long as there is none."""
    async with within(gateway, caller.tenant_id) as connection:
        text = await reading.qr_of(connection, caller.mode, invoice_id)
    if not text:
        raise NotFound
    return text


async def drawn(text: str, kind: Kind, error: str, scale: int) -> bytes:
    """The picture: `scale` pixels (PNG) or units (SVG) to a module. Raises TooLong.

    Choosing the best mask takes some milliseconds: it is done beside the loop.
    """
    return await asyncio.to_thread(_drawn, text, kind, error, scale)


def _drawn(text: str, kind: Kind, error: str, scale: int) -> bytes:
    out = BytesIO()
    _made(text, error).save(out, kind=kind, scale=scale, border=BORDER)
    return out.getvalue()


def in_terminal(text: str, error: str = "l", columns: int | None = None) -> str:
    """The code in half blocks, two rows to a line, dark on light whatever the terminal's colours.

    Raises TooLong, also when it is wider than a terminal of so many columns.
    """
    out = StringIO()
    code = _made(text, error)
    if columns is not None and code.symbol_size(border=2)[0] > columns:
        raise TooLong(f"the code is wider than {columns} columns")
    code.terminal(out, compact=True, border=2)
    return out.getvalue()


def _made(text: str, error: str) -> "segno.QRCode":
    import segno  # few processes ever draw

    try:
        return segno.make_qr(text, error=error, boost_error=False)
    except segno.DataOverflowError as overflow:
        raise TooLong(f"the text fits into no code with error correction {error.upper()}") from overflow
