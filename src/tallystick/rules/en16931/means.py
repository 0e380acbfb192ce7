"""Each entry of `payment_instructions` becomes one or more UBL payment means."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from tallystick.canonical import CreditTransfer, DirectDebit, PaymentCard, PaymentInstructions
from tallystick.rules.en16931.case import EuropeanCase

__all__ = ["DIRECT_DEBITS", "Means", "mandate", "means_of"]

DIRECT_DEBITS: Final = frozenset({"49", "59"})


class Means(Struct, frozen=True):
    """One means of payment as it will be written: `code` as sent, `at` the pointer of its entry.

    An entry with several accounts becomes several; card and mandate stand in the first of them.
    """

    at: str
    code: str
    quoted: str
    account: CreditTransfer | None = None
    account_at: str = ""
    card: PaymentCard | None = None
    mandate: DirectDebit | None = None

    @property
    def code_at(self) -> str:
        """The pointer of the code; of an entry that only a due date brings, that of the entries."""
        return f"{self.at}/payment_means_type_code" if self.account_at != self.at else self.at


def means_of(case: EuropeanCase) -> Iterator[Means]:
    """Every means of payment of the document. A credit note's due date brings one when there is none."""
    entries = case.invoice.payment_instructions
    for place, entry in enumerate(entries):
        at = f"/payment_instructions/{place}"
        code, quoted = entry.payment_means_type_code, entry.remittance_information or ""
        accounts: tuple[CreditTransfer | None, ...] = entry.credit_transfers or (None,)
        for index, account in enumerate(accounts):
            first = index == 0
            yield Means(
                at=at,
                code=code,
                quoted=quoted,
                account=account,
                account_at=f"{at}/credit_transfers/{index}",
                card=entry.payment_card if first else None,
                mandate=mandate(entry) if first else None,
            )
    if not entries and case.credit_note and case.invoice.payment_due_date is not None:
        yield Means("/payment_instructions", "1", "", account_at="/payment_instructions")


def mandate(entry: PaymentInstructions) -> DirectDebit | None:
    """The direct debit that is written as a mandate: one that names the mandate or the debited account."""
    debit = entry.direct_debit
    if debit is None or (
        debit.mandate_reference_identifier is None and debit.debited_account_identifier is None
    ):
        return None
    return debit
