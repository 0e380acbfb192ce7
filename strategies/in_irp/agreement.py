"""What an invoice says twice must agree: a line's components with its rate, the items with the total.

The writer takes components as they are stated and puts what the parts miss of the total into the round-off.
Without these rules a tax that is stated and counts nowhere would vanish in it.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from tallystick.canonical import Fault, Invoice, Line

from .case import ZERO, Case
from .supply import is_exempt
from .taxes import CODES, INTEGRATED, PARTS, half, whole
from .tree import Tree
from .values import payable

__all__ = ["agreement"]

PAISE: Final = Decimal("0.05")
"""What rounding may miss for each amount of the invoice, in its own currency."""
STATED: Final = Decimal(4)
"""What a note's stated parts may differ from the computed ones: twice the portal's tolerance for each."""


def agreement(case: Case) -> Iterator[Fault]:
    """Components that say what nobody can send, and totals that the items do not come to."""
    for index, line in enumerate(case.invoice.lines):
        yield from _components(case, line, f"/lines/{index}/tax/components")
    yield from _round_off(case)


def _components(case: Case, line: Line, pointer: str) -> Iterator[Fault]:
    if line.tax.components and is_exempt(line):
        codes = ", ".join(component.code for component in line.tax.components)
        yield case.fault("in/component", "ItemList", pointer=pointer, expected="none", actual=codes)
        return
    for index, component in enumerate(line.tax.components):
        place = f"{pointer}/{index}"
        if component.code not in CODES:
            known = f"one of {', '.join(sorted(CODES))}"
            yield _component(case, f"{place}/code", known, component.code)
        elif component.code in PARTS and component.additional:
            yield _component(case, f"{place}/additional", "false", "true")
        elif component.code in PARTS and component.rate is not None and line.tax.rate:
            rate = line.tax.rate if component.code == INTEGRATED else line.tax.rate / 2
            if component.rate != rate:
                yield _component(case, f"{place}/rate", str(rate), str(component.rate))


def _component(case: Case, pointer: str, expected: str, actual: str) -> Fault:
    return case.fault("in/component", "ItemList", pointer=pointer, expected=expected, actual=actual)


def _round_off(case: Case) -> Iterator[Fault]:
    """More than paise between the items and the total is no rounding: something counts once only."""
    invoice, supply, said = case.invoice, case.wire.supply, case.block("ValDtls")
    if case.wire.loose or payable(invoice, supply) is None:
        return
    stated = supply.rupees(invoice.document_totals.rounding_amount or ZERO)
    gap = said.get("RndOffAmt", ZERO) - supply.rupees(_broken_down(invoice))
    gap += sum((_said(case, where, item) for where, item in case.items()), ZERO)
    amounts = len(invoice.lines) + len(invoice.allowances) + len(invoice.charges) + 1
    if abs(gap - stated) > PAISE * amounts * max(supply.rate or 1, Decimal(1)):
        total: Decimal = said.get("TotInvVal", ZERO)
        yield case.fault(
            "in/round-off",
            "ValDtls.RndOffAmt",
            expected=f"items that come to {total - stated}",
            actual=total - said.get("RndOffAmt", ZERO),
        )


def _broken_down(invoice: Invoice) -> Decimal:
    """By how much the tax of the invoice's breakdown exceeds the computed one; the model limits it."""
    return sum(
        (
            (one.tax_category_tax_amount or ZERO)
            - whole(one.tax_category_taxable_amount or ZERO, one.tax_category_rate or ZERO)
            for one in invoice.tax_breakdown
        ),
        ZERO,
    )


def _said(case: Case, where: str, item: Tree) -> Decimal:
    """By how much the parts of the tax that the line states exceed the computed ones, as far as is allowed.

    Those of an invoice are held to its rates by rules of their own, those of notes by none.
    """
    line = case.invoice.lines[case.wire.lines[int(where[len("ItemList[") : -1])]]
    if not line.tax.rate:
        return ZERO
    value, rate = item.get("AssAmt", ZERO), item.get("GstRt", ZERO)
    computed = whole(value, rate) if case.wire.supply.igst else 2 * half(value, rate)
    names = ("IgstAmt", "CgstAmt", "SgstAmt")
    more: Decimal = sum((item.get(name, ZERO) for name in names), ZERO) - computed
    return more if case.wire.supply.document == "INV" or abs(more) <= STATED else ZERO
