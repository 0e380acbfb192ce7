"""The Standard Business Document: the envelope in which a document crosses the network.

Source: Peppol Business Message Envelope (SBDH) 2.0.
"""

from typing import Final
from xml.sax.saxutils import escape

from tallystick.network.names import PARTICIPANTS, PROCESSES, Names

_NAMESPACE: Final = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
_DECLARATION_END: Final = b"?>"


def enveloped(document: bytes, names: Names, instance: str) -> bytes:
    """The document in its envelope, UTF-8. Pure: the same bytes for the same arguments.

    `document` is UTF-8 with at most an XML declaration before its root element.
    """
    root = document
    if document.startswith(b"<?xml"):
        root = document[document.index(_DECLARATION_END) + len(_DECLARATION_END) :].lstrip()
    return b"".join(
        (
            b'<?xml version="1.0" encoding="UTF-8"?>',
            f'<StandardBusinessDocument xmlns="{_NAMESPACE}">'.encode(),
            _header(names, instance).encode(),
            root,
            b"</StandardBusinessDocument>",
        )
    )


def _header(names: Names, instance: str) -> str:
    return (
        "<StandardBusinessDocumentHeader><HeaderVersion>1.0</HeaderVersion>"
        + _partner("Sender", names.sender)
        + _partner("Receiver", names.receiver)
        + "<DocumentIdentification>"
        + _leaf("Standard", names.namespace)
        + _leaf("TypeVersion", names.version)
        + _leaf("InstanceIdentifier", instance)
        + _leaf("Type", names.root)
        + _leaf("CreationDateAndTime", names.created)
        + "</DocumentIdentification><BusinessScope>"
        + _scope("DOCUMENTID", names.document_type, names.document_scheme)
        + _scope("PROCESSID", names.process, PROCESSES)
        + _scope("COUNTRY_C1", names.country)
        + "</BusinessScope></StandardBusinessDocumentHeader>"
    )


def _partner(role: str, participant: str) -> str:
    return f'<{role}><Identifier Authority="{PARTICIPANTS}">{escape(participant)}</Identifier></{role}>'


def _scope(kind: str, value: str, scheme: str = "") -> str:
    named = _leaf("Identifier", scheme) if scheme else ""
    return f"<Scope>{_leaf('Type', kind)}{_leaf('InstanceIdentifier', value)}{named}</Scope>"


def _leaf(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"
