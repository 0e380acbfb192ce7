"""Plug-ins as third parties install them: a module, an entry point, a folder of cases."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

HERE = Path(__file__).parent
SRC = HERE.parents[1] / "src"
SOUND = (HERE / "clearing.py").read_text()

INVOICE: dict[str, Any] = {
    "invoice_number": "SUV-0012",
    "issue_date": "2026-02-10",
    "type_code": "380",
    "currency_code": "FJD",
    "buyer_reference": "Purchasing",
    "seller": {
        "name": "Suva Boat Works Ltd",
        "tax_identifier": "50-12345-0-6",
        "postal_address": {"line_1": "Rodwell Road 9", "city": "Suva", "country_code": "FJ"},
    },
    "buyer": {"name": "Levuka Ferries", "postal_address": {"city": "Levuka", "country_code": "FJ"}},
    "lines": [
        {
            "line_identifier": "1",
            "invoiced_quantity": "2",
            "unit_of_measure_code": "C62",
            "price": {"item_net_price": "480.50"},
            "tax": {"category_code": "S", "rate": "12.5"},
            "item": {"name": "Rudder, oak"},
        }
    ],
    "regime_data": {"clearing": {"till": "7"}},
}

TALK: dict[str, Any] = {
    "cleared": {"verb": "submit", "exchanges": [{"response": {"body": {"state": "cleared", "id": "C-1"}}}]},
    "sent again": {
        "verb": "submit",
        "again": "cleared",
        "exchanges": [{"response": {"status": 409, "body": {"state": "duplicate", "id": "C-1"}}}],
    },
    "refused": {
        "verb": "submit",
        "exchanges": [
            {"response": {"status": 422, "body": {"state": "refused", "id": "C-1", "reasons": ["X-7"]}}}
        ],
    },
    "never got it": {
        "verb": "inquire",
        "exchanges": [{"response": {"status": 404, "body": {"state": "nothing"}}}],
    },
    "logged in": {"verb": "login", "exchanges": [{"response": {"body": {"token": "t-1", "seconds": 600}}}]},
}

ACTS: dict[str, Any] = {
    "cancelled": {
        "act": "cancel",
        "after": "cleared",
        "asked": {"reason": "mistake"},
        "exchanges": [{"response": {"body": {"state": "cancelled", "id": "A-1"}}}],
    },
    "too late": {"act": "cancel", "after": "cleared", "asked": {"reason": "mistake"}, "hours": 25},
    "refused": {
        "act": "cancel",
        "after": "cleared",
        "asked": {"reason": "order_cancelled", "remark": "Never sailed"},
        "earlier": ["announced"],
        "exchanges": [
            {"response": {"status": 422, "body": {"state": "refused", "id": "A-1", "reasons": ["X-9"]}}}
        ],
    },
    "announced": {
        "act": "transport",
        "after": "cleared",
        "asked": {"vehicle": "FJ 417"},
        "exchanges": [{"response": {"body": {"state": "done", "id": "T-1"}}}],
    },
    "not announced": {
        "act": "transport",
        "after": "cleared",
        "asked": {"vehicle": "FJ 417"},
        "exchanges": [{"response": {"status": 422, "body": {"state": "refused", "id": "T-1"}}}],
    },
    "never heard of": {
        "act": "cancel",
        "after": "cleared",
        "asked": {"reason": "mistake"},
        "verb": "inquire",
        "exchanges": [{"response": {"status": 404, "body": {"state": "nothing"}}}],
    },
}

POLLS: dict[str, Any] = {
    "nothing": {"exchanges": [{"response": {"body": {"news": []}}}]},
    "withdrawn": {
        "exchanges": [
            {"response": {"body": {"news": [{"id": "C-1", "state": "withdrawn", "why": "Sold twice"}]}}}
        ],
        "news": [{"reference": "C-1", "verdict": "rejected", "detail": "Sold twice"}],
    },
}

RULES = """
[[rule]]
id = "CL-01"
severity = "error"
text = "The currency must be the dollar of Fiji."
source = "https://clearing.example/spec#currency"

[[rule]]
id = "CL-02"
severity = "error"
text = "The number must not be empty."
source = "https://clearing.example/spec#number"
impossible = "the canonical model refuses an empty number"

[[rule]]
id = "CL-03"
severity = "warning"
text = "The department should be named."
source = "https://clearing.example/spec#department"
"""

REFUSALS = [
    {
        "breaks": "CL-01",
        "case": "standard",
        "patch": [{"op": "replace", "path": "/currency_code", "value": "EUR"}],
    },
    {"breaks": "CL-03", "case": "standard", "patch": [{"op": "remove", "path": "/buyer_reference"}]},
]


class Shelf:
    """A folder that stands for a third party's environment: its distributions and its cases."""

    def __init__(self, root: Path) -> None:
        self.site = root / "site"
        self.cases = root / "cases"
        self.site.mkdir()
        (root / "pytest.ini").write_text("[pytest]\n")
        self.root = root

    def install(self, name: str, country: str, changes: Iterable[tuple[str, str]] = ()) -> None:
        """Put a plug-in called `name` there: the sound one under that name, then changed."""
        source = SOUND.replace('"clearing"', f'"{name}"').replace('"FJ"', f'"{country}"')
        for old, new in changes:
            assert old in source, f"{name}: {old!r} is not in the sound plug-in"
            source = source.replace(old, new)
        (self.site / f"{name}.py").write_text(source)
        info = self.site / f"{name}-1.0.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[tallystick.strategies]\n{name} = {name}:strategy\n")

    def add_cases(self, name: str) -> Path:
        """The sound plug-in's cases under that name."""
        folder = self.cases / name
        (folder / "standard").mkdir(parents=True)
        named = {**INVOICE, "regime_data": {name: {"till": "7"}}}
        for path, content in {
            "enrolment.json": {"settings": {"unit": "U1"}, "secrets": {"password": "open sesame 4711"}},
            "refusals.json": REFUSALS,
            "standard/invoice.json": named,
            "standard/talk.json": TALK,
            "standard/acts.json": ACTS,
            "polls.json": POLLS,
        }.items():
            (folder / path).write_text(json.dumps(content, indent=1))
        (folder / "rules.toml").write_text(RULES)
        return folder

    def run(self, *options: str) -> tuple[int, dict[tuple[str, str], str], str]:
        """Run the kit as a third party does: exit code, each (test, id) with its result, what was printed."""
        report = self.root / "report.xml"
        report.unlink(missing_ok=True)
        command = [sys.executable, "-m", "pytest", "-p", "tallystick.conformance.plugin", "-q", "--no-header"]
        command += ["--pyargs", "tallystick.conformance", "--cases", str(self.cases), "-c", "pytest.ini"]
        command += ["-p", "no:cacheprovider", f"--junitxml={report}", *options]
        path = os.pathsep.join([str(SRC), str(self.site)])
        done = subprocess.run(
            command,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return done.returncode, _results(report), done.stdout + done.stderr


def _results(report: Path) -> dict[tuple[str, str], str]:
    if not report.is_file():
        return {}
    found = {}
    for case in ET.parse(report).iter("testcase"):
        test, _, rest = case.attrib["name"].partition("[")
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        found[test, rest.rstrip("]")] = kinds.pop() if kinds else "passed"
    return found
