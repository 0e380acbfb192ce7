"""The publishers' own unit tests, judged here: fragments of documents, read, filled up and judged.

A fragment holds what its rule looks at and little else. What the model cannot do without is filled up with
values that no rule of the fragment's kind looks for; what the fragment does say is left as it is.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from agreeing.comparing import Family
from tallystick.canonical import Invoice, decode
from tallystick.canonical.line import Price
from tallystick.canonical.presence import PRESENCE
from tallystick.canonical.shape import Shape, shape_of
from tallystick.conformance import enrolment
from tallystick.formats import cii, ubl
from unit.formats.official import tool

__all__ = ["Claim", "Outcome", "claims", "outcomes"]

_FILLINGS: Final[Mapping[str, Any]] = {
    "issue_date": "2026-01-15",
    "currency_code": "EUR",
    "country_code": "BE",
    "type_code": "380",
    "category_code": "-",
    "tax_category_code": "-",
    "transaction_type": "b2c",
    "invoiced_quantity": "0",
    "item_net_price": "0",
}
"""What a missing member becomes; texts not named here become `-`, numbers `0`."""


_ATTRIBUTE: Final = "EN 16931 has no term for this attribute"
"""Why the reader left something out that no rule looks for."""

_CII: Final = "CrossIndustryInvoice"
_TOTALS: Final = ("LegalMonetaryTotal", "SpecifiedTradeSettlementHeaderMonetarySummation")

_COMPUTED: Final = frozenset({"tax_category_taxable_amount", "tax_category_tax_amount"})
"""What the model computes where it is absent, besides the sums of the document."""


class Claim(Struct, frozen=True):
    """What a unit test says: the rule fires in the document, or stays silent."""

    case: str
    xml: str
    rule: str
    fires: bool


class Outcome(Struct, frozen=True):
    """What became of a claim. `how` is one of:

    `as-expected`; `decoded`: no invoice breaks the rule, and the decoder names it where it should fire, and
    nowhere else; `impossible`: no invoice breaks the rule, or it is not of the set any more; `beyond`: the
    fragment says what the model has no place for (`lost` tells what); `refused`: the rule should fire because
    of a member without which the model takes no such object, or which it computes (`lost` tells which);
    `apart`: we are wrong.
    """

    claim: Claim
    how: str
    lost: str = ""


def claims(suite: str) -> Iterator[Claim]:
    """Every claim of a suite of unit tests."""
    for case in tool("unit_tests").cases(suite):
        for rule, verdict in case.expected:
            yield Claim(case.name, case.xml, rule, verdict == "fires")


def outcomes(family: Family, suite: str) -> list[Outcome]:
    """What became of every claim of the suite under the family's profile."""
    return [_outcome(family, claim) for claim in claims(suite)]


def tally(found: list[Outcome]) -> Counter[str]:
    """How many claims came out how."""
    return Counter(one.how for one in found)


def _outcome(family: Family, claim: Claim) -> Outcome:
    if claim.rule not in family.native:
        if claim.rule in PRESENCE and (claim.rule in _refusals(claim.xml)) is claim.fires:
            return Outcome(claim, "decoded")
        return Outcome(claim, "impossible", "" if claim.rule in family.impossible else "unknown number")
    invoice, lost, filled = _invoice(claim.xml)
    if invoice is None:
        return Outcome(claim, "beyond", lost)
    given = family.enrolled(enrolment(family.strategy, invoice=invoice))
    numbers = {fault.rule.id for fault in family.strategy.check(invoice, given) if fault.rule}
    if (claim.rule in numbers) is claim.fires:
        return Outcome(claim, "as-expected")
    if lost:
        return Outcome(claim, "beyond", lost)
    return Outcome(claim, "refused" if claim.fires and filled else "apart", " ".join(filled))


def _refusals(xml: str) -> set[str]:
    """The rules that the decoder names when it refuses the fragment as it is."""
    faults = decode(_read(xml).invoice).faults
    return {fault.rule.id for fault in faults if fault.rule}


def _read(xml: str) -> Any:
    return cii.read(xml.encode()) if _CII in xml else ubl.read(xml.encode())


def _invoice(xml: str) -> tuple[Invoice | None, str, list[str]]:
    """The fragment as an invoice, what of it could not be carried, and what its own objects lacked."""
    reading = _read(xml)
    document = json.loads(reading.invoice)
    lost = "; ".join(f"{one.path}: {one.reason}" for one in reading.unread if one.reason != _ATTRIBUTE)
    if "<CreditNote" in xml[:200]:
        document.setdefault("type_code", "381")
    filled = list(_fill(document, Invoice, "", stated=False))
    due = document.setdefault("document_totals", {})
    if any(name in xml for name in _TOTALS) and "amount_due_for_payment" not in due:
        filled.append("/document_totals/amount_due_for_payment")
    due.setdefault("amount_due_for_payment", "0")
    decoded = decode(json.dumps(document).encode())
    if decoded.invoice is None:
        return None, "; ".join(f"{fault.pointer} {fault.code}" for fault in decoded.faults), filled
    return decoded.invoice, lost, filled


def _fill(document: dict[str, Any], struct: type[Struct], at: str, *, stated: bool) -> Iterator[str]:
    """Give the object every member that it cannot do without, and the same to those within.

    Yields the pointers of what was lacking in objects that the fragment itself has (`stated`).
    """
    for name, member in shape_of(struct).items():
        place, known = f"{at}/{name}", name in document
        if not known and (member.required or name in ("transaction_type", *_asked_for(struct))):
            document[name] = _filling(name, member.shape)
        if not known and stated and (member.required or name in _COMPUTED):
            yield place
        if name in document:
            yield from _deepen(document[name], member.shape, place, stated=known)


def _asked_for(struct: type[Struct]) -> tuple[str, ...]:
    """Members that the model asks for in another way than by its types."""
    return ("item_net_price",) if struct is Price else ()


def _filling(name: str, shape: Shape) -> Any:
    if name in _FILLINGS:
        return _FILLINGS[name]
    plain: dict[str, Any] = {"struct": {}, "array": [{}], "number": str(Decimal(0)), "other": ""}
    return plain.get(shape.kind, "-")


def _deepen(value: Any, shape: Shape, at: str, *, stated: bool) -> Iterator[str]:
    if shape.kind == "struct" and shape.struct is not None:
        yield from _fill(value, shape.struct, at, stated=stated)
    elif shape.kind == "array" and shape.item is not None:
        for place, entry in enumerate(value):
            yield from _deepen(entry, shape.item, f"{at}/{place}", stated=stated)
