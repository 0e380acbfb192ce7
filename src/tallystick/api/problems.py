"""Every error the API can answer: one catalogue of codes, one shape (RFC 9457), one exception that carries
them.

A code never changes its status, title or meaning. `type` is a relative URL of our own docs page
(`/docs/errors#…`), so that it resolves wherever the gateway runs. An answer never holds a stack trace, SQL or
another tenant's data.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar.response.base import ASGIResponse
from msgspec import Struct, json

from tallystick.api.language import ARABIC, Arabic
from tallystick.canonical import Fault

__all__ = ["CATALOGUE", "MEDIA_TYPE", "Kind", "Problem", "Refusal", "answer", "fault"]

MEDIA_TYPE: Final = "application/problem+json"


class Kind(Struct, frozen=True):
    """One kind of error: its stable code, its status, its constant title, and what the caller can do."""

    code: str
    status: int
    title: str
    meaning: str
    retryable: bool = False

    @property
    def anchor(self) -> str:
        """The code as a fragment of the error page's URL."""
        return self.code.replace("/", "-")


KINDS: Final = (
    Kind(
        "request/malformed",
        400,
        "The request body is not JSON",
        "The body is empty, not UTF-8, not JSON, nested too deeply, or holds the same key twice. Nothing "
        "was stored.",
    ),
    Kind(
        "request/invalid-parameter",
        400,
        "A query parameter is not valid",
        "`errors` names each parameter. A parameter that the operation does not know is refused too, so "
        "that a "
        "misspelt filter never looks like an empty filter.",
    ),
    Kind(
        "request/invalid-header",
        400,
        "A header is not valid",
        "The header named in `detail` does not follow its specification, or two headers contradict each "
        "other.",
    ),
    Kind(
        "idempotency/key-required",
        400,
        "Idempotency-Key is required",
        "With a live key every new invoice needs an Idempotency-Key, so that a repeated request cannot "
        "make a second one.",
    ),
    Kind(
        "auth/missing-key",
        401,
        "An API key is required",
        "Send `Authorization: Bearer ts_test_…` or `Bearer ts_live_…`.",
    ),
    Kind(
        "auth/invalid-key",
        401,
        "The API key is not valid",
        "The key is mistyped (its checksum is checked first), unknown, expired or revoked.",
    ),
    Kind(
        "auth/scope",
        403,
        "The API key lacks a scope",
        "`detail` names the scope that the operation needs. Keys with `admin` may do everything.",
    ),
    Kind(
        "auth/mode",
        403,
        "The API key is of the wrong mode",
        "A test key can never create or use what belongs to live operation.",
    ),
    Kind(
        "resource/not-found",
        404,
        "There is no such resource",
        "It does not exist, or it belongs to somebody else: the answer is the same.",
    ),
    Kind(
        "request/unknown-path",
        404,
        "There is no such path",
        "The API has no operation under this path. `/openapi.json` lists all of them.",
    ),
    Kind(
        "request/method-not-allowed",
        405,
        "The method is not allowed here",
        "The header `Allow` lists the methods of this path.",
    ),
    Kind(
        "request/not-acceptable",
        406,
        "No acceptable representation",
        "The header `Accept` excludes every media type this operation can answer with.",
    ),
    Kind(
        "request/timeout",
        408,
        "The request body did not arrive in time",
        "The body must arrive whole within 30 seconds. Nothing was stored.",
        retryable=True,
    ),
    Kind(
        "invoice/duplicate-number",
        409,
        "An invoice with this number exists",
        "Seller, type, number and fiscal year are those of another invoice, linked under `existing`. A "
        "rejected "
        "invoice is posted again with `?supersedes=ID`.",
    ),
    Kind(
        "idempotency/in-progress",
        409,
        "A request with this key is still running",
        "Repeat the same request after `Retry-After` seconds.",
        retryable=True,
    ),
    Kind(
        "state/illegal-transition",
        409,
        "The resource does not allow this now",
        "`allowed_actions` lists what its state allows.",
    ),
    Kind(
        "state/under-way",
        409,
        "Something about the resource is still under way",
        "`detail` names what must come to its end first. Repeat the request after `Retry-After` seconds.",
        retryable=True,
    ),
    Kind(
        "state/conflict",
        409,
        "The request conflicts with what exists",
        "`detail` names the resource that stands in the way.",
    ),
    Kind(
        "resource/erased",
        410,
        "The bytes were erased",
        "They were deleted under the retention rules. Their digest stays in the log, so every proof "
        "still holds.",
    ),
    Kind(
        "request/precondition-failed",
        412,
        "The resource has changed",
        "`If-Match` names an older version. Read the resource again and decide anew.",
    ),
    Kind(
        "request/too-large",
        413,
        "The request body is too large",
        "A body may have at most the size stated in `detail`.",
    ),
    Kind(
        "request/unsupported-media-type",
        415,
        "The media type is not supported",
        "`detail` names the media types this operation reads. Encoded (compressed) bodies are not read.",
    ),
    Kind(
        "request/invalid-body",
        422,
        "The body has faults",
        "`errors` names each fault with its JSON pointer. Nothing was stored.",
    ),
    Kind(
        "invoice/invalid",
        422,
        "The invoice has faults",
        "`errors` names each fault with its JSON pointer, rule, term, expected and actual value. Nothing "
        "was stored, "
        "and the idempotency key is still free.",
    ),
    Kind(
        "document/unreadable",
        422,
        "The document cannot be read",
        "The bytes are not a document of a known format, or hold what is refused for safety (such as a DTD).",
    ),
    Kind(
        "idempotency/key-reused",
        422,
        "The idempotency key was used with another request",
        "The key belongs to a request with another body. Use a new key for a new invoice.",
    ),
    Kind(
        "request/precondition-required",
        428,
        "If-Match is required",
        "A change needs `If-Match` with the resource's `ETag`, so that no change of somebody else is "
        "overwritten.",
    ),
    Kind(
        "limit/too-many-requests",
        429,
        "Too many requests",
        "Repeat the request after `Retry-After` seconds. Nothing was stored.",
        retryable=True,
    ),
    Kind(
        "server/internal",
        500,
        "The gateway failed",
        "A fault of ours, recorded under `request_id`. With the same Idempotency-Key the request may be "
        "repeated.",
        retryable=True,
    ),
    Kind(
        "storage/unavailable",
        503,
        "The store cannot be reached",
        "Nothing was stored. Repeat the request with the same Idempotency-Key after `Retry-After` seconds.",
        retryable=True,
    ),
)

