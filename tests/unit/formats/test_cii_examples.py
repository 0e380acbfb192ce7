"""Official CII examples survive reading and writing; what UBL says, CII says too, and back."""

import json
from pathlib import Path
from typing import Any

import pytest

from tallystick.canonical import Invoice, canonical_bytes, complete, decode
from tallystick.formats import Unreadable, cii, ubl
from unit.formats.official import ABSENT, SHARED, WHY_ABSENT, fatal

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

FOLDERS = ("en16931-cii", "xrechnung-cii")
OUTSIDE_THE_MODEL = {"@xsi:schemaLocation", "ram:Description", "ram:ExemptionReason", "ram:ID", "@schemeID"}
"""All that is left of all examples: a hint for schema processors, empty elements, an exemption reason on a
line and a buyer's fiscal number. None of it is a term of EN 16931.
"""


def examples(*folders: str) -> list[Path]:
    return [
        path for folder in folders for path in sorted((SHARED / "official/examples" / folder).glob("*.xml"))
    ]


def completed(reading: Any) -> Invoice:
    """The invoice that was read, with its sums."""
    decoded = decode(reading.invoice)
    assert decoded.faults == ()
    assert decoded.invoice is not None
    return complete(decoded.invoice).invoice


@pytest.mark.parametrize("path", examples(*FOLDERS), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_valid_example_survives_reading_and_writing(path: Path, tmp_path: Path) -> None:
    profile = path.parent.name
    assert fatal(profile, path) == []

    reading = cii.read(path.read_bytes())
    invoice = completed(reading)
    rebuilt = tmp_path / "rebuilt.xml"
    rebuilt.write_bytes(cii.invoice(invoice))
    again = cii.read(rebuilt.read_bytes())

    assert fatal(profile, rebuilt) == []
    assert {one.path.rpartition("/")[2].partition("[")[0] for one in reading.unread} <= OUTSIDE_THE_MODEL
    assert again.unread == ()
    assert canonical_bytes(completed(again)) == canonical_bytes(invoice)


@pytest.mark.parametrize("path", examples("en16931-ubl", "peppol-bis3"), ids=lambda path: path.stem)
def test_what_ubl_says_cii_says_too(path: Path, tmp_path: Path) -> None:
    """Of one syntax only: a second remittance information, a price's discount without its gross price, an
    accounting currency that is the invoice's own.
    """
    if fatal(path.parent.name, path):
        pytest.skip("refused by its own rules")
    invoice = completed(ubl.read(path.read_bytes()))
    body = cii.invoice(invoice)
    (tmp_path / "cii.xml").write_bytes(body)
    back = cii.read(body)
    theirs, ours = (json.loads(canonical_bytes(one)) for one in (completed(back), invoice))

    assert fatal("en16931-cii", tmp_path / "cii.xml") == []
    assert back.unread == ()
    assert alike(theirs) == alike(ours)
    assert alike(
        json.loads(canonical_bytes(completed(ubl.read(ubl.invoice(completed(back), ubl.Profile())))))
    ) == alike(ours)


def alike(invoice: dict[str, Any]) -> dict[str, Any]:
    """The invoice without what only one of the syntaxes can tell apart."""
    instructions = invoice.get("payment_instructions", [])
    remitted = [one["remittance_information"] for one in instructions if "remittance_information" in one]
    for one in instructions:
        if remitted:
            one["remittance_information"] = remitted[0]
    if invoice.get("tax_currency_code") == invoice["currency_code"]:
        del invoice["tax_currency_code"]
    for line in invoice["lines"]:
        price = line["price"]
        if "item_price_discount" in price:
            price.pop("item_gross_price", None)
    return invoice


def test_the_shelf_holds_the_examples_we_count_on() -> None:
    assert (len(examples("en16931-cii")), len(examples("xrechnung-cii"))) == (9, 25)


def test_another_document_is_refused() -> None:
    with pytest.raises(Unreadable, match="no Cross Industry Invoice"):
        cii.read(b"<Invoice/>")
