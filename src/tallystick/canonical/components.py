"""Taxes of a line that come on top of the tax of its category and rate, such as a duty on tobacco.

EN 16931 knows one tax; where a regime takes another beside it, the line carries it as a component marked
`additional`. Its amount is computed from its rate where absent; given amounts are taken as they are, since
regimes differ in what such a tax is taken of.
"""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from tallystick.canonical.arithmetic import ZERO, rounded
from tallystick.canonical.fault import Fault
from tallystick.canonical.line import Line, TaxComponent
from tallystick.canonical.numbers import Amount
from tallystick.canonical.reckoning import Reckoning


def with_additional(lines: tuple[Line, ...], reckoning: Reckoning) -> tuple[Line, ...]:
    """The lines with the amounts of all additional components. Lines have net amounts."""
    if not any(_open(component) for line in lines for component in line.tax.components):
        return lines
    return tuple(_completed(line, index, reckoning) for index, line in enumerate(lines))


def additional_amounts(lines: Iterable[Line]) -> list[Amount]:
    """The amounts of all additional components, line by line."""
    return [
        component.amount
        for line in lines
        for component in line.tax.components
        if component.additional and component.amount is not None
    ]


def _open(component: TaxComponent) -> bool:
    return component.additional and component.amount is None


def _completed(line: Line, index: int, reckoning: Reckoning) -> Line:
    if not any(_open(component) for component in line.tax.components):
        return line
    components = tuple(_settled(line, f"/lines/{index}/tax/components", reckoning))
    return replace(line, tax=replace(line.tax, components=components))


def _settled(line: Line, pointer: str, reckoning: Reckoning) -> Iterator[TaxComponent]:
    for index, component in enumerate(line.tax.components):
        place = f"{pointer}/{index}/amount"
        if _open(component) and component.rate is None:
            reckoning.faults.append(_incomplete(place, component))
        elif _open(component) and component.rate is not None:
            taken_of = line.net_amount if component.taxable_amount is None else component.taxable_amount
            amount = rounded((taken_of or ZERO) * component.rate / 100, reckoning.decimals)
            reckoning.computed.append(place)
            component = replace(component, amount=reckoning.fitting(place, "", amount))
        yield component


def _incomplete(pointer: str, component: TaxComponent) -> Fault:
    return Fault(
        code="invoice/incomplete-component",
        pointer=pointer,
        message=f"The component {component.code} comes on top and needs an amount, or a rate to compute it.",
        expected="an amount, or a rate",
    )
