"""The JSON Schema: the file that is committed, and whether it says what the decoder does."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from tallystick.canonical import schema
from tallystick.canonical.schema import invoice_schema, schema_text
from unit.canonical.documents import documents, plain_document, plain_line

_FILE = Path(__file__).parents[3] / "schemas/canonical/invoice.schema.json"
_VALIDATOR = Draft202012Validator(invoice_schema())


def test_the_committed_schema_is_the_models_own() -> None:
    assert _FILE.read_text(encoding="utf-8") == schema_text(), (
        "python -m tallystick.canonical.schema > that file"
    )


def test_the_module_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(schema.__file__, run_name="__main__")
    assert capsys.readouterr().out == schema_text()


def test_the_schema_is_a_valid_2020_12_schema() -> None:
    Draft202012Validator.check_schema(invoice_schema())


def test_every_property_has_a_description() -> None:
    for name, definition in invoice_schema()["$defs"].items():
        for property_name, property_ in definition["properties"].items():
            assert property_.get("description"), f"{name}.{property_name}"


def test_every_object_is_closed() -> None:
    for definition in invoice_schema()["$defs"].values():
        assert definition["additionalProperties"] is False


def test_every_number_is_a_string_of_the_one_spelling() -> None:
    text = schema_text()
    assert '"number"' not in text
    assert '"integer"' not in text
    amount = invoice_schema()["$defs"]["DocumentAllowance"]["properties"]["amount"]
    assert (amount["type"], amount["pattern"]) == ("string", r"^-?[0-9]{1,18}(\.[0-9]{1,12})?$")


@settings(deadline=None, max_examples=100)
@given(documents)
def test_what_the_decoder_accepts_the_schema_accepts(document: dict[str, Any]) -> None:
    assert list(_VALIDATOR.iter_errors(document)) == []


@pytest.mark.parametrize(
    "document",
    [
        plain_document(invoice_number=None),
        plain_document(invoice_number=" "),
        plain_document(invoice_number=5),
        plain_document(currency_code="eur"),
        plain_document(issue_date="1899-12-31"),
        plain_document(issue_time="10:00"),
        plain_document(transaction_type="b2x"),
        plain_document(buyer=None),
        plain_document(buyer={"name": "x"}),
        plain_document(lines=[]),
        plain_document(lines=[plain_line(net_amount=1)]),
        plain_document(lines=[plain_line(net_amount="1e5")]),
        plain_document(lines=[plain_line(net_amount="١")]),
        plain_document(metadata={"a b": "1"}),
        plain_document(metadata={"a": 1}),
        plain_document(regime_data={"xx": {}}),
        plain_document(unknown="x"),
    ],
    ids=lambda document: json.dumps(document)[:60],
)
def test_what_the_decoder_refuses_for_its_form_the_schema_refuses(document: dict[str, Any]) -> None:
    assert list(_VALIDATOR.iter_errors(document))


def test_a_sale_to_a_consumer_needs_no_buyer_in_the_schema_either() -> None:
    assert list(_VALIDATOR.iter_errors(plain_document(buyer=None, transaction_type="b2c"))) == []
