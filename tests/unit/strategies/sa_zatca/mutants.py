"""Good invoices with something changed: what a tired clerk, another country's habit or a bug would do.

Every mutant follows from its seed and the fixtures alone.
"""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from unit.strategies.sa_zatca.cases import broken_cases, good_cases
from unit.strategies.sa_zatca.oddities import (
    ADJUSTMENTS,
    CATEGORIES,
    CURRENCIES,
    DATES,
    FLAGS,
    GRAFTS,
    IDENTIFIERS,
    KINDS,
    LENGTHS,
    MEANS,
    NUMBERS,
    NUMERIC,
    PREPAYMENTS,
    REASONS,
    SCHEMES,
    TAXES,
    TEXTS,
    VAT_NUMBERS,
    Document,
)

Place = tuple[Any, Any]


class Mutants:
    """An endless supply of mutants; the same seed and cases give the same ones."""

    def __init__(self, seed: int, cases: dict[str, Document] | None = None) -> None:
        self.random = random.Random(seed)  # test data, no secret
        self.cases = good_cases() if cases is None else cases
        self.starts = (self.cases, self.cases, self.cases, broken_cases())
        often: tuple[Callable[[Document], str], ...] = (
            self.drop,
            self.drop,
            self.recode,
            self.renumber,
            self.renumber,
            self.recategorise,
            self.retext,
            self.lengthen,
            self.graft,
            self.adjust,
        )
        seldom: tuple[Callable[[Document], str], ...] = (
            self.redate,
            self.double,
            self.exchange,
            self.identify,
            self.flag,
            self.turn,
            self.prepay,
            self.price,
            self.contact,
            self.point,
            self.move,
            self.recurrency,
        )
        self.kinds = (*often, *seldom)

    def take(self, count: int, changes: int = 1) -> Iterator[tuple[str, bytes]]:
        """Mutants as (what was done, canonical JSON): of good invoices, and of such as break a rule already.

        Half of them lose their sums, to have them computed.
        """
        for _ in range(count):
            start = self.random.choice(self.starts)
            name = self.random.choice(sorted(start))
            document = deepcopy(start[name])
            computed = self.random.random() < 0.5
            if computed:
                uncompute(document)
            done = [self._change(document) for _ in range(changes)]
            how = " (computed)" if computed else ""
            yield f"{name}{how}: {'; '.join(done)}", json.dumps(document).encode()

    def _change(self, document: Document) -> str:
        kind = self.random.choice(self.kinds)
        try:
            return kind(document)
        except (IndexError, KeyError, TypeError, AttributeError):  # a change before took away what this needs
            return f"no more {kind.__name__}"

    def _one(self, document: Document, wanted: Callable[[Any, Any], bool]) -> Place:
        return self.random.choice([place for place in places(document) if wanted(*place)])

    def drop(self, document: Document) -> str:
        """One term or group is missing."""
        parent, key = self.random.choice(list(places(document)))
        del parent[key]
        return f"without {key}"

    def recode(self, document: Document) -> str:
        """One code becomes another."""
        choices = {
            "type_code": KINDS,
            "payment_means_type_code": MEANS,
            "exemption_reason_code": REASONS,
            "reason_code": ("FC", "95", "AA", "ZZZ", "QQQ", "CA", "CAPCAQ", "AA AAA"),
            "scheme": SCHEMES,
            "tax_identifier": VAT_NUMBERS,
            "currency_code": CURRENCIES,
        }
        parent, key = self._one(document, lambda _, key: key in choices)
        parent[key] = self.random.choice(choices[key])
        return f"{key} {parent[key]}"

    def renumber(self, document: Document) -> str:
        """One number is off by a little, or is another number altogether."""
        parent, key = self._one(document, _is_number)
        if self.random.random() < 0.4 and parent[key][-1:].isdigit():
            parent[key] = parent[key][:-1] + self.random.choice("0123456789")
        else:
            parent[key] = self.random.choice(NUMBERS)
        return f"{key} {parent[key]}"

    def recategorise(self, document: Document) -> str:
        """One tax category becomes another, with or without its rate."""
        parent, key = self._one(document, lambda _, key: str(key).endswith("category_code"))
        parent[key] = self.random.choice(CATEGORIES)
        rate = {"category_code": "rate", "tax_category_code": "tax_rate"}.get(key, "tax_category_rate")
        rate = "tax_category_rate" if "tax_category_rate" in parent else rate
        chosen = self.random.choice((None, "keep", "0", "0.00", "5", "15", "15.00", "14"))
        if chosen is None:
            parent.pop(rate, None)
        elif chosen != "keep":
            parent[rate] = chosen
        return f"{key} {parent[key]} at {chosen}"

    def retext(self, document: Document) -> str:
        """One text becomes an odd one."""
        parent, key = self._one(document, lambda parent, key: isinstance(parent[key], str))
        parent[key] = self.random.choice(TEXTS)
        return f"{key} {parent[key]!r}"

    def lengthen(self, document: Document) -> str:
        """One text becomes long."""
        parent, key = self._one(
            document, lambda parent, key: isinstance(parent[key], str) and not _is_number(parent, key)
        )
        length = self.random.choice(LENGTHS)
        parent[key] = ("ن" if self.random.random() < 0.5 else "n") * length
        return f"{key} of {length} characters"

    def redate(self, document: Document) -> str:
        """One date is another, or comes new."""
        found: list[Place] = [(p, k) for p, k in places(document) if isinstance(k, str) and "date" in k]
        sa = document.setdefault("regime_data", {}).setdefault("sa", {})
        delivery = document.setdefault("delivery", {"actual_delivery_date": "2022-09-07"})
        found += [(sa, "supply_end_date"), (delivery, "actual_delivery_date"), (document, "payment_due_date")]
        parent, key = self.random.choice(found)
        parent[key] = self.random.choice(DATES)
        return f"{key} {parent[key]}"

    def double(self, document: Document) -> str:
        """One entry stands there twice."""
        parent, key = self._one(document, lambda parent, _: isinstance(parent, list))
        parent.insert(key, deepcopy(parent[key]))
        return f"entry {key} twice"

    def graft(self, document: Document) -> str:
        """One group comes from another invoice, or from nowhere."""
        if self.random.random() < 0.6:
            key, value = self.random.choice(GRAFTS)
        else:
            donor = self.cases[self.random.choice(sorted(self.cases))]
            key = self.random.choice(sorted(donor))
            value = donor[key]
        document[key] = deepcopy(value)
        return f"another {key}"

    def adjust(self, document: Document) -> str:
        """One more allowance or charge, of the document or of a line."""
        entry = deepcopy(self.random.choice(ADJUSTMENTS))
        group = self.random.choice(("allowances", "charges"))
        where = document
        if self.random.random() < 0.5:
            where = self.random.choice(document["lines"])
        else:
            category, rate = self.random.choice(TAXES)
            entry["tax_category_code"] = category
            if rate is not None:
                entry["tax_rate"] = rate
            if self.random.random() < 0.2:
                entry["regime_data"] = {"sa": {"tax_categories": 2}}
        where.setdefault(group, []).append(entry)
        if self.random.random() < 0.7:
            uncompute(document)
        return f"{'line' if where is not document else 'document'} {group} {entry}"

    def exchange(self, document: Document) -> str:
        """Both parties come from another invoice, or change places, or are the same."""
        how = self.random.random()
        if how < 0.2:
            document["seller"], document["buyer"] = document["buyer"], document["seller"]
            return "parties exchanged"
        if how < 0.4:
            document["buyer"]["tax_identifier"] = document["seller"]["tax_identifier"]
            return "the same number"
        donor = self.cases[self.random.choice(sorted(self.cases))]
        document["seller"] = deepcopy(donor["seller"])
        document.pop("buyer", None)
        if "buyer" in donor:
            document["buyer"] = deepcopy(donor["buyer"])
        return "parties of another"

    def identify(self, document: Document) -> str:
        """A party is identified otherwise."""
        party = document[self.random.choice(("seller", "buyer", "buyer"))]
        one = {"value": self.random.choice(IDENTIFIERS), "scheme": self.random.choice(SCHEMES)}
        if self.random.random() < 0.1:
            one["scheme"] = f" {one['scheme']} "
        party["identifiers"] = [one]
        if self.random.random() < 0.3:
            party.pop("tax_identifier", None)
        return f"identifier {one}"

    def flag(self, document: Document) -> str:
        """Flags of the transaction are set."""
        sa = document.setdefault("regime_data", {}).setdefault("sa", {})
        chosen = self.random.sample(FLAGS, self.random.randint(1, 3))
        for name in chosen:
            sa[name] = True
        if self.random.random() < 0.3:
            sa["more_reasons"] = ["and more", "n" * self.random.choice(LENGTHS)]
        return f"flags {chosen}"

    def turn(self, document: Document) -> str:
        """To another kind of buyer, or another kind of document."""
        if self.random.random() < 0.4:
            document["type_code"] = self.random.choice(KINDS[:4])
            return f"type {document['type_code']}"
        document["transaction_type"] = self.random.choice(("b2b", "b2c", "b2g"))
        if document["transaction_type"] == "b2c" and self.random.random() < 0.5:
            document.pop("buyer", None)
        return f"to {document['transaction_type']}"

    def prepay(self, document: Document) -> str:
        """Something was paid in advance, or is said to have been."""
        sa = document.setdefault("regime_data", {}).setdefault("sa", {})
        entry = {"number": "A1", "issue_date": "2022-08-01", "issue_time": "10:00:00"}
        entry |= self.random.choice(PREPAYMENTS)
        if self.random.random() < 0.8:
            sa["prepayments"] = [*sa.get("prepayments", ()), entry]
        uncompute(document)
        paid = self.random.choice((None, "11.50", "10.00", "0.00", "0.11", "20.00", "11.51"))
        if paid is not None:
            document.setdefault("document_totals", {})["paid_amount"] = paid
        return f"prepaid {entry}, {paid}"

    def price(self, document: Document) -> str:
        """A price per several, or with a discount."""
        line = self.random.choice(document["lines"])
        if self.random.random() < 0.1:
            line["price"] = {"item_price_with_tax": self.random.choice(("1.15", "9.99", "100", "0.01"))}
            uncompute(document)
            return f"price {line['price']}"
        net = line["price"]["item_net_price"]
        line["price"] |= self.random.choice(
            (
                {"base_quantity": "1"},
                {"item_net_price": f"{net[:-1]}{self.random.choice('123456789')}"},
                {"base_quantity": "3"},
                {"base_quantity": "0.7", "base_quantity_unit_code": "PCE"},
                {"base_quantity": "0"},
                {"base_quantity": "-1"},
                {"base_quantity_unit_code": "U" * 128},
                {"item_gross_price": net},
                {"item_gross_price": net, "item_price_discount": "0.00"},
                {"item_gross_price": net, "item_price_discount": "1.00"},
                {"item_price_discount": "1.00"},
                {"item_price_discount": "-1.00", "item_gross_price": "-1.00"},
            )
        )
        if self.random.random() < 0.7:
            uncompute(document)
        return f"price {line['price']}"

    def contact(self, document: Document) -> str:
        """Somebody to ask at the buyer, or a place beside the main address."""
        buyer = document["buyer"]
        if self.random.random() < 0.5:
            buyer["postal_address"] |= {
                self.random.choice(("line_2", "country_subdivision", "line_1", "city")): "x"
                * self.random.choice(LENGTHS)
            }
            return "another address"
        buyer["contact"] = self.random.choice(
            (
                {"telephone_number": "+966112345678"},
                {"telephone_number": "+966 11 234 5678"},
                {"telephone_number": "112345678", "point": "n" * 1001},
                {"point": "Accounts"},
                {},
            )
        )
        return f"contact {buyer['contact'].get('telephone_number')}"

    def point(self, document: Document) -> str:
        """A line points somewhere, or has more to say."""
        line = self.random.choice(document["lines"])
        what = self.random.choice(
            (
                {"object_identifier": {"value": "meter 7"}},
                {"note": "n" * 1001},
                {"line_identifier": self.random.choice(("1", "1234567", "x"))},
                {"unit_of_measure_code": "U" * 128},
                {"invoiced_quantity": self.random.choice(("0", "0.0", "-1", "1"))},
                {"regime_data": {"sa": {"price_discount_reason": "because"}}},
                {"regime_data": {"sa": {"tax_amount": self.random.choice(("0.005", "1", "-0.10"))}}},
                {"regime_data": {"sa": {"without_unit": True}}, "unit_of_measure_code": "U" * 128},
            )
        )
        line |= what
        more = self.random.choice(("buyers_identifier", "sellers_identifier", "standard_identifier", "name"))
        long = self.random.choice(("x" * 128, "12345678", "x"))
        line["item"][more] = {"scheme": "0160", "value": long} if more.startswith("standard") else long
        return f"line with {sorted(what)} and {more}"

    def move(self, document: Document) -> str:
        """A party is in another country."""
        parent, key = self._one(document, lambda _, key: key == "country_code")
        parent[key] = self.random.choice(("SA", "AE", "US", "QQ", "XI"))
        return f"{key} {parent[key]}"

    def recurrency(self, document: Document) -> str:
        """Another currency, with or without what the tax is in riyals."""
        document["currency_code"] = self.random.choice(CURRENCIES)
        totals = document.setdefault("document_totals", {})
        how = self.random.choice(("nothing", "rate", "tax", "same", "long rate"))
        if how == "tax":
            totals["total_tax_amount_in_accounting_currency"] = self.random.choice(
                ("0.60", "100.00", "7.125")
            )
        elif how == "same" and "total_tax_amount" in totals:
            totals["total_tax_amount_in_accounting_currency"] = totals["total_tax_amount"]
        elif "rate" in how:
            rate = "3.75" if how == "rate" else "3.7500000000000"[:14] + "1"
            document["exchange_rate"] = {"from": document["currency_code"], "to": "SAR", "rate": rate[:14]}
            if how != "rate":
                document["exchange_rate"]["rate"] = "1234.123456789012"
        return f"currency {document['currency_code']} with {how}"


def _is_number(parent: Any, key: Any) -> bool:
    return isinstance(key, str) and any(word in key for word in NUMERIC) and isinstance(parent[key], str)


def uncompute(document: Document) -> None:
    """Take away whatever is computed where it is absent; what the breakdown says beside it stays."""
    stated = document.get("document_totals", {})
    kept = {name: stated[name] for name in ("paid_amount", "rounding_amount") if name in stated}
    if document.get("currency_code") != "SAR" and "total_tax_amount_in_accounting_currency" in stated:
        kept["total_tax_amount_in_accounting_currency"] = stated["total_tax_amount_in_accounting_currency"]
    document["document_totals"] = kept
    for entry in document.get("tax_breakdown", ()):
        entry.pop("tax_category_taxable_amount", None)
        entry.pop("tax_category_tax_amount", None)
    for line in document.get("lines", ()):
        line.pop("net_amount", None)


def places(node: Any) -> Iterator[Place]:
    """Every member of every object and every entry of every array, as (parent, key)."""
    keys = list(node) if isinstance(node, dict) else range(len(node))
    for key in keys:
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places(node[key])
