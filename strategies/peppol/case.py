"""An invoice under judgement by the network's national rules: whose rules it meets, answered once."""

from typing import Final

from tallystick.canonical import Invoice
from tallystick.rules.en16931 import EuropeanCase, EuropeanProfile, Faults
from tallystick.rules.lexical import normal

__all__ = ["Faults", "PeppolCase"]


class PeppolCase(EuropeanCase):
    """One invoice, and whose national rules concern it.

    `supplier_land` and `customer_land` are the countries that the rules look at: first two letters of the
    tax identifier, the representative's for a seller without one, else the address; `own_land` is the same
    without the representative.
    """

    __slots__ = ("customer_land", "german", "own_land", "supplier_land")

    def __init__(self, invoice: Invoice, profile: EuropeanProfile, edition: str = "") -> None:
        super().__init__(invoice, profile, edition)
        representative = invoice.seller_tax_representative
        represented = representative.tax_identifier if representative else self.seller_land
        self.supplier_land: Final = _prefix(self.seller.tax_identifier or represented)
        self.own_land: Final = _prefix(self.seller.tax_identifier or self.seller_land)
        self.customer_land: Final = _prefix(self.buyer.tax_identifier or self.buyer_land)
        self.german: Final = self.both_in("DE")


def _prefix(identifier: str) -> str:
    return normal(identifier[:2]).upper()
