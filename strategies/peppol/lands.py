"""Whose national rules a document meets: the countries that the network's rules look at."""

from tallystick.rules.en16931 import EuropeanCase
from tallystick.rules.lexical import normal

__all__ = ["customer_land", "own_land", "supplier_land"]


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
