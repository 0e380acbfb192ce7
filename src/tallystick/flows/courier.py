"""What a flow needs of whoever carries its requests: one verb and two ways to fail."""

from typing import Protocol

from httpx import Request, Response

__all__ = ["Courier", "MaybeSent", "NotSent"]


class NotSent(Exception):
    """No byte of the request can have reached the authority: it is safe to say so."""


class MaybeSent(Exception):
    """The request, or a part of it, may have reached the authority: the outcome is unknown."""


class Courier(Protocol):
    """Sends one request and reads the whole answer, within a time limit, to permitted hosts only."""

    async def send(self, request: Request, seconds: float) -> Response:
        """The answer with its body read. Raises NotSent or MaybeSent, nothing else."""
        ...
