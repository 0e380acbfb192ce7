"""VAT numbers of the country: fifteen digits, the first and the last a 3."""

import re
from typing import Final

__all__ = ["is_vat_number"]

_vat_number: Final = re.compile("3[0-9]{13}3").fullmatch


def is_vat_number(text: str) -> bool:
    """Whether it has the form of a VAT number: there is no check digit."""
    return _vat_number(text) is not None
