"""The network's own code lists, where they are narrower than EN 16931's: codes only, as sets."""

from typing import Final

from tallystick.rules.en16931.codes import listed

CREDIT_NOTE_TYPES: Final = listed("peppol-1001-credit-note")
CURRENCIES: Final = listed("peppol-4217")
ELECTRONIC_ADDRESSES: Final = listed("peppol-eas")
INVOICE_TYPES: Final = listed("peppol-1001-invoice")
SELF_BILLED_CREDIT_NOTE_TYPES: Final = listed("peppol-1001-self-billed-credit-note")
SELF_BILLED_INVOICE_TYPES: Final = listed("peppol-1001-self-billed-invoice")
