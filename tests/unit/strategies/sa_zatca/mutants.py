"""Good invoices with something changed: what a tired clerk, another country's habit or a bug would do.

Every mutant follows from its seed and the fixtures alone.
"""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from tallystick.conformance.cases import refusals_of

ROOT: Final = Path(__file__).parents[4]
FIXTURES: Final = ROOT / "fixtures"
CASES: Final = FIXTURES / "sa_zatca"
CODE_LISTS: Final = ROOT / "schemas" / "codelists"

Document = dict[str, Any]
Place = tuple[Any, Any]

CATEGORIES: Final = "S Z E O AE K G Q s".split()
SCHEMES: Final = "TIN CRN MOM MLS 700 SAG NAT GCC IQA PAS OTH XYZ nat".split()
IDENTIFIERS: Final = (
    "1010010000",
    "7001234560",
    "3012345670",
    "1023456780",
    "2034567890",
    "1234567890",
    "9876543210",
    "1111111111",
    "101001",
    "CRN 1010",
    "٠١٢٣٤٥٦٧٨٩",
)
VAT_NUMBERS: Final = (
    "399999999900003",
    "310122393500003",
    "300000000000003",
    "31012239350000",
    "210122393500003",
    "310122393500001",
    "SA310122393500003",
)
REASONS: Final = (
    "VATEX-SA-29",
    "VATEX-SA-29-7",
    "VATEX-SA-30",
    "VATEX-SA-32",
    "VATEX-SA-32(bis)",
    "VATEX-SA-33",
    "VATEX-SA-34-1",
    "VATEX-SA-35",
    "VATEX-SA-EDU",
    "VATEX-SA-HEA",
    "VATEX-SA-OOS",
    "VATEX-SA-ROYALDECREE",
    "VATEX-EU-AE",
    "HEA",
)
DATES: Final = (
    "1999-12-31",
    "2000-02-29",
    "2024-02-29",
    "2022-09-06",
    "2022-09-08",
    "2025-01-01",
    "2099-12-31",
    "2100-01-01",
)
TEXTS: Final = (
    "x",
    "ab",
    "NA",
    "12",
    "1234",
    "12345",
    "٣٤٥",
    "388",
    "Account 0112345678",
    "Ref 0200010",
    "<&>\"'",
    "line\nline\r\nline",
    "tab\tbed",
    " CRN",
    "S Z",
    "مؤسسة الرياض – 😀",
    "+966112345678",
    "0112345678",
    "+966 11 234 5678",
)
LENGTHS: Final = (7, 126, 127, 128, 1000, 1001, 5001)
NUMBERS: Final = (
    *"0 0.00 -1 1 0.01 0.005 -0.01 2 10.00 5 5.00 15 15.5 100 100.001 99.99 100.000 1000000".split(),
    *"-250.50 -0.00 0.5 3.333 0.125".split(),
)
CURRENCIES: Final = "SAR USD EUR KWD JPY BHD VES XXX".split()
KINDS: Final = "388 381 383 386 380 325 999".split()
MEANS: Final = "1 10 30 42 48 69 70 98 99 ZZZ".split()
NUMERIC: Final = ("amount", "price", "quantity", "rate", "percentage", "total", "sum", "discount")
FLAGS: Final = ("third_party", "nominal", "export", "summary", "self_billed", "continuous_supply")
FILE: Final = {"content": "JVBERi0xLjQ=", "mime_code": "application/pdf", "filename": "a.pdf"}
GRAFTS: Final[tuple[tuple[str, Any], ...]] = (
    ("payment_terms", "Within 30 days"),
    ("contract_reference", "C-17"),
    ("purchase_order_reference", "PO-17"),
    ("business_process_type", "reporting:1.0"),
    ("business_process_type", "billing"),
    ("tax_currency_code", "SAR"),
    ("tax_currency_code", "USD"),
    ("tax_currency_code", "VES"),
    ("payment_due_date", "2022-10-01"),
    ("tax_point_date", "2022-10-01"),
    ("exchange_rate", {"from": "USD", "to": "SAR", "rate": "3.75"}),
    ("exchange_rate", {"from": "SAR", "to": "USD", "rate": "0.266666666666"}),
    ("exchange_rate", {"from": "EUR", "to": "SAR", "rate": "4.123456789012"}),
    ("notes", [{"content": "paid"}, {"subject_code": "AAI", "content": "later"}]),
    ("preceding_invoice_references", [{"reference": "SME00002", "issue_date": "2022-09-01"}]),
    ("supporting_documents", [{"reference": "D1", "attached_document": FILE}]),
    ("supporting_documents", [{"reference": "D1", "attached_document": {**FILE, "mime_code": "image/gif"}}]),
    ("supporting_documents", [{"reference": "D1", "external_document_location": "https://seller.test/a"}]),
    ("supporting_documents", [{"reference": "D1", "description": "nothing enclosed"}]),
    ("delivery", {"actual_delivery_date": "2022-09-07"}),
    ("payee", {"name": "Factor"}),
    ("payment_instructions", [{"payment_means_type_code": "10"}]),
    (
        "payment_instructions",
        [
            {
                "payment_means_type_code": "30",
                "credit_transfers": [{"payment_account_identifier": "SA0380000000608010167519"}],
            }
        ],
    ),
)
ADJUSTMENTS: Final[tuple[Document, ...]] = (
    {"amount": "2.00"},
    {"amount": "2.00", "reason": "because", "reason_code": "FC"},
    {"amount": "2.00", "reason": "because", "reason_code": "QQQ"},
    {
        "amount": "1.00",
        "base_amount": "10.00",
        "percentage": "10.00",
        "reason": "because",
        "reason_code": "95",
    },
    {"amount": "1.01", "base_amount": "10.00", "percentage": "10.00", "reason_code": "FC"},
    {"amount": "0.13", "base_amount": "2.50", "percentage": "5.00", "reason_code": "CA"},
    {"amount": "1.00", "base_amount": "10.00"},
    {"amount": "1.00", "percentage": "10.00"},
    {"amount": "0.05", "base_amount": "9.99", "percentage": "0.505"},
    {"amount": "0.00", "reason": "nothing", "reason_code": "ZZZ"},
    {"amount": "-1.00", "reason": "less", "reason_code": "ABL"},
    {"amount": "1.00", "base_amount": "0.50", "percentage": "200", "reason": "x" * 1001},
)
TAXES: Final = (
    ("S", "15.00"),
    ("S", "5"),
    ("S", None),
    ("Z", "0"),
    ("Z", None),
    ("E", "0.00"),
    ("O", None),
    ("E", "5"),
)
PREPAYMENTS: Final[tuple[Document, ...]] = (
    {"category_code": "S", "rate": "15.00", "taxable_amount": "10.00"},
    {"category_code": "S", "rate": "15.00", "taxable_amount": "10.00", "tax_amount": "1.51"},
    {"category_code": "S", "rate": "15.00", "taxable_amount": "10.00", "tax_amount": "1.52"},
    {"category_code": "S", "rate": "5", "taxable_amount": "0.10"},
    {"category_code": "S", "taxable_amount": "10.00"},
    {"category_code": "Z", "rate": "0", "taxable_amount": "10.00", "exemption_reason_code": "VATEX-SA-32"},
    {
        "category_code": "Z",
        "rate": "0",
        "taxable_amount": "10.00",
        "exemption_reason_code": "VATEX-SA-32(bis)",
    },
    {"category_code": "Z", "rate": "0", "taxable_amount": "10.00"},
    {"category_code": "Z", "rate": "0", "taxable_amount": "10.00", "exemption_reason_code": "VATEX-SA-EDU"},
    {"category_code": "Z", "rate": "5", "taxable_amount": "10.00", "exemption_reason_code": "X"},
    {"category_code": "E", "rate": "0", "taxable_amount": "10.00", "exemption_reason_code": "VATEX-SA-32"},
    {"category_code": "E", "rate": "0", "taxable_amount": "10.00", "tax_amount": "0.01"},
    {"category_code": "E", "rate": "1", "taxable_amount": "10.00", "exemption_reason": "x" * 1001},
    {"category_code": "O", "rate": "0", "taxable_amount": "10.00", "exemption_reason_code": "VATEX-SA-OOS"},
    {"category_code": "O", "taxable_amount": "10.00"},
    {"category_code": "O", "rate": "15", "taxable_amount": "10.00"},
    {"category_code": "S", "rate": "15.00", "taxable_amount": "10.125", "tax_amount": "1.519"},
    {"category_code": "S", "rate": "15.00", "taxable_amount": "-10.00"},
    {"category_code": "Q", "rate": "15.001", "taxable_amount": "10.00", "item_name": "12"},
    {
        "category_code": "S",
        "rate": "15",
        "taxable_amount": "1.00",
        "line_identifier": "1234567",
        "unit_of_measure_code": "U" * 128,
    },
)


def broken_cases() -> dict[str, Document]:
    """Each case that breaks a rule, by the rule's number."""
    refusals = refusals_of(FIXTURES, "sa_zatca")
    return {f"{at} {refusal.breaks}": json.loads(body) for at, (refusal, body) in enumerate(refusals)}


def good_cases() -> dict[str, Document]:
    """The cases that are accepted, by name, but the long ones."""
    names = sorted(path.parent.name for path in CASES.glob("*/wire.xml"))
    found = {name: json.loads((CASES / name / "invoice.json").read_text()) for name in names}
    return {name: case for name, case in found.items() if len(case["lines"]) <= 20}


def encoded(cases: dict[str, Document]) -> Iterator[tuple[str, bytes]]:
    """The cases as (name, canonical JSON)."""
    return ((name, json.dumps(case).encode()) for name, case in cases.items())


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
        net = line["price"]["item_net_price"]
        line["price"] |= self.random.choice(
            (
                {"base_quantity": "1"},
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
