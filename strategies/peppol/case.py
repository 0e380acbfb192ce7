"""An invoice under judgement by the network's national rules, and what tells whose rules it meets."""

from tallystick.rules.en16931 import EuropeanCase, Faults
from tallystick.rules.lexical import normal

__all__ = ["Faults", "PeppolCase"]


class PeppolCase(EuropeanCase):
    """One invoice, and whose national rules concern it, by a country or by how a tax identifier begins."""

    __slots__ = ()

    @property
    def supplier_land(self) -> str:
        """First two letters of the seller's tax identifier, else his representative's, else his country."""
        representative = self.invoice.seller_tax_representative
        represented = representative.tax_identifier if representative else self.seller_land
        return _prefix(self.seller.tax_identifier or represented)

    @property
    def own_land(self) -> str:
        """First two letters of the seller's tax identifier, else his country."""
        return _prefix(self.seller.tax_identifier or self.seller_land)

    @property
    def customer_land(self) -> str:
        """First two letters of the buyer's tax identifier, else his country."""
        return _prefix(self.buyer.tax_identifier or self.buyer_land)

    @property
    def german(self) -> bool:
        """Whether both addresses are German."""
        return self.both_in("DE")


def _prefix(identifier: str) -> str:
    return normal(identifier[:2]).upper()
