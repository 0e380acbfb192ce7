"""More ways to spoil an invoice: every term from elsewhere, odd blanks, national habits, stated sums."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from typing import Any

from agreeing.habits import (
    ACCOUNTS,
    BRANCHES,
    CONTACTS,
    CURRENCIES,
    DESCRIPTIONS,
    IDENTIFIERS,
    KINDS,
    LINKS,
    MEANS,
    NATIONS,
    NUMBERINGS,
    PROCESSES,
    QUOTED,
    REASONS,
    REGISTRATIONS,
    SCHEMES,
    SMALL,
    TAX_NUMBERS,
    WORDS,
)
from tallystick.canonical import complete, decode, encode
from tallystick.canonical.numbers import is_number
from unit.strategies.peppol.mutants import DATES, NUMBERS, Document, Mutants, places

__all__ = ["EuropeanMutants"]


class EuropeanMutants(Mutants):
    """The mutants of Peppol, with more kinds of change; the same seed gives the same ones."""

    def __init__(self, seed: int, cases: Mapping[str, Document]) -> None:
        super().__init__(seed, cases)
        self.kinds += (
            self.transplant,
            self.transplant,
            self.nationalise,
            self.nationalise,
            self.identify,
            self.register,
            self.pay,
            self.pay,
            self.state,
            self.nudge,
            self.nudge,
            self.adjust,
            self.adjust,
            self.blank,
            self.head,
            self.enclose,
            self.period,
            self.exempt,
            self.contact,
            self.price,
            self.recurrency,
        )

    def transplant(self, document: Document) -> str:
        """One term of another invoice, at the same place."""
        donor: Any = self.cases[self.random.choice(sorted(self.cases))]
        target: Any = document
        path = []
        while isinstance(donor, dict | list) and donor:
            key = self.random.choice(sorted(donor) if isinstance(donor, dict) else range(len(donor)))
            path.append(str(key))
            donor = donor[key]
            leaf = not isinstance(donor, dict | list) or self.random.random() < 0.3
            if isinstance(target, list):
                if not target or leaf:
                    target.append(deepcopy(donor))
                    break
                target = target[self.random.randrange(len(target))]
                continue
            if leaf or key not in target or not isinstance(target[key], dict | list):
                target[key] = deepcopy(donor)
                break
            target = target[key]
        return f"{'/'.join(path)} of another"

    def nationalise(self, document: Document) -> str:
        """Both parties, or the seller, move to one of the countries with rules of their own."""
        land = self.random.choice(NATIONS)
        document["seller"]["postal_address"]["country_code"] = land
        if self.random.random() < 0.75:
            document["buyer"]["postal_address"]["country_code"] = land
        if self.random.random() < 0.4:
            party = document[self.random.choice(("seller", "seller", "buyer"))]
            party["tax_identifier"] = self.random.choice(TAX_NUMBERS)
        if self.random.random() < 0.1:
            document["seller"].pop("tax_identifier", None)
        if self.random.random() < 0.2:
            number = self.random.choice(NUMBERINGS)
            day = "/".join(reversed(str(document["issue_date"]).split("-")))
            document["invoice_number"] = number.replace("{day}", day)
        return f"to {land}"

    def identify(self, document: Document) -> str:
        """A party is identified otherwise."""
        parties = [name for name in ("seller", "buyer", "payee") if name in document]
        name = self.random.choice(parties)
        one = {"value": self.random.choice(IDENTIFIERS), "scheme": self.random.choice(SCHEMES)}
        how = self.random.random()
        if how < 0.4 and name != "payee":
            document[name]["electronic_address"] = one
        elif how < 0.7:
            document[name]["legal_registration_identifier"] = one
        else:
            if self.random.random() < 0.2:
                one.pop("scheme")
            document[name].setdefault("identifiers", []).append(one)
        return f"{name} identified as {one}"

    def register(self, document: Document) -> str:
        """A party has another tax number, or none."""
        member = self.random.choice(("tax_identifier", "tax_registration_identifier"))
        party = document["seller"]
        if member == "tax_identifier":
            others = [document[n] for n in ("buyer", "seller_tax_representative") if n in document]
            party = self.random.choice([party, *others])
        texts = TAX_NUMBERS if member == "tax_identifier" else REGISTRATIONS
        party[member] = self.random.choice(texts)
        return f"{member} {party[member]!r}"

    def pay(self, document: Document) -> str:
        """It is paid otherwise."""
        entry: Document = {"payment_means_type_code": self.random.choice(MEANS)}
        for _ in range(self.random.choice((0, 1, 1, 1, 2))):
            account = {"payment_account_identifier": self.random.choice(ACCOUNTS)}
            if self.random.random() < 0.5:
                account["payment_service_provider_identifier"] = self.random.choice(BRANCHES)
            entry.setdefault("credit_transfers", []).append(account)
        if self.random.random() < 0.3:
            digits = self.random.choice(("1234", "123456", "1234567890", "12345678901", " 1234567890 "))
            entry["payment_card"] = {"primary_account_number": digits}
        if self.random.random() < 0.4:
            debit = {
                "mandate_reference_identifier": "M1",
                "bank_assigned_creditor_identifier": "C1",
                "debited_account_identifier": self.random.choice(ACCOUNTS),
            }
            for key in self.random.sample(sorted(debit), self.random.choice((0, 1, 2))):
                del debit[key]
            entry["direct_debit"] = debit
        if self.random.random() < 0.4:
            entry["remittance_information"] = self.random.choice(QUOTED)
        entries = document.setdefault("payment_instructions", [])
        if self.random.random() < 0.7 or not entries:
            entries[:] = [entry]
        else:
            entries.append(entry)
        if self.random.random() < 0.1:
            document.pop("payment_instructions")
        return f"paid by {entry}"

    def state(self, document: Document) -> str:
        """Every sum that was left to us is stated."""
        decoded = decode(json.dumps(document).encode())
        if decoded.invoice is None:
            return "no sums to state"
        stated = json.loads(encode(complete(decoded.invoice).invoice))
        document.clear()
        document.update(stated)
        return "sums stated"

    def nudge(self, document: Document) -> str:
        """One number of an invoice with all sums stated is off by a little."""
        self.state(document)
        found = [
            (parent, key)
            for parent, key in places(document)
            if isinstance(key, str)
            and key.rsplit("_", 1)[-1]
            in ("amount", "allowances", "charges", "tax", "payment", "price", "rate")
            and isinstance(parent[key], str)
            and is_number(parent[key])
        ]
        parent, key = self.random.choice(found)
        parent[key] = format(Decimal(parent[key]) + Decimal(self.random.choice(SMALL)), "f")
        return f"{key} nudged to {parent[key]}"

    def adjust(self, document: Document) -> str:
        """One more allowance or charge, of the document or of a line."""
        entry: Document = {"amount": self.random.choice(("5.00", "0.005", "-1.00", "10.001", "2"))}
        if self.random.random() < 0.6:
            entry["reason"] = self.random.choice(WORDS)
        if self.random.random() < 0.5:
            entry["reason_code"] = self.random.choice(REASONS)
        if self.random.random() < 0.4:
            entry["base_amount"] = self.random.choice(("100.00", "50.005", "0"))
        if self.random.random() < 0.4:
            entry["percentage"] = self.random.choice(("5", "4.98", "5.02", "5.021", "10"))
        group, where = self.random.choice(("allowances", "charges")), document
        if self.random.random() < 0.5:
            where = self.random.choice(document["lines"])
        else:
            tax = self.random.choice(document["lines"])["tax"]
            entry["tax_category_code"] = tax["category_code"]
            if "rate" in tax:
                entry["tax_rate"] = tax["rate"]
        where.setdefault(group, []).append(entry)
        return f"{group} {entry}"

    def blank(self, document: Document) -> str:
        """Blanks stand around or inside a text, or it is in capitals or small letters."""
        found = [
            (parent, key)
            for parent, key in places(document)
            if isinstance(key, str) and isinstance(parent[key], str) and "date" not in key
        ]
        parent, key = self.random.choice(found)
        changes: tuple[Callable[[str], str], ...] = (
            lambda text: f" {text}",
            lambda text: f"{text}\n",
            lambda text: f"{text[:1]} {text[1:]}",
            str.upper,
            str.lower,
        )
        parent[key] = self.random.choice(changes)(parent[key])
        return f"{key} {parent[key]!r}"

    def head(self, document: Document) -> str:
        """Another kind of document, process, order or note."""
        key, choices = self.random.choice(
            (
                ("type_code", KINDS),
                ("type_code", KINDS),
                ("business_process_type", PROCESSES),
                ("sales_order_reference", ("S1",)),
                ("tax_point_date_code", ("3", "35", "432", "5", "35 ")),
                ("payment_terms", ("#SKONTO#TAGE=14#PROZENT=2.00#\n", "#SKONTO#x#\n", "# a\nb", "30 days")),
            )
        )
        document[key] = self.random.choice(choices)
        if self.random.random() < 0.2:
            document.pop(
                self.random.choice(("preceding_invoice_references", "purchase_order_reference")), None
            )
        if self.random.random() < 0.2:
            subject = {"subject_code": self.random.choice(("AAI", "zz9", "AA", "A A", "#"))}
            note = {"content": self.random.choice(("text", "a#b#c", "#AAI#x", "##", "#xyz#"))}
            document.setdefault("notes", []).append(note | (subject if self.random.random() < 0.6 else {}))
        return f"{key} {document[key]!r}"

    def enclose(self, document: Document) -> str:
        """One more document is enclosed."""
        one: Document = {
            "reference": self.random.choice(("1", "0", "2026-12-24", "2020-01-01", "x", "400|1"))
        }
        if self.random.random() < 0.8:
            one["description"] = self.random.choice(DESCRIPTIONS)
        if self.random.random() < 0.5:
            one["external_document_location"] = self.random.choice(LINKS)
        if self.random.random() < 0.4:
            mime = self.random.choice(("application/pdf", "text/csv", "text/plain", "image/PNG"))
            name = self.random.choice(("a.pdf", "A.pdf", "b.csv"))
            one["attached_document"] = {"content": "AAAA", "mime_code": mime, "filename": name}
        document.setdefault("supporting_documents", []).append(one)
        return f"encloses {one}"

    def period(self, document: Document) -> str:
        """The document or a line is for another time."""
        where, key = document, "invoicing_period"
        if self.random.random() < 0.6:
            where, key = self.random.choice(document["lines"]), "period"
        days = {name: self.random.choice(DATES) for name in ("start_date", "end_date")}
        for name in self.random.sample(sorted(days), self.random.choice((0, 0, 1, 2))):
            del days[name]
        where[key] = days
        return f"{key} {days}"

    def exempt(self, document: Document) -> str:
        """An entry of the breakdown says why no tax is due, or no longer does."""
        self.state(document)
        entry = self.random.choice(document["tax_breakdown"])
        reason = self.random.choice(self.lists["vatex"])
        if self.random.random() < 0.5:
            reason = f"VATEX-EU-{self.random.choice('G O IC AE D F I J'.split())}"
        entry["exemption_reason_code"] = self.random.choice((reason, reason.lower(), f"{reason} ", "x"))
        if self.random.random() < 0.3:
            entry["tax_category_code"] = self.random.choice("S Z E AE K G O L M B".split())
        if self.random.random() < 0.2:
            entry.pop("exemption_reason_code")
            entry["exemption_reason_text"] = "because"
        return f"exempt: {entry}"

    def contact(self, document: Document) -> str:
        """Somebody else is to be asked at the seller."""
        document["seller"]["contact"] = dict(self.random.choice(CONTACTS))
        return f"contact {document['seller']['contact']}"

    def price(self, document: Document) -> str:
        """A price per several, with a discount, or of nothing."""
        line = self.random.choice(document["lines"])
        line["price"] |= self.random.choice(
            (
                {"base_quantity": self.random.choice(("3", "0.7", "0", "-1", "1000"))},
                {"base_quantity": "1", "base_quantity_unit_code": self.random.choice(("HUR", "x", "C62"))},
                {"item_gross_price": "100.00", "item_price_discount": "1.00"},
                {"item_gross_price": line["price"].get("item_net_price", "1")},
                {"item_price_discount": "0.50"},
                {"item_net_price": self.random.choice(NUMBERS)},
            )
        )
        return f"price {line['price']}"

    def recurrency(self, document: Document) -> str:
        """Another currency, or another one for the tax, with or without its amount."""
        if self.random.random() < 0.5:
            self.state(document)
        member = self.random.choice(("currency_code", "tax_currency_code"))
        document[member] = self.random.choice(CURRENCIES)
        totals = document.setdefault("document_totals", {})
        chosen = self.random.choice((None, "keep", "10.00", "-10.00", "0", "1.234"))
        if chosen is None:
            totals.pop("total_tax_amount_in_accounting_currency", None)
        elif chosen != "keep":
            totals["total_tax_amount_in_accounting_currency"] = chosen
        if self.random.random() < 0.1:
            self.state(document)
            document["currency_code"] = "XXX"
            document.pop("tax_breakdown", None)
        return f"{member} {document[member]}, {chosen} in it"
