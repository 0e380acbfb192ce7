"""JSON Patch as far as the kit needs it: RFC 6902's own examples, and operations that do not fit."""

from typing import Any

import msgspec
import pytest

from tallystick.conformance.patch import Operation, PatchInvalid, patched


def operations(*given: dict[str, Any]) -> list[Operation]:
    return msgspec.convert(list(given), list[Operation])


@pytest.mark.parametrize(
    ("document", "operation", "result"),
    [
        ({"foo": "bar"}, {"op": "add", "path": "/baz", "value": "qux"}, {"baz": "qux", "foo": "bar"}),
        (
            {"foo": ["bar", "baz"]},
            {"op": "add", "path": "/foo/1", "value": "qux"},
            {"foo": ["bar", "qux", "baz"]},
        ),
        ({"foo": ["bar"]}, {"op": "add", "path": "/foo/-", "value": ["x"]}, {"foo": ["bar", ["x"]]}),
        ({"baz": "qux", "foo": "bar"}, {"op": "remove", "path": "/baz"}, {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, {"op": "remove", "path": "/foo/1"}, {"foo": ["bar", "baz"]}),
        ({"baz": "qux"}, {"op": "replace", "path": "/baz", "value": None}, {"baz": None}),
        ({"a": [1, 2]}, {"op": "replace", "path": "/a/0", "value": 9}, {"a": [9, 2]}),
        ({"a/b": {"m~n": 1}}, {"op": "replace", "path": "/a~1b/m~0n", "value": 2}, {"a/b": {"m~n": 2}}),
        ({"foo": 1}, {"op": "replace", "path": "", "value": {"bar": 2}}, {"bar": 2}),
    ],
)
def test_an_operation_does_what_rfc_6902_says(document: Any, operation: dict[str, Any], result: Any) -> None:
    assert patched(document, operations(operation)) == result


def test_operations_build_on_each_other_and_leave_the_original_alone() -> None:
    original: dict[str, Any] = {"a": {"b": []}}
    value = {"c": 1}
    steps = operations(
        {"op": "add", "path": "/a/b/0", "value": value},
        {"op": "replace", "path": "/a/b/0/c", "value": 2},
    )

    assert patched(original, steps) == {"a": {"b": [{"c": 2}]}}
    assert original == {"a": {"b": []}}
    assert value == {"c": 1}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/nothing"},
        {"op": "replace", "path": "/nothing", "value": 1},
        {"op": "add", "path": "/no/where", "value": 1},
        {"op": "remove", "path": "/list/2"},
        {"op": "remove", "path": "/list/-"},
        {"op": "remove", "path": "/list/-1"},
        {"op": "add", "path": "/list/3", "value": 1},
        {"op": "replace", "path": "/list/x", "value": 1},
        {"op": "add", "path": "/text/0", "value": 1},
        {"op": "add", "path": "/list/0"},
        {"op": "remove", "path": "/text", "value": 1},
    ],
)
def test_an_operation_that_does_not_fit_is_refused(operation: dict[str, Any]) -> None:
    with pytest.raises(PatchInvalid, match="does not fit"):
        patched({"list": [1, 2], "text": "abc"}, operations(operation))
