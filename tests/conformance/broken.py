"""The sound plug-in, broken once per promise of the contract."""

from typing import TypeAlias

Change: TypeAlias = tuple[str, str]

BUILD = "        body = json.dumps(content, sort_keys=True).encode()\n"
CHECK = '        if invoice.currency_code != "FJD":\n'
SUBMIT = '        answer = yield Request(\n            "PUT", _address(enrolment),'
INQUIRE = '        answer = yield Request("GET", _address(enrolment), headers=_credentials(enrolment))\n'
OUTCOME = "    said = _said(answer)\n    state, number"
HEARD = """    said = _said(answer)
    state, number = said.get("state"), said.get("id")
    if answer.status_code in (200, 409, 422) and state in tuple(ACTS)"""
WAITS = "        return Outcome(verdict=Verdict.RETRY, after=_pause(answer))\n"
ACT_BODY = """        body = json.dumps(content, sort_keys=True).encode()
        return Document(media_type="application/json", body=body, marks"""
ACT_SENT = '"PUT", _act(document, enrolment), content=document.body'
CANCEL = "class Cancel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True)"
PAUSE = "int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None"
ASK = "yield Request('GET', _address(enrolment))"


def before(place: str, *lines: str) -> list[Change]:
    """The change that puts lines before `place`, as far indented as it is."""
    indent = " " * (len(place) - len(place.lstrip()))
    return [(place, "".join(f"{indent}{line}\n" for line in lines) + place)]


