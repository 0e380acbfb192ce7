"""PINT invoices with something changed; every mutant follows from its seed and the fixtures."""

import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from agreeing.pint_words import Words
from unit.strategies.peppol.mutants import Mutants, codes, places

__all__ = ["FIXTURES", "Document", "PintMutants"]

ROOT: Final = Path(__file__).parents[2]
FIXTURES: Final = ROOT / "fixtures"

Document = dict[str, Any]


class PintMutants(Mutants):
    """An endless supply of mutants; the same seed gives the same ones."""

    def __init__(self, seed: int, bases: dict[str, Document], words: Words) -> None:
        self.random = random.Random(seed)  # test data, no secret
        self.cases = bases
        self.words = words
        lists = ("pint-4461", "rec-20", "untdid-5189", "untdid-7161", "pint-eas", "media-types")
        self.lists = {name: codes(name) for name in lists}
        self.kinds = (
            *(self.drop, self.renumber, self.renumber, self.retext, self.redate, self.double),
            *(self.graft, self.exchange, self.recategorise, self.recategorise, self.say, self.say),
            *((self.flag,) if words.flags else ()),
            *(self.kind, self.currency, self.move, self.address, self.number, self.adjust),
            *(self.recode, self.breakdown, self.total),
        )

    def take(self, count: int, changes: int = 1) -> Iterator[tuple[str, bytes]]:
        """Mutants as (what was done, canonical JSON)."""
        return super().take(count, changes)

    def recategorise(self, document: Document) -> str:
        """One tax category becomes another, with or without a rate."""
        found = [(p, k) for p, k in places(document) if isinstance(k, str) and k.endswith("category_code")]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(self.words.categories)
        name = {"category_code": "rate", "tax_category_code": "tax_rate"}[key]
        name = "tax_category_rate" if "tax_category_taxable_amount" in parent else name
        if self.random.random() < 0.7:
            parent[name] = self.random.choice(self.words.rates)
        elif self.random.random() < 0.5:
            parent.pop(name, None)
        return f"{key} {parent[key]} at {parent.get(name)}"

    def redate(self, document: Document) -> str:
        """One date is another, or comes new."""
        found: list[Any] = [(p, k) for p, k in places(document) if isinstance(k, str) and "date" in k]
        found += [(document, "tax_point_date"), (document, "payment_due_date")]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(self.words.dates)
        return f"{key} {parent[key]}"

    def say(self, document: Document) -> str:
        """A term with values of its own says another one, or says something for the first time."""
        key = self.random.choice(sorted(self.words.said))
        found = [parent for parent, name in places(document) if name == key]
        if self.words.regime:
            found = self._told_in(document, key, found)
        parent = self.random.choice(found)
        parent[key] = self.random.choice(self.words.said[key])
        return f"{key} {parent[key]}"

    def _told_in(self, document: Document, key: str, found: list[Any]) -> list[Any]:
        """Where the term stands, or else one of the blocks it may come to stand in."""
        line = self.random.choice(document["lines"])
        homes = [document, line, document["seller"], document["buyer"]]
        if found:
            return found
        home = self.random.choice(homes)
        return [home.setdefault("regime_data", {}).setdefault(self.words.regime, {})]

    def flag(self, document: Document) -> str:
        """A flag is turned over."""
        block = document.setdefault("regime_data", {}).setdefault(self.words.regime, {})
        name = self.random.choice(self.words.flags)
        block[name] = not block.get(name, False)
        return f"{name} {block[name]}"

    def kind(self, document: Document) -> str:
        """Another type."""
        document["type_code"] = self.random.choice(self.words.types)
        return f"type {document['type_code']}"

    def currency(self, document: Document) -> str:
        """Another currency of invoice or accounting, with or without a rate."""
        key = self.random.choice(("currency_code", "currency_code", "tax_currency_code"))
        document[key] = self.random.choice(self.words.currencies)
        rate = self.random.choice(("3.6725", "11.95", "0.0247", "1.12345678"))
        if self.random.random() < 0.7:
            document["exchange_rate"] = {
                "from": document["currency_code"],
                "to": self.words.home,
                "rate": rate,
            }
        return f"{key} {document[key]}"

    def move(self, document: Document) -> str:
        """A party, or an item, is in another country."""
        found = [(p, k) for p, k in places(document) if k in ("country_code", "country_of_origin")]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(self.words.lands)
        return f"{key} {parent[key]}"

    def address(self, document: Document) -> str:
        """An identifier of another scheme."""
        party = document[self.random.choice(("seller", "buyer"))]
        scheme, value = self.random.choice(self.words.schemes), self.random.choice(self.words.values)
        one = {"scheme": scheme, "value": value}
        key = self.random.choice(("electronic_address", "identifiers", "legal_registration_identifier"))
        party[key] = [one] if key == "identifiers" else one
        return f"{key} {scheme} {value}"

    def number(self, document: Document) -> str:
        """Another tax number."""
        party = document[self.random.choice(("seller", "buyer"))]
        key = "tax_identifier"
        if party is document["seller"] and self.random.random() < 0.4:
            key = "tax_registration_identifier"
        party[key] = self.random.choice(self.words.numbers)
        return f"{key} {party[key]}"

    def adjust(self, document: Document) -> str:
        """One more allowance or charge, of document or line."""
        amount = f"{self.random.randint(-99, 9999) / 100:.2f}"
        one: Document = {"amount": amount}
        if self.random.random() < 0.5:
            base, percentage = self.random.randint(1, 99999), self.random.choice(("3", "2.5", "33.333"))
            one |= {"base_amount": f"{base / 100:.2f}", "percentage": percentage}
            if self.random.random() < 0.7:
                one["amount"] = f"{base * float(percentage) / 10000:.2f}"
        if self.random.random() < 0.7:
            one["reason_code"] = self.random.choice(("95", "AAC", "999"))
        name = self.random.choice(("allowances", "charges"))
        if self.random.random() < 0.6:
            one["tax_category_code"] = self.random.choice(self.words.categories)
            if self.random.random() < 0.7:
                one["tax_rate"] = self.random.choice(self.words.rates)
            document.setdefault(name, []).append(one)
        else:
            self.random.choice(document["lines"]).setdefault(name, []).append(one)
        return f"one of {name} more"

    def recode(self, document: Document) -> str:
        """One code becomes another of a list."""
        lists = {
            "payment_means_type_code": ("pint-4461",),
            "unit_of_measure_code": ("rec-20",),
            "base_quantity_unit_code": ("rec-20",),
            "reason_code": ("untdid-5189", "untdid-7161"),
            "mime_code": ("media-types",),
        }
        found = [(parent, key) for parent, key in places(document) if key in lists]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(self.lists[self.random.choice(lists[key])])
        return f"{key} {parent[key]}"

    def breakdown(self, document: Document) -> str:
        """A tax breakdown with amounts, somehow off."""
        entries = []
        for _ in range(self.random.randint(1, 3)):
            taxable = self.random.choice((20000, 34985, 64070, 100000, self.random.randint(-500, 99999)))
            tax = self.random.choice((0, taxable // 20, taxable // 20 + 1, taxable // 20 + 3))
            entry = {
                "tax_category_code": self.random.choice(self.words.categories),
                "tax_category_taxable_amount": f"{taxable / 100:.2f}",
                "tax_category_tax_amount": f"{tax / 100:.2f}",
            }
            if self.random.random() < 0.7:
                entry["tax_category_rate"] = self.random.choice(self.words.rates)
            entries.append(entry)
        document["tax_breakdown"] = entries
        return f"{len(entries)} entries in the breakdown"

    def total(self, document: Document) -> str:
        """One total is stated, rightly or wrongly."""
        names = (
            *("sum_of_invoice_line_net_amount", "sum_of_allowances", "sum_of_charges", "paid_amount"),
            *("total_amount_without_tax", "total_tax_amount", "total_amount_with_tax", "rounding_amount"),
            *("amount_due_for_payment", "total_tax_amount_in_accounting_currency"),
        )
        name = self.random.choice(names)
        totals = document.setdefault("document_totals", {})
        totals[name] = self.random.choice(
            ("0", "0.00", "1.00", "-1.00", "367.34", "349.85", "210.00", "17.49")
        )
        return f"{name} {totals[name]}"

    def _change(self, document: Document) -> str:
        kind = self.random.choice(self.kinds)
        before = deepcopy(document)
        try:
            return kind(document)
        except (IndexError, KeyError, TypeError, AttributeError):  # an earlier change took away what it needs
            document.clear()
            document.update(before)
            return f"no more {kind.__name__}"
