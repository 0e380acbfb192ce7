"""The names of UN/CEFACT's Cross Industry Invoice D16B, as EN 16931 binds it."""

from typing import Final

DAY_FORMAT: Final = "102"
"""UNTDID 2379: a day written YYYYMMDD."""

TENDER_REFERENCE: Final = "50"
OBJECT_REFERENCE: Final = "130"
SUPPORTING_REFERENCE: Final = "916"
"""UNTDID 1001: what a referenced document is to the invoice (BT-17; BT-18 and BT-128; BG-24)."""

TAX: Final = "VAT"
TAX_NUMBER: Final = "VA"
FISCAL_NUMBER: Final = "FC"
"""What tax categories and a party's numbers (BT-31 and its kin; BT-32) are marked with."""

TAX_POINT_EVENTS: Final = {"3": "5", "35": "29", "432": "72"}
"""BT-8: codes of UNTDID 2005, which the model has, as those of UNTDID 2475, which this syntax has."""

PROJECT_NAME: Final = "Project reference"
"""The syntax wants a name beside a project's identifier, and EN 16931 has none."""
