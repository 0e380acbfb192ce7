"""Good invoices with one thing changed: what a tired clerk, another country's habit or a bug would do.

Every mutant follows from its seed and the fixtures alone.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[4]
FIXTURES: Final = ROOT / "fixtures"
CASES: Final = FIXTURES / "peppol"
CODE_LISTS: Final = ROOT / "schemas" / "codelists"

Document = dict[str, Any]
Place = tuple[Any, Any]

LANDS: Final = "DK DE SE NO IT NL GR IS FI BE AT ES FR PL GB CH US XI UK EL".split()
CATEGORIES: Final = "S Z E AE K G O L M B Q s".split()
DATES: Final = ("2026-01-31", "2026-02-28", "2026-03-02", "2026-04-01", "2027-12-31")
TEXTS: Final = (
    "x",
    "#AAI#text",
    "#zz9#",
    "a#bcd#e",
    "NA",
    "SEPA",
    "<&>\"'",
    "line\nline\r\nline",
    "tab\tbed",
    "ÅÄÖ – € 😀",
    "0088",
    "DK12345678",
    "NO999999999MVA",
    "EL094259216",
    "SE556036079301",
    "#SKONTO#TAGE=7#PROZENT=3.00#\n",
    "##M.AR.K##",
    "##INVOICE|URL##",
    "EINDAGI",
    "71#123456789012345",
    "01#",
)
NUMBERS: Final = (
    "0 0.00 -1 1 0.01 0.005 -0.01 2 10.00 19 25 99.99 100.000 1000000 1E3 -250.50 0.5 3.333".split()
)
LISTS: Final = {
    "type_code": ("untdid-1001-invoice", "untdid-1001-credit-note"),
    "currency_code": ("iso-4217", "peppol-4217"),
    "tax_currency_code": ("iso-4217",),
    "tax_point_date_code": ("untdid-2005",),
    "subject_code": ("untdid-4451",),
    "payment_means_type_code": ("untdid-4461",),
    "unit_of_measure_code": ("rec-20",),
    "base_quantity_unit_code": ("rec-20",),
    "reason_code": ("untdid-5189", "untdid-7161"),
    "scheme": ("iso-6523", "eas", "untdid-1153", "untdid-7143", "peppol-eas"),
    "exemption_reason_code": ("vatex",),
    "mime_code": ("media-types",),
}
NUMERIC: Final = ("amount", "price", "quantity", "rate", "percentage", "total", "sum", "discount")


def good_cases() -> dict[str, Document]:
    """The cases that are accepted, by name, but the long one."""
    names = sorted(path.parent.name for path in CASES.glob("*/wire.xml"))
    return {
        name: json.loads((CASES / name / "invoice.json").read_text())
        for name in names
        if name != "thousand_lines"
    }


def codes(name: str) -> list[str]:
    """One published code list."""
    return (CODE_LISTS / f"{name}.txt").read_text().split()


class Mutants:
    """An endless supply of mutants; the same seed gives the same ones."""

    def __init__(self, seed: int, cases: Mapping[str, Document] | None = None) -> None:
        """`cases` are what is changed, and what changes are taken from; the good cases, if none are given."""
        self.random = random.Random(seed)  # test data, no secret
        self.cases = good_cases() if cases is None else cases
        self.lists = {name: codes(name) for names in LISTS.values() for name in names}
        self.kinds: tuple[Callable[[Document], str], ...] = (
            self.drop,
            self.recode,
            self.renumber,
            self.renumber,
            self.move,
            self.recategorise,
            self.retext,
            self.redate,
            self.double,
            self.graft,
            self.graft,
            self.exchange,
        )

    def take(self, count: int, changes: int = 1) -> Iterator[tuple[str, bytes]]:
        """Mutants as (what was done, canonical JSON)."""
        for _ in range(count):
            name = self.random.choice(sorted(self.cases))
            document = deepcopy(self.cases[name])
            done = [self._change(document) for _ in range(changes)]
            yield f"{name}: {'; '.join(done)}", json.dumps(document).encode()

    def _change(self, document: Document) -> str:
        kind = self.random.choice(self.kinds)
        try:
            return kind(document)
        except (IndexError, KeyError, TypeError):  # an earlier change took away what this one needs
            return f"no more {kind.__name__}"

    def drop(self, document: Document) -> str:
        """One term or group is missing."""
        parent, key = self.random.choice(list(places(document)))
        del parent[key]
        return f"without {key}"

    def recode(self, document: Document) -> str:
        """One code becomes another of its list."""
        found = [(parent, key) for parent, key in places(document) if key in LISTS]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(self.lists[self.random.choice(LISTS[key])])
        return f"{key} {parent[key]}"

    def renumber(self, document: Document) -> str:
        """One number is off by a little, or is another number altogether."""
        found = [
            (parent, key)
            for parent, key in places(document)
            if isinstance(key, str) and any(word in key for word in NUMERIC) and isinstance(parent[key], str)
        ]
        parent, key = self.random.choice(found)
        if self.random.random() < 0.3 and parent[key][-1:].isdigit():
            parent[key] = parent[key][:-1] + self.random.choice("0123456789")
        else:
            parent[key] = self.random.choice(NUMBERS)
        return f"{key} {parent[key]}"

    def move(self, document: Document) -> str:
        """A party, or an item, is in another country."""
        found = [(p, k) for p, k in places(document) if k in ("country_code", "country_of_origin")]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(LANDS)
        if self.random.random() < 0.3:
            document["seller"]["postal_address"]["country_code"] = parent[key]
            document["buyer"]["postal_address"]["country_code"] = parent[key]
        return f"{key} {parent[key]}"

    def recategorise(self, document: Document) -> str:
        """One tax category becomes another, with or without its rate."""
        found = [(p, k) for p, k in places(document) if isinstance(k, str) and k.endswith("category_code")]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(CATEGORIES)
        rates = [name for name in parent if name in ("rate", "tax_rate", "tax_category_rate")]
        if rates and self.random.random() < 0.6:
            parent[rates[0]] = self.random.choice(("0", "5", "25"))
        return f"{key} {parent[key]}"

    def retext(self, document: Document) -> str:
        """One text becomes an odd one."""
        found = [(parent, key) for parent, key in places(document) if isinstance(parent[key], str)]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(TEXTS)
        return f"{key} {parent[key]!r}"

    def redate(self, document: Document) -> str:
        """One date is another, or comes new."""
        found: list[Place] = [(p, k) for p, k in places(document) if isinstance(k, str) and "date" in k]
        new = ("tax_point_date", "payment_due_date")
        found += [(document, key) for key in new]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(DATES)
        return f"{key} {parent[key]}"

    def double(self, document: Document) -> str:
        """One entry stands there twice."""
        found = [(parent, key) for parent, key in places(document) if isinstance(parent, list)]
        parent, key = self.random.choice(found)
        parent.insert(key, deepcopy(parent[key]))
        return f"entry {key} twice"

    def graft(self, document: Document) -> str:
        """One group comes from another invoice."""
        donor = self.cases[self.random.choice(sorted(self.cases))]
        key = self.random.choice(sorted(donor))
        document[key] = deepcopy(donor[key])
        return f"{key} of another"

    def exchange(self, document: Document) -> str:
        """Both parties come from another invoice, or change places."""
        if self.random.random() < 0.2:
            document["seller"], document["buyer"] = document["buyer"], document["seller"]
            return "parties exchanged"
        donor = self.cases[self.random.choice(sorted(self.cases))]
        document["seller"], document["buyer"] = deepcopy(donor["seller"]), deepcopy(donor["buyer"])
        return "parties of another"


def places(node: Any) -> Iterator[Place]:
    """Every member of every object and every entry of every array, as (parent, key)."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places(node[key])
