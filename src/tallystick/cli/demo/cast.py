"""Which invoices the demo posts: real ones from the fixtures, and one that belongs to the user."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from tallystick.cli.intake import body_of
from tallystick.cli.printing import Failure

__all__ = ["DROPPED", "OVERLOADED", "OWN", "REFUSED", "Piece", "cast_of"]

OWN: Final = "demo-invoice.json"
REFUSED: Final = "refused"
DROPPED: Final = "process_then_drop"
OVERLOADED: Final = "503"

ROLES: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("peppol/standard", "totals and tax are computed", {}),
    ("peppol/credit_note", "credit note", {}),
    ("peppol/allowances_and_charges", "allowances and charges", {}),
    ("peppol/several_tax_categories", "several tax categories", {}),
    ("peppol/reverse_charge", "reverse charge", {}),
    ("peppol/foreign_currency", "foreign currency", {}),
    ("peppol/attachments", "attachments", {}),
    ("peppol/thousand_lines", "a thousand lines", {}),
    ("default/standard", "post-audit: signed and stored", {}),
    (
        "peppol/export",
        "taken in, then the line drops",
        {"fault": DROPPED, "times": 1},
    ),
    (
        "peppol/prepaid_and_rounding",
        "three times 503, then taken",
        {"fault": OVERLOADED, "times": 3},
    ),
    ("peppol/refused_wrong_sums", "wrong sums", {"fault": REFUSED}),
)


class Piece(Struct, frozen=True, kw_only=True):
    """One invoice of the demo. `number` is fresh in every run; `fault` is what the authority will do `times`
    times, or that we must refuse the invoice.
    """

    number: str
    shows: str
    invoice: dict[str, Any]
    fault: str = ""
    times: int = 0
    is_own: bool = False

    @property
    def body(self) -> bytes:
        """What is posted."""
        return json.dumps(self.invoice, ensure_ascii=False).encode()

    @property
    def seller(self) -> dict[str, Any]:
        """Who issues it, as far as it says; empty for an invoice that is none."""
        found = self.invoice.get("seller")
        return found if isinstance(found, dict) else {}


def cast_of(fixtures: Path, own: Path, run: str) -> list[Piece]:
    """Everything that is posted in this run. `own` is the user's invoice: put there when it is missing.

    Raises Failure when the user's file is no JSON object.
    """
    pieces = [
        piece(json.loads((fixtures / case / "invoice.json").read_bytes()), shows, f"{run}{place:02}", **order)
        for place, (case, shows, order) in enumerate(ROLES, 1)
    ]
    if not own.is_file():
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(fixtures / "demo" / "invoice.json", own)
    try:
        mine = json.loads(body_of(own))
    except ValueError as error:
        raise Failure(f"{own} is not JSON: {error}. Mend it, or delete it to begin anew.") from None
    if not isinstance(mine, dict):
        raise Failure(f"{own} holds no JSON object")
    return [*pieces, piece(mine, "yours to edit", f"{run}00", is_own=True)]


def piece(invoice: dict[str, Any], shows: str, mark: str, **more: Any) -> Piece:
    """An invoice under a fresh number: its own, and a mark that nothing else has."""
    number = f"{invoice.get('invoice_number', 'MY')}-{mark}"
    return Piece(number=number, shows=shows, invoice={**invoice, "invoice_number": number}, **more)
