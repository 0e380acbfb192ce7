"""What holds for every document, whatever stands in it: drawn at random, with texts easily spoilt."""

import json
from importlib import import_module
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace

from tallystick.canonical import Invoice, decode
from tallystick.conformance.trial import enrolment
from tallystick.formats import c14n, xml_in
from unit.formats.invoices import NASTY, some_terms

zatca: Any = import_module("tallystick.strategies.sa_zatca")
writing: Any = import_module("tallystick.strategies.sa_zatca.writing")
nature: Any = import_module("tallystick.strategies.sa_zatca.nature")

SEEDS = some.integers(0, 2**32)
FLAGS = ("third_party", "nominal", "export", "summary", "self_billed", "continuous_supply")
TERMS = ("payment_terms", "issue_time", "exchange_rate", "tax_currency_code", "preceding_invoice_references")


def _block(chance: Random) -> dict[str, Any]:
    block: dict[str, Any] = {flag: chance.random() < 0.5 for flag in FLAGS}
    if chance.random() < 0.5:
        block["reason"] = chance.choice(NASTY)
    if chance.random() < 0.5:
        block["supply_end_date"] = "2026-03-31"
    block["prepayments"] = [
        {
            "number": chance.choice(NASTY).strip() + "7",
            "issue_date": "2026-01-09",
            "issue_time": "09:10:11",
            "category_code": "S",
            "rate": chance.choice(["5", "15"]),
            "taxable_amount": "100.00",
            "item_name": chance.choice(NASTY).strip() + "x",
        }
        for _ in range(chance.choice([0, 0, 1, 3]))
    ]
    return block


def _party(chance: Random) -> dict[str, Any]:
    names = ("building_number", "plot_identification", "district")
    return {"sa": {name: chance.choice(NASTY) for name in names if chance.random() < 0.6}}


def _invoice(seed: int) -> Invoice:
    chance = Random(seed)
    document = some_terms(seed, chance.choice(["388", "381", "383", "386"]))
    document["transaction_type"] = "b2c"
    document["regime_data"] = {"sa": _block(chance)}
    document["seller"] |= {"regime_data": _party(chance), "tax_identifier": "399999999900003"}
    document["seller"].pop("tax_registration_identifier", None)
    document["tax_currency_code"] = "SAR"
    document.setdefault("document_totals", {}).update(
        amount_due_for_payment="1.15", total_tax_amount="0.15", total_tax_amount_in_accounting_currency="0.64"
    )
    if chance.random() < 0.5:
        document["issue_time"] = "23:59:58"
    found = decode(json.dumps(document).encode(), {"sa": zatca.strategy.blocks})
    assert found.invoice is not None, found.faults
    return found.invoice


@given(SEEDS)
def test_the_text_is_canonical_and_the_stamped_document_verifies(seed: int) -> None:
    invoice = _invoice(seed)
    enrolled = enrolment(zatca.strategy, invoice=invoice)
    plain = writing.written(writing.prepared(invoice, enrolled))
    assert c14n.canonical(xml_in.parse(plain, blanks=True)) == plain[len(writing.DECLARATION) :]
    document = zatca.strategy.build(invoice, enrolled)  # raises for a document that does not verify
    assert document == zatca.strategy.build(invoice, enrolled)


@given(SEEDS)
def test_flags_reasons_and_prepayments_are_read_as_they_were_written(seed: int) -> None:
    invoice = _invoice(seed)
    said = json.loads(
        zatca.strategy.read(
            zatca.strategy.build(invoice, enrolment(zatca.strategy, invoice=invoice)).body
        ).invoice
    )
    block, wanted = said["regime_data"]["sa"], nature.block_of(invoice)
    for flag in FLAGS:
        assert block.get(flag, False) == bool(getattr(wanted, flag)), flag
    assert block.get("reason") == (wanted.reason and wanted.reason.strip())
    found = [(one["number"], one["item_name"], one["rate"]) for one in block.get("prepayments", ())]
    assert found == [(one.number, one.item_name, str(one.rate)) for one in wanted.prepayments]
    assert len(said["lines"]) == len(invoice.lines)
    seller = replace(nature.party_block(invoice.seller))
    read = said["seller"].get("regime_data", {}).get("sa", {})
    for name in seller.__struct_fields__:
        assert read.get(name) == ((getattr(seller, name) or "").strip() or None), name
