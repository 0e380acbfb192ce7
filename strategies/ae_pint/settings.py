"""What a seller's registration says: which access point product, as whom, whether tax data are built."""

from typing import Annotated

from msgspec import Meta, Struct

from tallystick.network import Adapter

__all__ = ["Settings"]

_PROVIDER = Annotated[str, Meta(pattern="^[0-9A-Za-z]{1,50}$")]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All is optional. `participant` (`0235:1001234567`) is the sender's; his document says it if absent.

    `representative` and `tax_authority_endpoint` are the numbers, in scheme 0242, of the sender's accredited
    provider and of the provider of the tax authority: with both, the tax data document is built beside every
    invoice, for providers that want it from us.
    """

    adapter: Adapter = "phoss-ap"
    participant: Annotated[str, Meta(pattern="^[0-9]{4}:[!-~]{1,130}$")] | None = None
    representative: _PROVIDER | None = None
    tax_authority_endpoint: _PROVIDER | None = None
