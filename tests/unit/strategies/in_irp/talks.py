"""The recorded talks of the fixtures, as the portal of `portal.py` speaks: `record()` writes them anew.

Run from `tests/`: `python -m unit.strategies.in_irp.talks`; then let the kit write the golden requests.
"""

import json
from base64 import b64encode
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from tallystick.conformance import Judged, built, judge
from tallystick.keys import Secret
from tallystick.strategies import load
from tallystick.strategy import Document, Enrolment, Session, Strategy
from unit.strategies.in_irp import portal

FIXTURES: Final = Path(__file__).parents[4] / "fixtures"
HOME: Final = FIXTURES / "in_irp"
STANDARD: Final = "standard"
ENDPOINT: Final = "https://portal.test"


def module(name: str) -> Any:
    """A module of the strategy."""
    return import_module(f"tallystick.strategies.in_irp.{name}")


@cache
def irp() -> Strategy:
    """The strategy."""
    return load().by_name("in_irp")


def judged(case: str) -> Judged:
    """A case of the fixtures, judged."""
    return judge(irp(), (HOME / case / "invoice.json").read_bytes(), cases=FIXTURES)


def ready(case: str) -> tuple[Document, Enrolment]:
    """A case's document, and with whom it goes."""
    found = judged(case)
    assert found.enrolment is not None
    return built(irp(), found), found.enrolment


def example() -> dict[str, Any]:
    """The trial enrolment, as `enrolment.json` has it."""
    return {
        "endpoint": ENDPOINT,
        "taxpayer": "Tungabhadra Instruments Private Limited",
        "tax_identifier": json.loads((HOME / "standard/invoice.json").read_bytes())["seller"][
            "tax_identifier"
        ],
        "settings": {
            "public_key": portal.public_pem(portal.LOGIN),
            "keys": [{"kid": portal.kid_of(portal.SIGNING), "pem": portal.public_pem(portal.SIGNING)}],
            "payee": {
                "upi_id": "tungabhadra@upi",
                "name": "Tungabhadra Instruments",
                "account": "50200031447712",
                "ifsc": "HDFC0000240",
            },
        },
        "secrets": {
            "client_id": "trial-client-id-53b1",
            "client_secret": "trial-client-secret-88de",
            "username": "trial_user_4471",
            "password": "trial-Password#9921",
        },
        "session": {"token": portal.TOKEN, "sek": b64encode(portal.SEK).decode()},
    }


def talk(verb: str, *answers: Any, again: str = "") -> dict[str, Any]:
    """A talk with these answers: a body, or a whole response."""
    whole = [one if "body" in one or "status" in one else {"body": one} for one in answers]
    said = {"verb": verb, "exchanges": [{"response": one} for one in whole]}
    return {**said, "again": again} if again else said


def duplicate(irn: str) -> dict[str, Any]:
    """The portal has it already."""
    known = {"AckNo": portal.ACK_NO, "AckDt": portal.ACK_DATE, "Irn": irn}
    remarks = [{"InfCd": "DUPIRN", "Desc": known}]
    return portal.refused(("2150", "Duplicate IRN"), remarks=remarks)


def standard() -> dict[str, Any]:
    """The talks about the standard case."""
    document, trial = ready("standard")
    irn = document.marks["irn"]
    there = portal.good(portal.record(document.body, irn))
    other = json.loads(document.body)
    other["ValDtls"]["TotInvVal"] = other["ValDtls"]["TotInvVal"] + 1
    elsewhere = [{"InfCd": "DUPIRNGLP", "Desc": {"Irn": irn, "RegIrp": "IRP4"}}]
    unknown = portal.good(portal.record(document.body, irn, portal.LOGIN))
    key = _app_key(trial)
    return {
        "registered": talk("submit", there),
        "has_it_already": talk("submit", duplicate(irn), there, again="registered"),
        "has_something_else": talk(
            "submit", duplicate(irn), portal.good(portal.record(json.dumps(other).encode(), irn))
        ),
        "registered_by_another_portal": talk(
            "submit", portal.refused(("2295", "IRN is already registered"), remarks=elsewhere)
        ),
        "refused": talk(
            "submit",
            portal.refused(("2176", "HSN code(s)-90318000 is/are invalid"), ("2240", "GST rate is invalid")),
        ),
        "refused_as_text": talk("submit", portal.refused(("2233", "Serial numbers repeat"), encoding="text")),
        "refused_as_base64": talk("submit", portal.refused(("2211", "Same GSTIN"), encoding="base64")),
        "number_is_burnt": talk("submit", portal.refused(("2278", "IRN is already cancelled"))),
        "in_trouble": talk("submit", portal.refused(("2147", "Signing failed"))),
        "session_is_over": talk("submit", portal.refused(("1005", "Invalid Token"))),
        "seller_is_not_enabled": talk("submit", portal.refused(("3026", "GSTIN is not enabled"))),
        "looks_the_buyer_up": talk(
            "submit",
            portal.refused(("3028", "GSTIN is not present in the invoice system")),
            portal.good({"Gstin": "", "Status": "ACT"}),
            there,
        ),
        "buyer_is_cancelled": talk(
            "submit", portal.refused(("3029", "GSTIN is not active")), portal.good({"Status": "CNL"})
        ),
        "signed_by_an_unknown_key": talk("submit", unknown),
        "is_busy": talk("submit", {"status": 429, "headers": {"Retry-After": "20"}, "body": "slow down"}),
        "asked_and_there": talk("inquire", there, again="registered"),
        "asked_and_not_there": talk("inquire", portal.refused(("2148", "IRN is not found"))),
        "asked_too_late": talk("inquire", portal.refused(("2283", "IRN details cannot be provided"))),
        "logged_in": talk("login", portal.session(key)),
        "wrong_password": talk("login", portal.refused(("1019", "Invalid password"))),
    }


