"""What kind of document an invoice is here: which flow, which transaction code, what is derived from what."""

from datetime import UTC, datetime, time, timedelta, timezone
from typing import Final

from tallystick.canonical import Invoice

from .blocks import REGIME, Party, Sa

__all__ = [
    "CREDIT_NOTE",
    "DEBIT_NOTE",
    "INVOICE",
    "NOTES",
    "PREPAYMENT",
    "RIYADH",
    "block_of",
    "is_export",
    "is_simplified",
    "issued_at",
    "party_block",
    "time_of_issue",
    "transaction_code",
]

INVOICE: Final = "388"
CREDIT_NOTE: Final = "381"
DEBIT_NOTE: Final = "383"
PREPAYMENT: Final = "386"
NOTES: Final = frozenset({CREDIT_NOTE, DEBIT_NOTE})

RIYADH: Final = timezone(timedelta(hours=3), "Asia/Riyadh")
"""Asia/Riyadh has had no other offset since 1947 and no summer time."""

_LAST_SECOND: Final = time(23, 59, 59)
_NOTHING: Final = Sa()
_NO_PARTY: Final = Party()


def block_of(invoice: Invoice) -> Sa:
    """The document's block, or an empty one."""
    found = invoice.regime_data.get(REGIME)
    return found if isinstance(found, Sa) else _NOTHING


def party_block(party: object) -> Party:
    """A party's block, or an empty one."""
    found = getattr(party, "regime_data", {}).get(REGIME)
    return found if isinstance(found, Party) else _NO_PARTY


def is_simplified(invoice: Invoice) -> bool:
    """Whether it is a simplified document (code 02, reported) and no standard one (code 01, cleared)."""
    return invoice.transaction_type == "b2c"


def is_export(invoice: Invoice) -> bool:
    """What the block says; else: a standard document to a buyer abroad under which nothing is taxed."""
    stated = block_of(invoice).export
    if stated is not None:
        return stated
    if is_simplified(invoice) or block_of(invoice).self_billed:
        return False
    address = invoice.buyer.postal_address if invoice.buyer else None
    abroad = address is not None and address.country_code != "SA"
    return abroad and all(line.tax.category_code == "Z" for line in invoice.lines)


def transaction_code(invoice: Invoice) -> str:
    """KSA-2, `NNPNESB[C[G]]`: seven characters unless one of the last two flags is set."""
    sa = block_of(invoice)
    flags = (sa.third_party, sa.nominal, is_export(invoice), sa.summary, sa.self_billed)
    code = ("02" if is_simplified(invoice) else "01") + "".join("1" if flag else "0" for flag in flags)
    to_public_body = invoice.transaction_type == "b2g"
    if sa.continuous_supply or to_public_body:
        code += "1" if sa.continuous_supply else "0"
    return code + ("1" if to_public_body else "")


def issued_at(invoice: Invoice, now: datetime) -> datetime:
    """The moment of issue, aware: date and time of the invoice in Riyadh (see `time_of_issue`)."""
    return datetime.combine(invoice.issue_date, time_of_issue(invoice, now), RIYADH).astimezone(UTC)


def time_of_issue(invoice: Invoice, now: datetime) -> time:
    """As stated; else the clock's in Riyadh, or the last second of the day of issue where that is over.

    So a document that is stamped behind midnight is not a day older than it is.
    """
    if invoice.issue_time is not None:
        return invoice.issue_time
    there = now.astimezone(RIYADH)
    return _LAST_SECOND if there.date() > invoice.issue_date else there.time().replace(microsecond=0)
