"""What an invoice says in the United Arab Emirates beyond EN 16931: the typed blocks under `regime_data.ae`.

Terms are those of PINT-AE 1.0.4 (BTAE-n). Whatever can be derived is derived: the flags' code, the UUID,
totals and line amounts in dirhams, gross prices, predefined endpoints.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tallystick.canonical import Amount, RegimeBlocks

__all__ = ["BLOCKS", "FLAGS", "REGIME", "Ae", "AeLine", "AeParty"]

REGIME = "ae"

Text = Annotated[str, Meta(min_length=1, pattern=r"\S")]
Uuid = Annotated[
    str, Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", max_length=36)
]
Commodity = Literal["G", "S", "B"]

FLAGS = (
    "free_trade_zone",
    "deemed_supply",
    "margin_scheme",
    "summary",
    "continuous_supply",
    "disclosed_agent",
    "e_commerce",
    "export",
)
"""The eight flags of BTAE-02, in the order of its digits."""


class Ae(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The document's block: the flags of BTAE-02, and what has no EN 16931 term.

    `beneficiary` (BTAE-01) is who benefits in a free trade zone, `principal` (BTAE-14) the tax number of whom
    a disclosed agent acts for. `credit_reason` (BTAE-03) is why a credit note was issued. `billing_frequency`
    (BTAE-06) stands in the invoicing period. `total_with_tax_in_aed` (BTAE-20) follows from the exchange rate
    where absent. `statement` (BTAE-21) is the number of a customs declaration, `delivery_terms` (BTAE-22) an
    Incoterm. `uuid` (BTAE-07) is only for a document that had one before it came here. `to_whom` says why no
    receiver is on the network, where the flags do not: the document then goes to a predefined endpoint.
    """

    free_trade_zone: bool = False
    deemed_supply: bool = False
    margin_scheme: bool = False
    summary: bool = False
    continuous_supply: bool = False
    disclosed_agent: bool = False
    e_commerce: bool = False
    export: bool = False
    beneficiary: Text | None = None
    principal: Text | None = None
    credit_reason: Text | None = None
    billing_frequency: Text | None = None
    total_with_tax_in_aed: Amount | None = None
    statement: Text | None = None
    delivery_terms: Text | None = None
    uuid: Uuid | None = None
    to_whom: Literal["not_subject"] | None = None


class AeParty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Seller's and buyer's block: of what kind BT-30 or BT-47 is (BTAE-15, BTAE-16), and who gave it.

    `TL` trade licence, `EID` Emirates identity card, `PAS` passport, `CD` cabinet decision, `CL` for a buyer.
    `legal_identifier_authority` (BTAE-12, BTAE-11) is the licensing authority, or a passport's country.
    """

    legal_identifier_type: Text | None = None
    legal_identifier_authority: Text | None = None


class AeLine(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line's block. The two amounts are in dirhams and computed where absent: `tax_in_aed` (BTAE-08), and
    `amount_in_aed` (BTAE-10), which is with tax.

    `commodity` (BTAE-13) says goods, services or both; `nature` (BTAE-09) is the kind of goods under reverse
    charge; `service_code` (BTAE-17) a service accounting code; `exemption_reason_code` and `exemption_reason`
    why the line is exempt, by default what the tax breakdown says; `lot` (BTAE-24) a lot number;
    `tax_base_per_unit` what the tax of one unit is taken of.
    """

    amount_in_aed: Amount | None = None
    tax_in_aed: Amount | None = None
    commodity: Commodity | None = None
    nature: Text | None = None
    service_code: Text | None = None
    exemption_reason_code: Text | None = None
    exemption_reason: Text | None = None
    lot: Text | None = None
    tax_base_per_unit: Amount | None = None


BLOCKS = RegimeBlocks(document=Ae, party=AeParty, line=AeLine)
