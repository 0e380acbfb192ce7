"""Opening a Standard Business Document: what is inside, byte for byte, and what makes it unreadable."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tallystick.sandbox.envelope import BadIdentifier, addressing, opened
from tallystick.sandbox.judge import Addressing, judge
from tallystick.sandbox.judge.paper import Unreadable


def test_the_document_comes_out_as_its_bytes_went_in(
    document: str, addressed: Addressing, enveloped: Callable[..., bytes]
) -> None:
    envelope = opened(enveloped(document, "id-1"))
    assert envelope.instance_id == "id-1"
    assert envelope.addressing == addressed
    assert envelope.document == document.partition("?>")[2].strip().encode()


def test_a_document_that_leans_on_the_envelopes_namespaces_is_still_judged(
    document: str, addressed: Addressing, enveloped: Callable[..., bytes]
) -> None:
    cac = ' xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"'
    body = enveloped(document, "id-1").decode().replace(cac, "")
    body = body.replace("<StandardBusinessDocument ", f"<StandardBusinessDocument{cac} ")
    envelope = opened(body.encode())
    assert judge(envelope.document, addressed).complaints == ()


def test_an_envelope_in_another_encoding_is_still_opened(
    document: str, addressed: Addressing, enveloped: Callable[..., bytes]
) -> None:
    body = '<?xml version="1.0" encoding="UTF-16"?>' + enveloped(document, "id-1").decode()
    assert judge(opened(body.encode("utf-16")).document, addressed).complaints == ()


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("StandardBusinessDocumentHeader>", "OtherHeader>", "SBDH-MISSING-SBDH"),
        ("<InstanceIdentifier>id-1</InstanceIdentifier>", "", "SBDH-INVALID-INSTANCE-IDENTIFIER"),
        ("</StandardBusinessDocument>", "<x/></StandardBusinessDocument>", "SBDH-INVALID-BUSINESS-MESSAGE"),
        ("<Receiver>", "<Receiver><Identifier/></Receiver><Receiver>", "SBDH-INVALID-RECEIVER-COUNT"),
        ("<Standard>urn", "<Standard>orn", "SBDH-INVALID-STANDARD"),
        ("T10:00:00Z", "", "SBDH-INVALID-CREATION-DATE-TIME"),
        ("<Type>DOCUMENTID<", "<Type>DOC<", "SBDH-MISSING-DOCUMENT-TYPE-IDENTIFIER"),
        ("<Type>PROCESSID<", "<Type>PROC<", "SBDH-MISSING-PROCESS-IDENTIFIER"),
    ],
)
def test_an_incomplete_envelope_is_named(
    document: str, enveloped: Callable[..., bytes], old: str, new: str, rule: str
) -> None:
    body = enveloped(document, "id-1").decode()
    assert old in body
    with pytest.raises(Unreadable) as refusal:
        opened(body.replace(old, new).encode())
    assert refusal.value.rule == rule


def test_identifiers_are_read_with_and_without_their_scheme() -> None:
    bare = addressing("0088:1", "0088:2", "urn:x::Invoice##y::2.1", "urn:p", "BE")
    full = addressing(
        "iso6523-actorid-upis::0088:1",
        "iso6523-actorid-upis::0088:2",
        "busdox-docid-qns::urn:x::Invoice##y::2.1",
        "cenbii-procid-ubl::urn:p",
        "BE",
    )
    assert bare == full
    wildcard = addressing("a", "b", "peppol-doctype-wildcard::urn:x::Invoice##y::2.1", "p", "BE")
    assert wildcard.doc_type == full.doc_type


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("value", ["", " ", "x" * 600])
def test_an_empty_or_endless_identifier_is_refused(place: int, value: str) -> None:
    parts = ["0088:1", "0088:2", "urn:x::Invoice##y::2.1", "urn:p"]
    parts[place] = value
    with pytest.raises(BadIdentifier):
        addressing(parts[0], parts[1], parts[2], parts[3], "BE")