CATALOGUE: Final[Mapping[str, Kind]] = {kind.code: kind for kind in KINDS}


class Problem(Struct, kw_only=True, omit_defaults=True):
    """A problem details document (RFC 9457) with our members.

    `errors` are faults in one shape, whether our own rules or an authority's found them; `retryable` says
    whether the same request may succeed later; `existing` links the resource in the way; `allowed_actions` is
    sent with 409.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    retryable: bool
    trace_id: str | None = None
    retry_after: int | None = None
    existing: str | None = None
    allowed_actions: Sequence[str] | None = None
    errors: Sequence[Fault] | None = None


class Refusal(Exception):
    """The request is answered with a problem. `code` stands in the catalogue."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(detail)
        self.kind = CATALOGUE[code]
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.members = members


def fault(pointer: str, code: str, message: str) -> Fault:
    """A fault of the request itself (not of an invoice): where, which code, in one sentence."""
    return Fault(pointer=pointer, code=code, message=message)


def answer(
    refusal: Refusal, *, path: str, request_id: str, trace_id: str | None, arabic: Arabic | None = None
) -> ASGIResponse:
    """The refusal as an HTTP response. `path` becomes `instance`, with anything but ASCII percent-encoded.

    With `arabic` it is told in Arabic, as far as that goes.
    """
    kind, errors = refusal.kind, refusal.errors
    retry_after = refusal.headers.get("Retry-After")
    problem = Problem(
        type=f"/docs/errors#{kind.anchor}",
        title=arabic.title(kind.code, kind.title) if arabic else kind.title,
        status=kind.status,
        detail=arabic.detail(refusal.detail, errors) if arabic else refusal.detail,
        instance=path,
        code=kind.code,
        request_id=request_id,
        retryable=kind.retryable,
        trace_id=trace_id,
        retry_after=int(retry_after) if retry_after else None,
        errors=(arabic.faults(errors) if arabic else errors) or None,
        **refusal.members,
    )
    headers = {
        "Cache-Control": "no-store",
        **({"Content-Language": ARABIC} if arabic else {}),
        **refusal.headers,
    }
    return ASGIResponse(
        body=json.encode(problem), status_code=kind.status, media_type=MEDIA_TYPE, headers=headers
    )
