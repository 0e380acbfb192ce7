"""The publishers' judges as verdicts: XSD and rule files of a profile, over bytes."""

from collections.abc import Callable
from typing import Any, Final

from lxml import etree

from agreeing.comparing import Verdict
from unit.formats.official import oracle

__all__ = ["judge_of", "verdict"]

_SEVERITY: Final = {"fatal": "error", "warning": "warning", "information": "info"}


def judge_of(profile: Callable[[bytes], str]) -> Callable[[bytes], Verdict]:
    """A judge that asks `profile` under which official profile a document is to be judged."""
    return lambda body: verdict(profile(body), body)


def verdict(profile: str, body: bytes) -> Verdict:
    """What XSD and rule files say, as published: attributes are not visited. Levels are the profile's."""
    judge = oracle()
    schema = _against_schema(judge, judge.profiles[profile], body)
    node = judge.proc.parse_xml(xml_text=body.decode())
    findings = [
        one
        for layer in judge.profiles[profile]["layers"]
        for one in judge.run_layer(layer if isinstance(layer, str) else layer[_root(body)], node)
    ]
    levels = judge.profiles[profile].get("levels", {})
    for one in findings:
        one.flag = levels.get(one.rule, one.flag)
    crash = next((one.message for one in findings if one.flag not in _SEVERITY), "")
    found = tuple((one.rule, _SEVERITY[one.flag]) for one in findings if one.flag in _SEVERITY)
    return Verdict(found, schema, crash)


def _against_schema(judge: Any, profile: Any, body: bytes) -> str:
    tree = etree.fromstring(body)
    schema = judge.xsd(profile["roots"][etree.QName(tree).localname])
    return "" if schema.validate(tree) else str(schema.error_log[0].message)[:300]


def _root(body: bytes) -> str:
    return str(etree.QName(etree.fromstring(body)).localname)
