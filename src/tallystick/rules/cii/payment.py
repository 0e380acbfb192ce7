"""How it is paid: what the syntax says once must be said once, or alike."""

from typing import Final

from tallystick.rules.case import normal
from tallystick.rules.cii.case import Case, Faults

__all__ = ["payment"]

_CREDIT_TRANSFERS: Final = ("30", "58")


def payment(case: Case) -> Faults:
    """Rules on BG-16 to BG-19."""
    entries = case.invoice.payment_instructions
    for number, member, values in (
        ("CII-SR-467", "payment_means_type_code", [one.payment_means_type_code for one in entries]),
        ("CII-SR-468", "payment_means_text", [one.payment_means_text for one in entries]),
    ):
        said = [(place, normal(value)) for place, value in enumerate(values) if value is not None]
        other = next(((place, value) for place, value in said if value != said[0][1]), None)
        if other is not None:
            at = f"/payment_instructions/{other[0]}/{member}"
            yield from case.broken(number, at, expected=said[0][1], actual=other[1])
    for place, entry in enumerate(entries):
        if normal(entry.payment_means_type_code) in _CREDIT_TRANSFERS and not entry.credit_transfers:
            yield from case.broken("CII-SR-470", f"/payment_instructions/{place}/credit_transfers")
            return
