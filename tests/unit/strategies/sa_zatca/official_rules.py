"""The authority's own rule files in a process of their own: documents in on stdin, findings out on stdout.

A process may have one SaxonC processor, and the tests of other strategies have theirs. Run as
`python official_rules.py FOLDER_OF_THE_ORACLE`; each message is a length in eight hex digits, then the bytes.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from lxml import etree

FAILED = "{http://purl.oclc.org/dsdl/svrl}failed-assert"


def findings(oracle: Any, body: bytes) -> dict[str, Any]:
    """What the XML schema and both rule files say: `schema`, `crash`, and `found` as [severity, number]."""
    document = etree.fromstring(body)
    answer: dict[str, Any] = {"schema": "", "crash": "", "found": []}
    if not oracle.xsd.validate(document):
        answer["schema"] = str(oracle.xsd.error_log[0].message)[:300]
    node = oracle.proc.parse_xml(xml_text=body.decode())
    for rules in oracle.rules.values():
        try:
            report = rules.transform_to_string(xdm_node=node)
        except Exception as error:  # noqa: BLE001  # whatever the processor raises is the finding
            answer["crash"] = str(error)[:300]
            continue
        for failed in etree.fromstring(report.encode()).iter(FAILED):
            answer["found"].append([failed.get("flag") or failed.get("role") or "error", failed.get("id")])
    return answer


def main() -> None:
    """Judge until stdin ends."""
    folder = Path(sys.argv[1])
    sys.path.insert(0, str(folder))
    oracle = importlib.import_module("zatca_oracle").Oracle(str(folder / "../official/zatca"))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while length := source.read(8):
        answer = json.dumps(findings(oracle, source.read(int(length, 16)))).encode()
        sink.write(f"{len(answer):08x}".encode() + answer)
        sink.flush()


if __name__ == "__main__":
    main()
