"""What anyone may read, so that a receipt can be checked without trusting the receipt: our keys, and the
verifier.
"""

from base64 import b64encode
from hashlib import sha256
from typing import Final

from litestar.response.base import ASGIResponse
from msgspec import Struct

from tallystick.api.answers import cacheable, resource
from tallystick.api.ask import Ask
from tallystick.api.describe import NOT_MODIFIED, Answer, Operation
from tallystick.api.parameters import IF_NONE_MATCH
from tallystick.api.routing import route
from tallystick.flows.published import PublicKeys, public_keys, verifier

__all__ = ["ROUTES"]

CODE_TYPE: Final = "text/x-python"


class Verifier(Struct, kw_only=True):
    """The stand-alone verifier: one file, Python's standard library only."""

    name: str
    size: int
    sha256: str
    url: str
    usage: str


@route(
    "GET",
    "/v1/keys",
    Operation(
        id="publicKeys",
        summary="Read our public keys",
        description="`ledger` verifies receipts (`verify.py RECEIPT.zip --key KEY`), `document` the "
        "documents that no "
        "authority signs, `webhook` the `v1a` signatures of webhooks.",
        tag="Public",
        scope=None,
        parameters=(IF_NONE_MATCH,),
        answers=(
            Answer(
                description="The keys.",
                type=PublicKeys,
                example={
                    "ledger": "tallystick+6f0c2a5c+AQ…",
                    "document": "tallystick+1b7e4d7d+AQ…",
                    "webhook": "whpk_…",
                },
                headers={"ETag": "Of the keys."},
            ),
            NOT_MODIFIED,
        ),
    ),
)
async def keys(ask: Ask) -> ASGIResponse:
    """GET /v1/keys."""
    return resource(ask, public_keys(ask.gateway))


@route(
    "GET",
    "/v1/verifier",
    Operation(
        id="verifier",
        summary="Read the verifier's digest",
        description="A forged receipt would carry a forged verifier: compare its SHA-256 with this one, "
        "or take the "
        "verifier from here.",
        tag="Public",
        scope=None,
        parameters=(IF_NONE_MATCH,),
        answers=(
            Answer(
                description="What the verifier is and where.",
                type=Verifier,
                example={
                    "name": "verify.py",
                    "size": 10142,
                    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                    "url": "/v1/verifier/verify.py",
                    "usage": "python3 verify.py RECEIPT.zip --key KEY",
                },
                headers={"ETag": "Of the description."},
            ),
            NOT_MODIFIED,
        ),
    ),
)
async def about_verifier(ask: Ask) -> ASGIResponse:
    """GET /v1/verifier."""
    code = verifier()
    return resource(
        ask,
        Verifier(
            name="verify.py",
            size=len(code),
            sha256=sha256(code).hexdigest(),
            url="/v1/verifier/verify.py",
            usage="python3 verify.py RECEIPT.zip --key KEY",
        ),
    )


@route(
    "GET",
    "/v1/verifier/verify.py",
    Operation(
        id="verifierCode",
        summary="Download the verifier",
        description="The file itself.",
        tag="Public",
        scope=None,
        parameters=(IF_NONE_MATCH,),
        answers=(
            Answer(
                description="The file.",
                media_types=(CODE_TYPE,),
                headers={"ETag": "Of the file.", "Repr-Digest": "Its SHA-256 (RFC 9530)."},
            ),
            NOT_MODIFIED,
        ),
    ),
)
async def verifier_code(ask: Ask) -> ASGIResponse:
    """GET /v1/verifier/verify.py."""
    code = verifier()
    digest = f"sha-256=:{b64encode(sha256(code).digest()).decode()}:"
    named = {"Repr-Digest": digest, "Content-Disposition": 'attachment; filename="verify.py"'}
    return cacheable(ask, code, media_type=CODE_TYPE, headers=named)


ROUTES: Final = (keys, about_verifier, verifier_code)