BROKEN: dict[str, tuple[str, list[Change]]] = {
    "misnamed": ("test_it_is_named_after_its_module", [('name = "badmisnamed"', 'name = "badothername"')]),
    "nowhere": (
        "test_its_countries_are_real",
        [("countries = frozenset({", 'countries = frozenset({"QQ", ')],
    ),
    "sourceless": ("test_it_tells_its_edition_and_its_source", [("https://clearing.example", "hearsay")]),
    "chance": (
        "test_the_same_invoice_gives_the_same_document",
        before(BUILD, "content['salt'] = str(__import__('uuid').uuid4())"),
    ),
    "hashseed": (
        "test_other_processes_give_the_same_document",
        before(BUILD, "content['set'] = list({'tax', 'net', 'due', 'paid', 'gross'})"),
    ),
    "timezone": (
        "test_other_processes_give_the_same_document",
        before(BUILD, "content['day'] = str(datetime.now().date())"),
    ),
    "meddler": ("test_the_invoice_is_left_as_it_was", before(BUILD, "invoice.metadata['seen'] = 'yes'")),
    "clock": (
        "test_it_looks_at_nothing_but_its_arguments",
        before(BUILD, "getattr(__import__('time'), 'time')()"),
    ),
    "environ": (
        "test_it_looks_at_nothing_but_its_arguments",
        before(BUILD, "__import__('os').environ.get('HOME')"),
    ),
    "socket": (
        "test_the_same_invoice_gives_the_same_document",
        before(BUILD, "__import__('socket').socket()"),
    ),
    "peeker": ("test_it_asks_without_looking_around", before(SUBMIT, "__import__('time').monotonic()")),
    "drifted": ("test_the_document_is_golden", [('"counter": slot.number', '"count": slot.number')]),
    "lenient": ("test_the_faults_are_golden", [(CHECK, "        if False:\n")]),
    "miscounts": (
        "test_the_document_says_what_the_invoice_says",
        [("str(getattr(totals, name)) for name", "str(getattr(totals, name) + 1) for name")],
    ),
    "unwritten": ("test_every_fault_has_its_rule", [('_fault("CL-01"', '_fault("CL-09"')]),
    "louder": ("test_every_fault_has_its_rule", [('severity="warning"', 'severity="error"')]),
    "untried": ("test_every_rule_is_broken_by_a_case", [(CHECK, "        if False:\n")]),
    "harmless": ("test_every_refusal_breaks_its_rule", [(CHECK, "        if False:\n")]),
    "brittle": (
        "test_an_invoice_that_lacks_something_is_refused_or_built",
        before(CHECK, "assert invoice.buyer_reference[0]"),
    ),
    "narrow": ("test_a_sound_invoice_is_built", before(CHECK, "assert len(invoice.lines) == 1")),
    "prudish": ("test_a_sound_invoice_is_built", [(CHECK, "        if True:\n")]),
    "credulous": (
        "test_garbage_is_never_believed",
        before(OUTCOME, "if answer.is_success:", "    return Outcome(verdict=Verdict.CLEARED)"),
    ),
    "hasty": (
        "test_garbage_is_never_believed",
        before(OUTCOME, "if answer.is_error:", "    return Outcome(verdict=Verdict.REJECTED)"),
    ),
    "trusting": (
        "test_garbage_is_never_believed",
        [("except (ValueError, RecursionError):", "except KeyError:")],
    ),
    "tireless": ("test_garbage_is_never_believed", before(SUBMIT, "while True:", f"    {ASK}")),
    "guesser": (
        "test_a_truncated_answer_is_never_believed",
        before(OUTCOME, "if b'cleared' in answer.content:", "    return Outcome(verdict=Verdict.CLEARED)"),
    ),
    "careless": ("test_a_twisted_answer_still_gives_a_verdict", [(" and isinstance(number, str)", "")]),
    "impatient": (
        "test_a_busy_authority_is_given_the_time_it_asks_for",
        [("after=_pause(answer)", "after=None")],
    ),
    "gullible": ("test_a_silly_wait_is_not_believed", [(PAUSE, "int(asked)")]),
    "clinging": (
        "test_a_line_that_breaks_leaves_nothing_behind",
        before(SUBMIT, "try:", f"    {ASK}", "except GeneratorExit:", f"    {ASK}"),
    ),
    "stranger": (
        "test_it_speaks_to_nobody_else",
        before(SUBMIT, "yield Request('GET', 'https://elsewhere.test/')"),
    ),
    "restamps": (
        "test_every_attempt_says_the_same",
        [("content=document.body,", "content=document.body + str(enrolment.now).encode(),")],
    ),
    "doubles": (
        "test_an_inquiry_asks_or_resends_the_same_bytes",
        [(INQUIRE, INQUIRE.replace('"GET"', '"PUT"').replace(", headers", ", content=b'{}', headers"))],
    ),
    "deaf": (
        "test_an_inquiry_asks_or_resends_the_same_bytes",
        [(INQUIRE, "        yield from ()\n        answer = Response(200)\n")],
    ),
    "blurred": (
        "test_two_documents_are_told_apart",
        [("content=document.body", 'content=b"same"')],
    ),
    "unchained": ("test_a_chain_links_its_documents", [('"previous": slot.previous,', "")]),
    "logsout": (
        "test_a_login_gives_a_session_or_an_outcome",
        [("    said = _said(answer)\n        token", "    said = answer.json()\n        token")],
    ),
    "zoneless": (
        "test_a_deadline_knows_its_time_zone",
        [("return enrolment.now + timedelta", "return enrolment.now.replace(tzinfo=None) + timedelta")],
    ),
    "chatty": (
        "test_no_secret_is_said_aloud",
        [("/documents/{enrolment.reference}", "/{enrolment.secrets['password'].reveal()}")],
    ),
    "echoes": ("test_no_secret_is_said_aloud", [('f"status {answer.status_code}"', "answer.text")]),
    "writes": (
        "test_no_secret_is_written_down",
        before(BUILD, "content['by'] = enrolment.secrets['password'].reveal()"),
    ),
    "untyped": (
        "test_requests_of_acts_are_typed",
        [(CANCEL, CANCEL.replace(", forbid_unknown_fields=True", ""))],
    ),
    "oneway": (
        "test_every_act_is_recorded_done_and_refused",
        [('"refused": Verdict.REJECTED}\nNEWS', '"refused": Verdict.CONFLICT}\nNEWS')],
    ),
    "restless": ("test_recorded_acts_replay", [('"act": act, "document"', '"do": act, "document"')]),
    "obliging": (
        "test_garbage_does_nothing",
        before(HEARD, "if answer.is_success:", "    return Outcome(verdict=Verdict.CANCELLED)"),
    ),
    "misfit": (
        "test_garbage_does_nothing",
        before(HEARD, "if answer.status_code == 409:", "    return Outcome(verdict=Verdict.NOT_REQUIRED)"),
    ),
    "skimming": (
        "test_a_truncated_answer_does_nothing",
        before(HEARD, "if b'cancelled' in answer.content:", "    return Outcome(verdict=Verdict.CANCELLED)"),
    ),
    "sloppy": (
        "test_a_twisted_answer_to_an_act_still_gives_a_verdict",
        [("state in tuple(ACTS) and isinstance(number, str)", "state in tuple(ACTS)")],
    ),
    "moody": (
        "test_an_act_is_the_same_every_time",
        before(ACT_BODY, "content['at'] = str(__import__('time').time())"),
    ),
    "forgetful": (
        "test_every_attempt_at_an_act_says_the_same",
        [(ACT_SENT, f"{ACT_SENT} + str(enrolment.now).encode()")],
    ),
    "whispers": (
        "test_acts_speak_to_nobody_else_and_say_no_secret",
        before(ACT_BODY, "content['by'] = enrolment.secrets['password'].reveal()"),
    ),
    "pushy": (
        "test_a_busy_authority_of_acts_is_given_time",
        [(WAITS + HEARD, WAITS.replace("_pause(answer)", "None") + HEARD)],
    ),
    "glances": (
        "test_acts_are_asked_without_looking_around",
        before(f"        answer = yield Request(\n            {ACT_SENT}", "__import__('time').monotonic()"),
    ),
    "hushed": (
        "test_recorded_news_is_told",
        [('"withdrawn": Verdict.REJECTED', '"withdrawn": Verdict.CONFLICT')],
    ),
    "alarmist": (
        "test_garbage_is_no_news",
        [
            ("if answer.status_code == 200 and isinstance(news, list)", "if not isinstance(news, list)"),
            ("tuple(_notices(news))", "tuple()"),
        ],
    ),
    "misreads": (
        "test_twisted_news_names_something_or_is_none",
        [(' and isinstance(item.get("id"), str)', "")],
    ),
    "tattles": (
        "test_polls_say_no_secret_and_look_at_nothing",
        [("/news?since=", "/news?by={enrolment.secrets['password'].reveal()}&since=")],
    ),
    "roams": ("test_it_stays_in_its_room", [("import hashlib\n", "import hashlib\nimport os\n")]),
    "trespasses": (
        "test_it_stays_in_its_room",
        [("import hashlib\n", "import hashlib\nfrom tallystick import settings\n")],
    ),
    "floats": ("test_it_stays_in_its_room", [("PENDING =", "TOLERANCE = 0.01\nPENDING =")]),
    "sprawls": (
        "test_it_stays_in_its_room",
        before(BUILD, *(f"content['{n}'] = '{n}'" for n in range(40))),
    ),
    "unfit": ("test_the_official_judge_accepts_it", [('"counter": slot.number', '"unfit": slot.number')]),
}
"""By name: the promise that is broken, and the change to the sound plug-in that breaks it."""
