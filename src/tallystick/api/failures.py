"""Which problem an exception is: the one place where the flows' errors meet HTTP."""

from collections.abc import Callable
from typing import Any, Final

from litestar.exceptions import HTTPException

from tallystick.api.bodies import MALFORMED, refused
from tallystick.api.problems import Refusal, fault
from tallystick.canonical import Fault
from tallystick.flows import administer, errors
from tallystick.flows.paging import BadCursor
from tallystick.flows.read import Erased

__all__ = ["refusal_of"]


def refusal_of(error: Exception, allowed: str = "") -> Refusal:
    """The refusal that answers the exception. Whatever is not foreseen is `server/internal`, without a word
    of it.
    """
    if isinstance(error, Refusal):
        return error
    for kind, translate in TRANSLATIONS.items():
        if isinstance(error, kind):
            return translate(error)
    if isinstance(error, HTTPException):
        return of_framework(error, allowed)
    return Refusal("server/internal", "The gateway failed. The failure is recorded under the request id.")


def of_framework(error: HTTPException, allowed: str) -> Refusal:
    """What the framework refuses by itself: paths, methods, hosts."""
    if error.status_code == 404:
        return Refusal("request/unknown-path", "The API has no operation under this path.")
    if error.status_code == 405:
        return Refusal(
            "request/method-not-allowed", "The path does not know this method.", headers={"Allow": allowed}
        )
    if error.status_code == 400:
        return Refusal("request/invalid-header", "A header is not valid.")
    return Refusal("server/internal", "The gateway failed. The failure is recorded under the request id.")


def of_faults(error: Any) -> Refusal:
    """Faults of an invoice; those of its form (not JSON at all) are 400."""
    faults: tuple[Fault, ...] = tuple(error.faults)
    first = faults[0].code if faults else ""
    if first in MALFORMED:
        return Refusal("request/malformed", faults[0].message, errors=faults)
    if first == "request/too-large":
        return Refusal("request/too-large", faults[0].message, errors=faults)
    if first.startswith("document/"):
        return Refusal("document/unreadable", faults[0].message, errors=faults)
    count = len(faults)
    return Refusal(
        "invoice/invalid", f"{count} fault{'s' if count != 1 else ''}; see `errors`.", errors=faults
    )


def of_duplicate(error: Any) -> Refusal:
    existing = f"/v1/invoices/{error.existing_id}"
    return Refusal("invoice/duplicate-number", f"The number {error.number} is taken.", existing=existing)


def of_illegal(error: Any) -> Refusal:
    return Refusal(
        "state/illegal-transition",
        error.detail or "The resource's state does not allow this.",
        allowed_actions=list(error.allowed),
    )


def of_work(error: Any) -> Refusal:
    return Refusal(
        "state/under-way",
        f"{str(error).capitalize()}.",
        headers={"Retry-After": str(max(1, int(error.after_seconds)))},
    )


def of_limit(error: Any) -> Refusal:
    return Refusal(
        "limit/too-many-requests",
        "Too much is waiting already; nothing was stored.",
        headers={"Retry-After": str(max(1, int(error.after_seconds)))},
    )


def of_reused(_: Any) -> Refusal:
    return Refusal("idempotency/key-reused", "The key belongs to a request with another body.")


def of_running(error: Any) -> Refusal:
    return Refusal(
        "idempotency/in-progress",
        "The first request is still running.",
        headers={"Retry-After": str(error.after_seconds)},
    )


def of_absence(_: Any) -> Refusal:
    return Refusal("resource/not-found", "There is no such resource.")


def of_outage(error: Any) -> Refusal:
    return Refusal(
        "storage/unavailable",
        "The store cannot be reached.",
        headers={"Retry-After": str(error.after_seconds)},
    )


def of_body(error: Any) -> Refusal:
    return refused(list(error.faults))


def of_conflict(error: Any) -> Refusal:
    return Refusal("state/conflict", str(error), existing=error.existing)


def of_forbidden(error: Any) -> Refusal:
    return Refusal("auth/mode", str(error))


def of_erasure(_: Any) -> Refusal:
    return Refusal("resource/erased", "The bytes were erased under the retention rules.")


def of_cursor(_: Any) -> Refusal:
    found = fault("/cursor", "request/bad-cursor", "The cursor is not one of this list with these filters.")
    return Refusal("request/invalid-parameter", "The query has faults; see `errors`.", errors=(found,))


TRANSLATIONS: Final[dict[type[Exception], Callable[[Any], Refusal]]] = {
    errors.Faulty: of_faults,
    errors.DuplicateNumber: of_duplicate,
    errors.KeyReused: of_reused,
    errors.KeyInProgress: of_running,
    errors.NotFound: of_absence,
    errors.Illegal: of_illegal,
    errors.UnderWay: of_work,
    errors.Limited: of_limit,
    errors.Unavailable: of_outage,
    administer.BadBody: of_body,
    administer.Conflict: of_conflict,
    administer.Forbidden: of_forbidden,
    BadCursor: of_cursor,
    Erased: of_erasure,
}
