"""The resource: the same bytes from a POST and from a GET, with money as the digits that were meant."""

import json
from typing import Any

import pytest

from flows.accepting import standard
from tallystick.canonical import Fault, complete, decode
from tallystick.flows.resource import Standing, event_data, resource, resource_template, warnings_json
from tallystick.store import ids

TIME = "2026-11-20T10:11:12.000123Z"


def standing(**changes: Any) -> Standing:
    made: dict[str, Any] = {"id": ids.new(), "mode": "test", "strategy": "default", "strategy_reason": "x"}
    return Standing(**made | changes)


def completed(**changes: Any) -> Any:
    decoded = decode(standard(**changes))
    assert decoded.invoice is not None
    return complete(decoded.invoice).invoice


def test_an_answer_and_a_later_view_are_the_same_bytes() -> None:
    where, invoice = standing(warnings='[{"code":"a"}]'), completed()
    filled = resource_template(where, invoice).replace("\x01", TIME).encode()
    assert filled == resource(where, invoice, TIME, TIME)


def test_times_come_last_and_may_differ() -> None:
    shown = json.loads(resource(standing(), completed(), "a", "b"))
    assert list(shown)[-2:] == ["created_at", "updated_at"]
    assert (shown["created_at"], shown["updated_at"]) == ("a", "b")


def test_the_template_holds_no_other_mark() -> None:
    seller = json.loads(standard())["seller"] | {"name": '\\u0001 " , } created_at'}
    assert resource_template(standing(strategy_reason="\x01"), completed(seller=seller)).count("\x01") == 2


def test_money_is_plain_digits() -> None:
    lines = json.loads(standard())["lines"]
    for line in lines:
        line["price"]["item_net_price"] = "1000000000000.00"
    totals = json.loads(resource(standing(), completed(lines=lines), TIME, TIME))["totals"]
    assert all(isinstance(value, str) and "E" not in value for value in totals.values())


def test_warnings_are_the_stored_ones() -> None:
    fault = Fault(code="document/not-carried", pointer="", message="é", severity="warning")
    shown = json.loads(resource(standing(warnings=warnings_json((fault,))), completed(), TIME, TIME))
    assert [one["message"] for one in shown["validation"]["warnings"]] == ["é"]
    assert warnings_json(()) == "[]"


@pytest.mark.parametrize(
    ("axes", "status"),
    [
        (("accepted", "pending"), "processing"),
        (("completed", "cleared"), "issued"),
        (("held", "pending"), "attention"),
    ],
)
def test_the_summary_follows_the_two_axes(axes: tuple[str, str], status: str) -> None:
    where = standing(processing_status=axes[0], authority_status=axes[1])
    assert json.loads(resource(where, completed(), TIME, TIME))["status"] == status
    told = event_data(
        invoice_id=where.id,
        number="N",
        mode="test",
        processing_status=axes[0],
        authority_status=axes[1],
        more=1,
    )
    assert (told["status"], told["more"], told["invoice_id"]) == (status, 1, str(where.id))
