"""Peppol's national rules, one module per country.

Each module asks by itself whether it concerns the document: by the address, or by the tax identifier.
"""

from typing import Final

from .case import Faults, PeppolCase
from .denmark import denmark
from .germany import germany
from .greece import greece
from .iceland import iceland
from .italy import italy
from .netherlands import netherlands
from .norway import norway
from .sweden import sweden

_COUNTRIES: Final = (denmark, germany, greece, iceland, italy, netherlands, norway, sweden)


def national(case: PeppolCase) -> Faults:
    """Every national rule the document breaks."""
    for country in _COUNTRIES:
        yield from country(case)
