"""Who would rather read Arabic is told in Arabic what is wrong; everybody else in English."""

import re
import tomllib
from typing import Any

import pytest

from api.conftest import Actor, default_invoice
from tallystick import schemas
from tallystick.api.language import Arabic, prefers_arabic
from tallystick.api.problems import CATALOGUE
from tallystick.canonical import FAULT_CODES, Fault, RuleRef
from tallystick.flows.gateway import Gateway

VALIDATE = "/v1/invoices:validate"
LETTERS = re.compile("[\u0621-\u064a]")
IN_ARABIC = {"Accept-Language": "ar-SA, en;q=0.5"}
WORDS = tomllib.loads(schemas.path("arabic.toml").read_text(encoding="utf-8"))
PERIOD = {"start_date": "2026-03-02", "end_date": "2026-03-01"}


@pytest.mark.parametrize(
    ("sent", "arabic"),
    [
        ([], False),
        (["ar"], True),
        (["AR-ae"], True),
        (["ar;q=0.9, en;q=0.8"], True),
        (["en;q=0.8, ar;q=0.9"], True),
        (["ar, en"], True),
        (["en, ar"], False),
        (["en", "ar"], False),
        (["fr, ar;q=0.1"], True),
        (["*, ar;q=0.5"], False),
        (["*;q=0.1, ar;q=0.5"], True),
        (["ar;q=0"], False),
        (["ar;q=0, en;q=0.1"], False),
        (["arc, arb"], False),
        (["ar;q=2"], False),
        (["ar;q=1.001"], False),
        (["en;q=0.5,\tar;Q=0.6"], True),
        (["ar;Q=0.4, en;q=0.5"], False),
        (["ar;level=1"], False),
        (["ar en"], False),
        ([";,;q=, -"], False),
        (["x" * 5000 + ",ar"], False),
    ],
)
def test_arabic_is_for_whom_it_comes_before_english(sent: list[str], arabic: bool) -> None:
    assert prefers_arabic(sent) is arabic


async def test_a_report_tells_the_rule_in_arabic_and_nothing_else_of_it_changes(alice: Actor) -> None:
    wrong = default_invoice(invoicing_period=PERIOD)
    english = await alice.post(VALIDATE, json=wrong)
    arabic = await alice.post(VALIDATE, json=wrong, headers=IN_ARABIC)

    assert (english.headers.get("Content-Language"), arabic.headers["Content-Language"]) == (None, "ar")
    (told,) = arabic.json()["faults"]
    assert told["rule"]["id"] == "PA-13"
    rule = (await alice.get(told["rule"]["href"])).json()
    assert told["message"] == f"المطلوب: {rule['text_ar']}" == "المطلوب: لا تنتهي الفترة قبل بدايتها."
    assert english.json()["faults"][0]["message"] == "Required: a period does not end before it begins."
    assert spoken(arabic.json()) == spoken(english.json())


def spoken(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without what is put into words."""
    faults = [{**fault, "message": ""} for fault in answer["faults"]]
    return {**answer, "faults": faults}


async def test_a_refused_post_is_a_problem_in_arabic(alice: Actor) -> None:
    wrong = default_invoice(invoicing_period=PERIOD)
    answer = await alice.post("/v1/invoices", json=wrong, headers=IN_ARABIC)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invoice/invalid")
    assert answer.headers["Content-Language"] == "ar"
    assert problem["title"] == WORDS["problem"]["invoice/invalid"]
    assert problem["detail"] == "عدد الأخطاء: 1؛ انظر `errors`."
    assert problem["errors"][0]["message"] == "المطلوب: لا تنتهي الفترة قبل بدايتها."
    again = await alice.post("/v1/invoices", json=wrong)
    assert "Content-Language" not in again.headers
    assert LETTERS.search(again.text) is None


async def test_a_missing_field_and_a_body_that_is_no_json_are_told_in_arabic(alice: Actor) -> None:
    nameless = default_invoice()
    del nameless["invoice_number"]
    missing = (await alice.post("/v1/invoices", json=nameless, headers=IN_ARABIC)).json()["errors"]
    torn = await alice.post(
        "/v1/invoices", content=b"{", headers={**IN_ARABIC, "Content-Type": "application/json"}
    )

    assert [(one["pointer"], one["message"]) for one in missing] == [
        ("/invoice_number", WORDS["fault"]["invoice/missing-term"])
    ]
    assert torn.json()["code"] == "request/malformed"
    assert torn.json()["detail"] == torn.json()["errors"][0]["message"] == WORDS["fault"]["request/malformed"]


async def test_what_nobody_put_into_arabic_stays_in_english(alice: Actor) -> None:
    answer = await alice.get("/v1/regimes/nobody", headers=IN_ARABIC)

    assert answer.json()["title"] == WORDS["problem"]["resource/not-found"]
    assert answer.json()["detail"] == "There is no such resource."


def fault(code: str, message: str, rule: RuleRef | None = None) -> Fault:
    return Fault(code=code, pointer="", message=message, rule=rule)


@pytest.mark.parametrize(
    ("found", "arabic"),
    [
        (
            fault("rule/BR-CO-15", "Required: the total", RuleRef("en16931", "BR-CO-15")),
            "المطلوب: إجمالي مبلغ الفاتورة مع ضريبة القيمة المضافة هو الإجمالي بدونها زائد إجمالي الضريبة.",
        ),
        (
            fault("rule/BR-KSA-27", "Required: a code", RuleRef("zatca", "BR-KSA-27")),
            "المطلوب: في الفاتورة الضريبية المبسطة رمز استجابة سريعة.",
        ),
        (fault("sa/uuid", "Required: the UUID"), "المطلوب: معرّف UUID للمستند وفق RFC 4122."),
        (fault("authority/rejected", "No.", RuleRef("en16931", "BR-CO-15")), "No."),
        (fault("rule/BR-CO-15", "Elsewhere", RuleRef("nobody", "BR-CO-15")), "Elsewhere"),
        (fault("plug-in/its-own", "Its own words"), "Its own words"),
    ],
)
async def test_a_fault_is_told_by_its_own_rule_or_as_it_came(
    gateway: Gateway, found: Fault, arabic: str
) -> None:
    assert Arabic(gateway.explorer).fault(found).message == arabic


def test_every_title_and_every_fault_of_the_model_is_there_in_arabic() -> None:
    assert WORDS["problem"].keys() == CATALOGUE.keys()
    assert WORDS["fault"].keys() >= FAULT_CODES.keys()
    for text in (*WORDS["problem"].values(), *WORDS["fault"].values()):
        assert LETTERS.search(text), text
