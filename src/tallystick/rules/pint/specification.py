"""Billing and self-billing: the two specifications of every PINT, by their identifiers and types."""

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from tallystick.canonical import Invoice

__all__ = ["Specification", "identified", "named", "pint"]

_SELF_BILLED: Final = frozenset({"389", "261"})


class Specification(Struct, frozen=True, kw_only=True):
    """One of the two: its identifiers (BT-24, BT-23), and the types of its invoices and credit notes."""

    self_billing: bool
    customization: str
    process: str
    invoices: frozenset[str]
    credit_notes: frozenset[str]


def pint(version: str, *, self_billing: bool, invoices: str, credit_notes: str) -> Specification:
    """A specification of the country's version (such as `eu-1`), with its types, blanks between them."""
    kind = "selfbilling" if self_billing else "billing"
    return Specification(
        self_billing=self_billing,
        customization=f"urn:peppol:pint:{kind}-1@{version}",
        process=f"urn:peppol:bis:{kind}",
        invoices=frozenset(invoices.split()),
        credit_notes=frozenset(credit_notes.split()),
    )


def named(invoice: Invoice, billing: Specification, self_billing: Specification) -> Specification:
    """The one that the invoice names (BT-24), or else the one that its type belongs to."""
    identifier = invoice.specification_identifier
    if identifier is not None:
        return self_billing if "selfbilling" in identifier else billing
    return self_billing if invoice.type_code in _SELF_BILLED else billing


def identified(invoice: Invoice, specification: Specification) -> Invoice:
    """The invoice with both identifiers: those that it names, or the specification's."""
    return replace(
        invoice,
        specification_identifier=invoice.specification_identifier or specification.customization,
        business_process_type=invoice.business_process_type or specification.process,
    )
