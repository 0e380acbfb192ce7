"""How the invoice is to be paid.

EN 16931 knows one set of payment instructions with several accounts. Networks that allow several means of
payment get one entry of `payment_instructions` each; several accounts of one means stay in one entry.
"""

from typing import Annotated, ClassVar

from tallystick.canonical.terms import Group, bg, bt


class CreditTransfer(Group, frozen=True, kw_only=True):
    """BG-17: an account to transfer to."""

    group: ClassVar[str] = "BG-17"

    payment_account_identifier: Annotated[str, bt("BT-84", "IBAN or national account number.")]
    payment_account_name: Annotated[str | None, bt("BT-85", "Name of the account.")] = None
    payment_service_provider_identifier: Annotated[
        str | None, bt("BT-86", "BIC or national clearing code of the account's provider.")
    ] = None


class PaymentCard(Group, frozen=True, kw_only=True):
    """BG-18: the card that was used."""

    group: ClassVar[str] = "BG-18"

    primary_account_number: Annotated[str, bt("BT-87", "Last four to six digits of the card number.")]
    holder_name: Annotated[str | None, bt("BT-88", "Name of the card holder.")] = None


class DirectDebit(Group, frozen=True, kw_only=True):
    """BG-19: the mandate by which the seller collects."""

    group: ClassVar[str] = "BG-19"

    mandate_reference_identifier: Annotated[
        str | None, bt("BT-89", "Identifier of the mandate, given by the payee.")
    ] = None
    bank_assigned_creditor_identifier: Annotated[
        str | None, bt("BT-90", "Creditor identifier given by the payee's or seller's bank.")
    ] = None
    debited_account_identifier: Annotated[str | None, bt("BT-91", "Account that will be debited.")] = None


class PaymentInstructions(Group, frozen=True, kw_only=True):
    """BG-16: one means of payment and what it needs."""

    group: ClassVar[str] = "BG-16"

    payment_means_type_code: Annotated[str, bt("BT-81", "Means of payment, code of UNTDID 4461.")]
    payment_means_text: Annotated[str | None, bt("BT-82", "Means of payment in words.")] = None
    remittance_information: Annotated[
        str | None, bt("BT-83", "What the payer should quote, so that the payment finds the invoice.")
    ] = None
    credit_transfers: Annotated[tuple[CreditTransfer, ...], bg("BG-17", "Accounts to transfer to.")] = ()
    payment_card: Annotated[PaymentCard | None, bg("BG-18", "The card that was used.")] = None
    direct_debit: Annotated[DirectDebit | None, bg("BG-19", "The direct debit mandate.")] = None
