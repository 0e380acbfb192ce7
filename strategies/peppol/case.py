"""What the network's national rules are asked about, and what tells whose rules it meets."""

from typing import TypeAlias

from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.lexical import normal

__all__ = ["Faults", "PeppolCase", "customer_land", "own_land", "supplier_land"]

PeppolCase: TypeAlias = EuropeanCase
"""What national rules are asked about: an invoice of EN 16931, whatever the country."""


def supplier_land(case: EuropeanCase) -> str:
    """First two letters of the seller's tax identifier, else his representative's, else his country."""
    representative = case.invoice.seller_tax_representative
    represented = representative.tax_identifier if representative else case.seller_land
    return _prefix(case.seller.tax_identifier or represented)


def own_land(case: EuropeanCase) -> str:
    """First two letters of the seller's tax identifier, else his country."""
    return _prefix(case.seller.tax_identifier or case.seller_land)


def customer_land(case: EuropeanCase) -> str:
    """First two letters of the buyer's tax identifier, else his country."""
    return _prefix(case.buyer.tax_identifier or case.buyer_land)


def _prefix(identifier: str) -> str:
    return normal(identifier[:2]).upper()
