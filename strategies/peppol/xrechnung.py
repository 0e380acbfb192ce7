"""XRechnung 3: EN 16931 with what German receivers ask, in either syntax.

Source: KoSIT, XRechnung 3.0.2 and its validation rules. Most of it the Peppol network asks too, of parties in
Germany and under other numbers: `ALIASES` says which.
"""

import re
from types import MappingProxyType
from typing import Final

from stdnum.de import leitweg

from tallystick.rules.en16931 import EuropeanCase, Faults

from .xrechnung_further import extension, vehicles

__all__ = ["ALIASES", "CVD", "EXTENSION", "PAYING", "XRECHNUNG", "own"]

XRECHNUNG: Final = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
EXTENSION: Final = f"{XRECHNUNG}#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
CVD: Final = f"{XRECHNUNG}#compliant#urn:xeinkauf.de:kosit:xrechnung:cvd_0.9"

_looks_routed: Final = re.compile(r"[0-9]{2,12}(-[A-Za-z0-9]{1,30})?-[0-9]{2}").fullmatch

ALIASES: Final = MappingProxyType(
    {
        **{f"DE-R-{number:03}": f"BR-DE-{number}" for number in (*range(1, 12), *range(14, 21))},
        **{f"DE-R-{number:03}": f"BR-DE-{number}" for number in (22, 26, 27, 28, 30, 31)},
        **{f"DE-R-{number:03}-1": f"BR-DE-{number}-a" for number in (23, 24, 25)},
        **{f"DE-R-{number:03}-2": f"BR-DE-{number}-b" for number in (23, 24, 25)},
        "DE-R-T02": "BR-TMP-2",
    }
)
"""The network's number of a demand: the specification's own."""

PAYING: Final = frozenset(
    {f"BR-DE-{number}" for number in (1, 16, 19, 20, 30, 31)}
    | {f"BR-DE-{number}-{letter}" for number in (23, 24, 25) for letter in "ab"}
)
"""What CII's rules judge otherwise than UBL's, because mandate and creditor stand elsewhere there."""


def own(case: EuropeanCase) -> Faults:
    """Rules that neither EN 16931 nor the network has."""
    invoice = case.invoice
    named = invoice.specification_identifier
    if named is not None and named not in (XRECHNUNG, EXTENSION, CVD):
        yield from case.broken("BR-DE-21", "/specification_identifier", expected=XRECHNUNG, actual=named)
    if not _dated(case):
        yield from case.broken("BR-DE-TMP-32", "/delivery/actual_delivery_date")
    reference = (invoice.buyer_reference or "").strip()
    if _looks_routed(reference) and not leitweg.is_valid(reference):
        yield from case.broken("xrechnung/leitweg-id", "/buyer_reference", actual=reference)
    if named == EXTENSION:
        yield from extension(case, invoice, case.syntax)
    if named == CVD:
        yield from vehicles(case, invoice)


def _dated(case: EuropeanCase) -> bool:
    """Whether it is said when the supply took place. In UBL the code of the tax point makes a period too."""
    invoice = case.invoice
    delivery, period = invoice.delivery, invoice.invoicing_period
    if delivery is not None and delivery.actual_delivery_date is not None:
        return True
    if period is not None and (period.start_date is not None or period.end_date is not None):
        return True
    if case.syntax == "ubl" and invoice.tax_point_date_code is not None:
        return True
    periods = [line.period for line in invoice.lines]
    return all(one is not None and (one.start_date or one.end_date) for one in periods)
