"""What a rule may know: the invoice, the wire document that was made of it, the day, the environment."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from tallystick.canonical import Fault, Invoice, Step
from tallystick.strategy import Enrolment

from .fields import pointer_to
from .rules import broken
from .settings import Settings
from .tree import Tree
from .writing import Wire

__all__ = ["ZERO", "Case", "case_of"]

INDIA: Final = timedelta(hours=5, minutes=30)
ZERO: Final = Decimal(0)
_DEFAULTS: Final = Settings()


class Case(Struct, frozen=True, kw_only=True):
    """An invoice before the court. `today` is India's day; `production` makes some remarks faults."""

    invoice: Invoice
    wire: Wire
    settings: Settings
    production: bool
    today: date
    own_gstin: str

    def block(self, name: str) -> Tree:
        """A block of the wire document; empty where it is not there."""
        found: Tree = self.wire.tree.get(name, {})
        return found

    def items(self) -> Iterator[tuple[str, Tree]]:
        """Each item with its place."""
        for index, item in enumerate(self.wire.tree.get("ItemList", ())):
            yield f"ItemList[{index}]", item

    def fault(
        self,
        number: str,
        where: str,
        *,
        pointer: str | None = None,
        expected: object = "",
        actual: object = "",
        calculation: tuple[Step, ...] = (),
        hint: str = "",
        fix: tuple[dict[str, Any], ...] = (),
    ) -> Fault:
        """A rule is broken at a place of the wire document; `pointer` where another place is to blame."""
        return broken(
            number,
            pointer_to(where, self.invoice, self.wire.lines) if pointer is None else pointer,
            expected=str(expected),
            actual=str(actual),
            calculation=calculation,
            where="/" + where.replace("[", "/").replace("]", "").replace(".", "/"),
            hint=hint,
            fix=fix,
        )


def case_of(invoice: Invoice, wire: Wire, enrolment: Enrolment) -> Case:
    """The case of an invoice under its enrolment."""
    settings = enrolment.settings if isinstance(enrolment.settings, Settings) else _DEFAULTS
    return Case(
        invoice=invoice,
        wire=wire,
        settings=settings,
        production=enrolment.environment == "production",
        today=(enrolment.now.astimezone(UTC) + INDIA).date(),
        own_gstin=enrolment.tax_identifier.strip().upper(),
    )
