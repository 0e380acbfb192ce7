"""What the portal signs: the document with its number, and the text of its QR code. Believed if verified."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from tallystick.formats import jws
from tallystick.formats.sealing import Unsealable, public_der

from .binding import once_each
from .irn import irns_of
from .settings import Settings

ALGORITHM: Final = "RS256"
SPELLINGS: Final = (ALGORITHM, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
"""What portals call the one algorithm they sign with."""
ADDED: Final = frozenset({"ackno", "ackdt", "irn", "itemno", "status"})
"""Members the portal adds to its copy of the document."""
ANY_CASE: Final = frozenset({"no", "gstin", "stcd", "pos", "unit"})

LONGEST_KID: Final = 64
_SHOWN: Final = 5


class Unverified(Exception):
    """A token that proves nothing; the message says why in one line."""


class UnknownKey(Unverified):
    """Signed with a key that nobody has told us of: it may be good."""


class Verified(Struct, frozen=True, kw_only=True):
    """A token that was verified: what it says, who says that he says it, and the key it was signed with."""

    data: dict[str, Any]
    issuer: str
    kid: str


def keys_of(settings: Settings) -> dict[str, jws.Key]:
    """The portal's keys by `kid`; one that cannot be read is no key."""
    found = {}
    for key in settings.keys:
        try:
            found[key.kid.upper()] = jws.Key(ALGORITHM, public_der(key.pem))
        except Unsealable:
            continue
    return found


def verified(token: object, keys: Mapping[str, jws.Key]) -> Verified:
    """What the token proves. Raises Unverified, UnknownKey for a key that is not among ours."""
    if not isinstance(token, str) or not token:
        raise Unverified("there is no token")
    kid = jws.named_key(token)
    key = keys.get(kid.upper())
    if key is None:
        shown = kid if kid.isalnum() and len(kid) <= LONGEST_KID else "(none)"
        raise UnknownKey(f"the portal signed with the key {shown}, which the registration does not know")
    algorithm = jws.named_algorithm(token)
    if algorithm in SPELLINGS:
        key = jws.Key(algorithm, key.public_der)
    try:
        proven = jws.verify(token, {kid: key})
    except jws.Refused as error:
        raise Unverified(str(error)) from None
    data, issuer = _claims(proven.payload)
    return Verified(data=data, issuer=issuer, kid=kid.upper())


def others_than(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Where the portal's copy says something else than the document we hold: paths, none if it does not.

    Names are compared in any case, numbers by value; what the portal adds and zeros do not count.
    """
    mine, its = dict(_leaves(ours)), dict(_leaves(theirs))
    missing = [path for path, value in mine.items() if not _same(path, value, its.get(path))]
    added = [path for path, value in its.items() if path not in mine and not _is_added(path, value)]
    return sorted({*missing, *added})


def contradictions(invoice: Mapping[str, Any], code: Mapping[str, Any]) -> list[str]:
    """The claims of the QR code that are not those of the signed document."""
    about, seller, buyer = (_part(invoice, name) for name in ("DocDtls", "SellerDtls", "BuyerDtls"))
    items = [item for item in invoice.get("ItemList") or () if isinstance(item, dict)]
    wanted: tuple[tuple[str, Any], ...] = (
        ("SellerGstin", seller.get("Gstin")),
        ("BuyerGstin", buyer.get("Gstin")),
        ("DocNo", about.get("No")),
        ("DocTyp", about.get("Typ")),
        ("DocDt", about.get("Dt")),
        ("TotInvVal", _part(invoice, "ValDtls").get("TotInvVal")),
        ("ItemCnt", len(items)),
        ("Irn", invoice.get("Irn")),
    )
    wrong = [name for name, value in wanted if not _same(name.lower(), value, code.get(name))]
    main = {str(item.get("HsnCd")) for item in items}
    return wrong if str(code.get("MainHsnCode")) in main else [*wrong, "MainHsnCode"]


def names(document: Mapping[str, Any]) -> frozenset[str]:
    """Every IRN that may stand for the document."""
    about, seller = _part(document, "DocDtls"), _part(document, "SellerDtls")
    said = [seller.get("Gstin"), about.get("Typ"), about.get("No"), about.get("Dt")]
    texts = [one for one in said if isinstance(one, str)]
    return irns_of(*texts) if len(texts) == len(said) else frozenset()


def listed(paths: list[str]) -> str:
    """The first few paths, for the operator."""
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def _claims(payload: bytes) -> tuple[dict[str, Any], str]:
    """The JSON object in the payload's `data`, which is text or an object; its `iss`. Raises Unverified."""
    claims = _object(payload)
    data, issuer = claims.get("data"), claims.get("iss")
    return data if isinstance(data, dict) else _object(data), issuer if isinstance(issuer, str) else ""


def _object(content: object) -> dict[str, Any]:
    try:
        found = json.loads(content, parse_float=Decimal, object_pairs_hook=once_each)  # type: ignore[arg-type]
    except (TypeError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Unverified("the token is signed, but holds no document")
    return found


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name)
    return part if isinstance(part, dict) else {}


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _leaves(member, f"{path}/{str(name).lower()}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _leaves(member, f"{path}/{index}")
    elif value is not None and value != "":
        yield path, value


def _same(path: str, one: Any, other: Any) -> bool:
    numbers = [value for value in (one, other) if _is_number(value)]
    if len(numbers) == 1 and not numbers[0]:
        return one is None or other is None
    if numbers:
        return len(numbers) == 2 and Decimal(numbers[0]) == Decimal(numbers[1])
    if not isinstance(one, str) or not isinstance(other, str):
        return one is None and other is None
    if path.rpartition("/")[2] in ANY_CASE or path in ("docno", "sellergstin", "buyergstin"):
        one, other = one.upper(), other.upper()
    return " ".join(one.split()) == " ".join(other.split())


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _is_added(path: str, value: Any) -> bool:
    return path.rpartition("/")[2] in ADDED or (_is_number(value) and not value)
