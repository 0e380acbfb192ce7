"""Australia and New Zealand: PINT A-NZ, billing and self-billing, through an access point.

https://docs.peppol.eu/poac/aunz/pint-aunz/
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Annotated, Final

from msgspec import Meta, Struct

from tallystick import network
from tallystick.canonical import Buyer, Fault, Invoice, Seller, Step, TaxBreakdown
from tallystick.formats import ubl
from tallystick.rules import Family, Profile, Rule, judge, profile
from tallystick.rules.binary import net_is_near
from tallystick.rules.case import decimals, halves_up, normal, shown
from tallystick.rules.pint import FAMILIES, PintCase
from tallystick.rules.pint.amounts import amounts, net_step, percentage_step, percentages, prices, share
from tallystick.rules.pint.case import Faults
from tallystick.rules.pint.categories import Categories, categories, taxed
from tallystick.rules.pint.specification import Specification, identified, named, pint
from tallystick.strategy import Conversation, Document, Enrolment, Reading, Strategy, Trace, Unread

BILLING: Final = pint(
    "aunz-1",
    self_billing=False,
    invoices="71 80 82 84 102 218 219 331 380 382 383 386 388 393 395 480 553 575 623 780 817 870 875 876 "
    "877",
    credit_notes="81 83 381 396 532",
)
SELF_BILLING: Final = pint("aunz-1", self_billing=True, invoices="389", credit_notes="261")

PROFILE: Final[Profile] = profile("PINT A-NZ", ("pint", "anz_pint"))
KINDS: Final = Categories(
    endings=dict.fromkeys("SZEGO", "-aunz"),
    listed="aligned-ibrp-cl-01-aunz",
    once=("E", "G", "O", "Z"),
    rated="aligned-ibrp-048-aunz",
    rateless=frozenset({"O"}),
    of_lines={},
    slack=Decimal(1),
)
NUMBERED: Final = (
    # country, scheme of its business numbers, rules of seller and buyer
    ("AU", "0151", ("aligned-ibr-001-aunz", "aligned-ibr-004-aunz")),
    ("NZ", "0088", ("aligned-ibr-002-aunz", "aligned-ibr-005-aunz")),
)
CREDIT_TRANSFERS: Final = frozenset({"30", "58"})
TAX_POINTS: Final = frozenset({"3", "35", "432"})
MEDIA_TYPES: Final = frozenset(
    {
        *("application/pdf", "image/png", "image/jpeg", "text/csv"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.oasis.opendocument.spreadsheet",
    }
)
_UBL: Final = ubl.Profile(tax_scheme="GST")
_SLACK: Final = Decimal("0.02")


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """All is optional. `participant` (`0151:51824753556`) is the sender, else his document says who he is."""

    adapter: network.Adapter = "phoss-ap"
    participant: Annotated[str, Meta(pattern="^[0-9]{4}:[!-~]{1,130}$")] | None = None


class AnzCase(PintCase):
    """One invoice as it will be written, under one of the two specifications."""

    __slots__ = ("specification",)

    def __init__(self, ready: Invoice, specification: Specification, rules: Mapping[str, Rule]) -> None:
        credit_note = ready.type_code in _UBL.credit_note_types
        super().__init__(
            ready,
            rules,
            credit_note=credit_note,
            types=specification.credit_notes if credit_note else specification.invoices,
            kind="ibr-cl-01-aunz-sb" if specification.self_billing else "ibr-cl-01",
        )
        self.specification: Final = specification


class PintAnz:
    """Four corners: ours is the sender's side, up to the answer of the receiver's access point."""

    name = "anz_pint"
    countries = frozenset({"AU", "NZ"})
    edition = "PINT A-NZ 1.1.3 (2026-05), PINT shared rules 1.1.3"
    decimals = 2
    settings_type = Settings
    secret_names = (network.TOKEN,)

    def check(self, invoice: Invoice, enrolment: Enrolment) -> Iterable[Fault]:
        """The rules of every PINT, and those of the two countries."""
        specification = named(invoice, BILLING, SELF_BILLING)
        case = AnzCase(identified(invoice, specification), specification, PROFILE.on(invoice.issue_date))
        found = judge(case, (*FAMILIES, *OWN))
        return found if found or case.completed else case.broken("ibr-015", "/document_totals")

    def build(self, invoice: Invoice, enrolment: Enrolment) -> Document:
        """UBL 2.1. The marks are the document's names on the network, the same for every attempt."""
        specification = named(invoice, BILLING, SELF_BILLING)
        ready = identified(invoice, specification)
        names = network.route(
            ready,
            root="CreditNote" if ready.type_code in _UBL.credit_note_types else "Invoice",
            self_billing=specification.self_billing,
            own=_settings(enrolment).participant,
            now=enrolment.now,
        )
        body = ubl.invoice(ready, _UBL)
        return Document(media_type="application/xml", body=body, marks=network.marks_of(names))

    def submit(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Hands the document to the access point of the registration."""
        return (yield from network.submit(_settings(enrolment).adapter, document, enrolment))

    def inquire(self, document: Document, enrolment: Enrolment) -> Conversation:
        """Asks by our instance identifier, or sends the identical envelope where nothing can be asked."""
        return (yield from network.inquire(_settings(enrolment).adapter, document, enrolment))

    def recognises(self, body: bytes) -> bool:
        """Whether the bytes look like an invoice or credit note of PINT A-NZ."""
        return ubl.recognises(body) and b"@aunz-1" in body

    def read(self, body: bytes) -> Reading:
        """A document as canonical JSON. Raises `tallystick.formats.Unreadable`."""
        found = ubl.read(body, profile=_UBL)
        return Reading(found.invoice, tuple(Unread(one.path, one.value, one.reason) for one in found.unread))

    def trace(self, document: bytes, invoice: Invoice | None) -> Trace:
        """The places of the document, however a validator spells them."""
        return ubl.provenance(document, profile=_UBL)

    def issuer(self, invoice: Invoice) -> str | None:
        """The buyer, where he bills himself."""
        buyer = invoice.buyer if named(invoice, BILLING, SELF_BILLING).self_billing else None
        legal = buyer.legal_registration_identifier if buyer else None
        return (buyer.tax_identifier if buyer else None) or (legal.value if legal else None)

    def fits(self, invoice: Invoice, enrolment: Enrolment) -> bool:
        """Every registration may issue every document."""
        return True


def _settings(enrolment: Enrolment) -> Settings:
    return enrolment.settings if isinstance(enrolment.settings, Settings) else Settings()


def head(case: AnzCase) -> Faults:
    """What the document as a whole says: specification, references, dates, currencies, payment."""
    invoice, due = case.invoice, case.totals.amount_due_for_payment
    yield from _identity(case)
    if invoice.buyer_reference is None and not (
        invoice.purchase_order_reference or invoice.sales_order_reference  # written with an order's number
    ):
        yield from case.broken("aligned-ibrp-003", "/buyer_reference")
    code = invoice.tax_point_date_code
    if code is not None and invoice.tax_point_date is not None:
        yield from case.broken("aligned-ibrp-006", "/tax_point_date_code", actual=code)
    if code is not None and normal(code) not in TAX_POINTS:
        expected = " or ".join(sorted(TAX_POINTS, key=int))
        yield from case.broken("aligned-ibrp-cl-02", "/tax_point_date_code", expected=expected, actual=code)
    accounted = case.totals.total_tax_amount_in_accounting_currency
    if case.completed and (invoice.tax_currency_code is None) != (accounted is None):
        missing = "/tax_currency_code" if accounted is not None else f"{_TOTALS}{_ACCOUNTED}"
        yield from case.broken("aligned-ibrp-022", missing)
    dated = invoice.payment_due_date is not None or invoice.payment_terms is not None
    if due is not None and due > 0 and not case.credit_note and not dated:
        yield from case.broken("aligned-ibrp-061", "/payment_due_date", actual=shown(due))
    for index, means in enumerate(invoice.payment_instructions):
        if normal(means.payment_means_type_code) in CREDIT_TRANSFERS and not means.credit_transfers:
            yield from case.broken("aligned-ibrp-018", f"/payment_instructions/{index}/credit_transfers")
    for index, document in enumerate(invoice.supporting_documents):
        file = document.attached_document
        if file and file.mime_code not in MEDIA_TYPES:
            where = f"/supporting_documents/{index}/attached_document/mime_code"
            yield from case.broken("aligned-ibrp-cl-04", where, actual=file.mime_code)


_TOTALS: Final = "/document_totals/"
_ACCOUNTED: Final = "total_tax_amount_in_accounting_currency"


def _identity(case: AnzCase) -> Faults:
    specification, ending = case.specification, "-aunz-sb" if case.specification.self_billing else ""
    given = case.invoice.specification_identifier or ""
    if not normal(given).startswith(specification.customization):
        expected = specification.customization
        where, number = "/specification_identifier", f"aligned-ibrp-001{ending or '-aunz'}"
        fix = ({"op": "remove", "path": where},)
        yield from case.broken(number, where, expected=expected, actual=given, fix=fix)
    process = case.invoice.business_process_type or ""
    if specification.process not in normal(process):
        where, number = "/business_process_type", f"aligned-ibrp-002{ending}"
        fix = ({"op": "remove", "path": where},)
        yield from case.broken(number, where, expected=specification.process, actual=process, fix=fix)


def parties(case: AnzCase) -> Faults:
    """Seller and buyer have the business number of their country."""
    for place, (where, party) in enumerate((("/seller", case.seller), ("/buyer", case.buyer))):
        country = _country(party)
        for land, scheme, numbers in NUMBERED:
            legal = party.legal_registration_identifier if party else None
            if country == land and (legal is None or legal.scheme != scheme):
                pointer, actual = f"{where}/legal_registration_identifier", (legal and legal.scheme) or ""
                yield from case.broken(numbers[place], pointer, expected=f"scheme {scheme}", actual=actual)


def _country(party: Seller | Buyer | None) -> str:
    address = party.postal_address if party else None
    return normal(address.country_code).upper() if address else ""


def money(case: AnzCase) -> Faults:
    """Amounts, one by one: their decimals, and what they follow from."""
    for pointer, amount in amounts(case):
        if decimals(amount) > 2:
            expected = "at most two decimals"
            yield from case.broken("aligned-ibrp-005", pointer, expected=expected, actual=shown(amount))
    yield from _shares(case)
    for index, line in enumerate(case.invoice.lines):
        price, net = line.price, line.net_amount
        extra = [one.amount for one in line.charges], [one.amount for one in line.allowances]
        facts = line.invoiced_quantity, price.item_net_price, price.base_quantity
        if net is not None and not net_is_near(net, *facts, *extra, _SLACK):
            yield from _off(case, "aligned-ibrp-053", f"/lines/{index}/net_amount", net, net_step(line))
    for index, entry in enumerate(case.invoice.tax_breakdown):
        yield from _taxed(case, f"/tax_breakdown/{index}", entry)


def _shares(case: AnzCase) -> Faults:
    for pointer, one, is_charge, _ in case.adjustments():
        if one.base_amount is None or one.percentage is None:
            continue
        if abs(share(one) - one.amount) > _SLACK:
            number = "aligned-ibrp-055" if is_charge else "aligned-ibrp-054"
            yield from _off(case, number, f"{pointer}/amount", one.amount, percentage_step(one))


def _taxed(case: AnzCase, pointer: str, entry: TaxBreakdown) -> Faults:
    """The tax of any entry: a rate that rounds to zero charges nothing, as does none."""
    rate, tax = entry.tax_category_rate or Decimal(0), entry.tax_category_tax_amount
    base = entry.tax_category_taxable_amount
    if tax is None or base is None:
        return
    charged = _whole(rate) != 0
    right = halves_up(abs(base) * rate / 100) if charged else Decimal(0)
    if abs(abs(tax) - right) > 1 if charged else _whole(tax) != 0:
        yield from taxed(case, "aligned-ibrp-051-aunz", pointer, base, rate, tax, right)


def _whole(number: Decimal) -> int:
    """XPath's round: ties towards plus infinity."""
    return (number + Decimal("0.5")).__floor__()


def _off(case: AnzCase, number: str, pointer: str, given: Decimal, step: Step) -> Faults:
    yield from case.broken(number, pointer, expected=step.result, actual=shown(given), calculation=(step,))


OWN: Final[tuple[Family, ...]] = (
    *(head, parties, percentages, prices, money),
    partial(categories, kinds=KINDS),
)

strategy: Strategy = PintAnz()
