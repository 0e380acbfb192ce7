"""A second judge: the publishers' own schemas and rules, brought by the operator, run beside our verdict.

Nothing of it is shipped and nothing of it is needed: the files come from the user's disk (`artefacts add`),
SaxonC from the extra `official`. What runs it is a process of its own, bounded in time and memory.

    OfficialError            something about the second judge, never about the invoice
    ├── NotInstalled         the extra `official` is missing
    ├── Unusable             the files cannot be used, are not there, or are not what was brought
    └── JudgeFailed          the judge gave no verdict on this document: it died, or its time was up
"""

from tallystick.official.artefacts import Artefacts, Filed, Finding, Layer, Opinion
from tallystick.official.errors import JudgeFailed, NotInstalled, OfficialError, Unusable

__all__ = [
    "Artefacts",
    "Filed",
    "Finding",
    "JudgeFailed",
    "Layer",
    "NotInstalled",
    "OfficialError",
    "Opinion",
    "Unusable",
]
