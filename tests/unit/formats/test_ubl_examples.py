"""Every official example that its own rules accept survives reading and writing, and stays accepted."""

from collections import Counter
from pathlib import Path

import pytest

from tallystick.canonical import canonical_bytes, complete, decode
from tallystick.formats import ubl
from unit.formats.official import ABSENT, SHARED, WHY_ABSENT, fatal, tool

pytestmark = [pytest.mark.oracle, pytest.mark.skipif(ABSENT, reason=WHY_ABSENT)]

FOLDERS = ("peppol-bis3", "peppol-bis3-sb", "en16931-ubl")
REFUSED_BY_THEIR_OWN_RULES = {"GR-base-example-TaxRepresentative.xml", "GR-base-example-correct.xml"}
OUTSIDE_THE_MODEL = {
    "/Invoice/@xsi:schemaLocation",  # a hint for schema processors
    "/Invoice/cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme[2]/cac:TaxScheme/cbc:ID",  # of BT-32
    "/Invoice/cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme/cac:TaxScheme/cbc:ID",  # of BT-48
    "/Invoice/cac:InvoiceLine[5]/cac:OrderLineReference/cbc:LineID",  # empty
}
"""All that is left of all examples; none of it is a term of EN 16931."""


def _examples() -> list[Path]:
    return [
        path for folder in FOLDERS for path in sorted((SHARED / "official/examples" / folder).glob("*.xml"))
    ]


def _lost(original: Path, rebuilt: Path) -> Counter[tuple[str, str]]:
    leaves = tool("leaf_diff").leaves
    return Counter(leaves(str(original), False)) - Counter(leaves(str(rebuilt), False))


@pytest.mark.parametrize("path", _examples(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_valid_example_survives_reading_and_writing(path: Path, tmp_path: Path) -> None:
    profile = path.parent.name
    if path.name in REFUSED_BY_THEIR_OWN_RULES:
        assert fatal(profile, path) != []
        return
    assert fatal(profile, path) == []

    reading = ubl.read(path.read_bytes())
    decoded = decode(reading.invoice)
    assert decoded.faults == ()
    assert decoded.invoice is not None
    completed = complete(decoded.invoice)
    assert completed.faults == ()
    assert completed.invoice is not None
    body = ubl.invoice(completed.invoice, ubl.Profile())
    rebuilt = tmp_path / "rebuilt.xml"
    rebuilt.write_bytes(body)

    assert fatal(profile, rebuilt) == []
    assert {one.path for one in reading.unread} <= OUTSIDE_THE_MODEL
    left = {one.value for one in reading.unread}
    assert all(leaf.partition("[@")[0] in left for _, leaf in _lost(path, rebuilt))
    again = ubl.read(body)
    assert again.unread == ()
    second = decode(again.invoice).invoice
    assert second is not None
    assert canonical_bytes(second) == canonical_bytes(completed.invoice) == canonical_bytes(decoded.invoice)


def test_the_shelf_holds_the_examples_we_count_on() -> None:
    assert len(_examples()) == 45


def test_a_lost_leaf_would_be_seen(tmp_path: Path) -> None:
    path = SHARED / "official/examples/peppol-bis3/base-example_profile02.xml"
    rebuilt = tmp_path / "poorer.xml"
    rebuilt.write_bytes(path.read_bytes().replace(b"<cbc:BuyerReference>", b"<cbc:BuyerReference>x"))
    assert list(_lost(path, rebuilt)) != []
