"""When two verdicts are the same, and how they differ when they are not."""

import pytest

from tallystick.canonical import Fault, RuleRef
from tallystick.official import Artefacts, Finding, Opinion
from tallystick.official.artefacts import Level
from tallystick.official.comparing import compared

SET = Artefacts(profile="own", strategy="x", digest="0" * 64, layers=(), files=(), rules=("A", "B"))


def says(**levels: Level) -> tuple[Opinion, ...]:
    findings = tuple(Finding(rule, level, "", "", "") for rule, level in levels.items())
    return (Opinion(profile="own", digest=SET.digest, findings=findings),)


def fault(rule: str, severity: str = "error") -> Fault:
    return Fault(code=rule, pointer="", message="", severity=severity, rule=RuleRef("own", rule))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("theirs", "ours", "kind"),
    [
        (says(), [], None),
        (says(A="fatal"), [fault("A")], None),
        (says(A="warning"), [fault("A", "warning")], None),
        (says(A="fatal"), [], "missed"),
        (says(XSD="fatal"), [], "missed"),
        (says(A="fatal"), [fault("A", "warning")], "missed"),
        (says(A="warning"), [fault("A")], "overdone"),
        (says(), [fault("A")], "overdone"),
        (says(), [fault("A", "warning")], "rules"),
        (says(B="warning"), [], "rules"),
        (says(A="fatal", B="fatal"), [fault("A")], "rules"),
        (says(A="fatal"), [fault("B")], "rules"),
        (says(), [fault("network/unknown-address")], None),
        (says(), [Fault(code="invoice/arithmetic", pointer="", message="")], None),
        (says(A="fatal"), [fault("A"), fault("A"), fault("A", "warning")], None),
    ],
)
def test_a_disagreement_has_a_kind(theirs: tuple[Opinion, ...], ours: list[Fault], kind: str | None) -> None:
    assert compared((SET,), theirs, ours).kind == kind


def test_what_only_one_side_says_is_named() -> None:
    both = compared((SET,), says(B="warning", Z="fatal"), [fault("A")])

    assert (both.official_only, both.native_only) == (("B", "Z"), ("A",))
    assert (both.official_valid, both.native_valid) == (False, False)
