"""What the registration of one unit (EGS) says: who it is to the authority, and its certificate."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

__all__ = ["SECRET", "SECRET_NAMES", "TOKEN", "Settings", "Title"]

TOKEN = "token"  # noqa: S105  # the name of a secret, not one
SECRET = "secret"  # noqa: S105  # likewise
SECRET_NAMES = (TOKEN, SECRET)
"""`token` is the binarySecurityToken exactly as it was returned, `secret` what came with it."""

Title = Literal["1000", "0100", "1100"]
"""Which documents the unit issues: standard, simplified, or both."""

# Characters that the authority's own tool refuses in names.
Name = Annotated[str, Meta(pattern="^[^!@#$%&*_<=]*$")]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Public settings of a unit. The first eight go into its certificate request; "" is derived there.

    `common_name` is unique for the unit, `organization_unit` its branch (of a VAT group: the member's TIN);
    `solution`, `model` and `serial` name the device; `registered_address` is the branch's short address.
    `certificate` (base64 DER in one line, as it stands in documents) and `chain` (the running chain's name,
    a new one after each renewal) are set by the onboarding.
    """

    common_name: Annotated[Name, Meta(max_length=64)] = ""
    organization_unit: Name = ""
    solution: Annotated[str, Meta(pattern="^[^|=]*$")] = "Tallystick"
    model: Annotated[str, Meta(pattern="^[^|=]*$")] = "1"
    serial: Annotated[str, Meta(pattern="^[^|=]*$")] = ""
    title: Title = "1100"
    registered_address: Name = ""
    business_category: Name = ""
    certificate: str = ""
    chain: str = ""