def with_eway_bill() -> dict[str, Any]:
    """The talks about a case that wants an e-way bill."""
    document, _ = ready("eway_bill_by_road")
    irn = document.marks["irn"]
    bill: dict[str, Any] = {
        "EwbNo": 391009149369,
        "EwbDt": "2026-10-05 17:41:00",
        "EwbValidTill": "2026-10-11 23:59:00",
    }
    failed = [{"ErrorCode": "4014", "ErrorMessage": "Invalid Vehicle Number Format"}]
    measured = [{"InfCd": "EWBPPD", "Desc": "Pin-Pin calc distance: 980KM"}]
    return {
        "with_its_bill": talk("submit", portal.good(portal.record(document.body, irn, **bill), measured)),
        "without_its_bill": talk(
            "submit",
            portal.good(portal.record(document.body, irn), [{"InfCd": "EWBERR", "Desc": json.dumps(failed)}]),
        ),
    }


TRUCK: Final = {"mode": "1", "distance": 980, "vehicle_number": "KA01AB1234", "vehicle_type": "R"}
REASON: Final = {"reason": "data_entry", "remark": "Wrong buyer"}


def act(name: str, asked: dict[str, Any], *answers: Any, **more: Any) -> dict[str, Any]:
    """An act on the registered document."""
    said = {"act": name, "after": "registered", "asked": asked, **more}
    exchanges = [{"response": one if "body" in one else {"body": one}} for one in answers]
    return {**said, "exchanges": exchanges} if exchanges else said


def acts() -> dict[str, Any]:
    """What is asked about the standard document once it is registered."""
    document, _ = ready(STANDARD)
    irn = document.marks["irn"]
    void = {"Irn": irn, "CancelDate": "2026-10-05 18:02:00"}
    bill = {"EwbNo": 391009149369, "EwbDt": "2026-10-05 18:00:00", "EwbValidTill": "2026-10-11 23:59:00"}
    shown = {**bill, "Status": "ACT", "GenGstin": example()["tax_identifier"]}
    record = portal.record(document.body, irn)
    inactive = portal.refused(("9999", "Invoice is not active"))
    gone = portal.refused(("2283", "IRN details are no longer provided"))
    return {
        "cancelled": act("cancel", REASON, portal.good(void)),
        "cancelled_before": act("cancel", REASON, inactive, portal.good({**record, "Status": "CNL"})),
        "cancelled_long_before": act("cancel", REASON, inactive, gone),
        "has_a_bill": act("cancel", REASON, portal.refused(("2230", "E-way bill is active"))),
        "window_closed_at_the_portal": act("cancel", REASON, portal.refused(("2270", "Time over"))),
        "cancel_too_late": act("cancel", REASON, hours=25),
        "asked_and_cancelled": act(
            "cancel", REASON, portal.good({**record, "Status": "CNL"}), verb="inquire"
        ),
        "asked_and_in_force": act("cancel", REASON, portal.good(record), verb="inquire"),
        "billed": act("eway_bill", TRUCK, portal.good(bill)),
        "billed_before": act("eway_bill", TRUCK, portal.refused(("4002", "Exists")), portal.good(shown)),
        "bad_vehicle": act("eway_bill", TRUCK, portal.refused(("4014", "Invalid Vehicle Number"))),
        "no_vehicle": act("eway_bill", {"mode": "1", "distance": 10}),
        "asked_and_no_bill": act(
            "eway_bill", TRUCK, portal.refused(("4005", "Eway Bill details are not found")), verb="inquire"
        ),
        "bill_shown": act("eway_bill_details", {}, portal.good(shown)),
        "no_bill_to_show": act("eway_bill_details", {}, portal.refused(("4005", "Not found"))),
    }


def polls() -> dict[str, Any]:
    """News of numbers that another portal gave first."""
    irn = "ab" * 32
    lost = portal.good([{"Irn": irn, "DocNo": "TI/26-27/0101", "RegIrp": "IRP4"}])
    detail = "another portal has registered the document first: IRP4"
    return {
        "nothing": {"exchanges": [{"response": {"body": portal.good([])}}] * 2},
        "lost_a_race": {
            "exchanges": [{"response": {"body": one}} for one in (portal.good([]), lost)],
            "news": [{"reference": irn, "verdict": "rejected", "detail": detail}],
        },
    }


def record() -> None:
    """Write the enrolment and the talks."""
    _write(HOME / "enrolment.json", example())
    _write(HOME / "standard/talk.json", standard())
    _write(HOME / "standard/acts.json", acts())
    _write(HOME / "polls.json", polls())
    _write(HOME / "eway_bill_by_road/talk.json", with_eway_bill())


def in_session(trial: Enrolment, **texts: str) -> Enrolment:
    """The enrolment in another session."""
    assert trial.session is not None
    secrets = {**trial.session.secrets, **{name: Secret(text) for name, text in texts.items()}}
    return replace(trial, session=Session(secrets, trial.session.expires_at))


def _app_key(trial: Enrolment) -> bytes:
    key: bytes = module("session").app_key(trial)
    return key


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
