"""A place of the document that names a tax category."""

from decimal import Decimal

from msgspec import Struct

__all__ = ["Taxed"]


class Taxed(Struct, frozen=True):
    """A place that names a tax category. `code_at` and `rate_at` point at its two members.

    `group` is `line`, `allowance` or `charge`; `amount` what it adds to the taxable amount.
    """

    group: str
    code: str
    rate: Decimal | None
    amount: Decimal
    at: str
    code_at: str
    rate_at: str
