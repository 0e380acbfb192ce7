"""Routes of the explorer: what every loaded strategy knows and asks for. Nothing in them is a tenant's."""

from collections.abc import Mapping
from typing import Any, Final

from litestar.response.base import ASGIResponse
from msgspec import Struct, json

from tallystick.api.answers import cacheable, listing
from tallystick.api.ask import Ask
from tallystick.api.describe import ANY_KEY, NOT_MODIFIED, Answer, Operation, Parameter
from tallystick.api.parameters import CURSOR, IF_NONE_MATCH, LIMIT, one_of, path_text, plain_text
from tallystick.api.regime_examples import (
    CODE_LIST,
    CODE_LISTS,
    FIELDS,
    REGIME,
    REGIMES,
    RULE,
    RULES,
)
from tallystick.api.routing import route
from tallystick.flows.paging import Page
from tallystick.flows.regimes import CodeList, CodeLists, FieldViews, Regime, Regimes, RuleView, Sought
from tallystick.flows.regimes.pages import rules_page
from tallystick.flows.slices import DEFAULT_LIMIT

__all__ = ["ROUTES"]

KEPT: Final[Mapping[str, str]] = {"Cache-Control": "private, max-age=300"}
ID: Final = path_text("regime_id", "The strategy's name.", r"[a-z][a-z0-9_]{0,63}", "peppol")
RULE_ID: Final = path_text(
    "rule_id",
    "The rule's number. A slash in it is written `~1`, as in a JSON pointer.",
    r"[A-Za-z0-9][A-Za-z0-9_.~()+\-]{0,79}",
    "BR-CO-15",
)
NAME: Final = path_text("name", "The list's name.", r"[a-z0-9][a-z0-9\-]{0,63}", "eas")
NATIVE: Final = Parameter(
    name="native",
    where="query",
    description="Only rules that are checked here (`true`), or only the others (`false`).",
    schema={"type": "string", "enum": ["true", "false"]},
    example="true",
    parse=one_of("native", "", ("true", "false")).parse,
)
NOT_FOUND: Final = ("resource/not-found",)


def reading(
    name: str, summary: str, description: str, type: Any, example: Any, *parameters: Parameter, **more: Any
) -> Operation:
    """Something that anyone with a key may read."""
    headers = {"ETag": "Of the answer.", "Cache-Control": "It may be kept for five minutes."}
    if type is Page[RuleView]:
        headers["Link"] = "The next page, if there is one."
    return Operation(
        id=name,
        summary=summary,
        description=f"{description} Any valid key may read it; it is the same for all.",
        tag="Regimes",
        scope=ANY_KEY,
        parameters=(*parameters, IF_NONE_MATCH),
        answers=(
            Answer(description="Found.", type=type, example=example, headers=headers),
            NOT_MODIFIED,
        ),
        **more,
    )


def shown(ask: Ask, view: Struct) -> ASGIResponse:
    """The view, to be kept for a while."""
    return cacheable(ask, json.encode(view), headers=KEPT)


@route(
    "GET",
    "/v1/regimes",
    reading(
        "listRegimes",
        "List the regimes",
        "Every strategy this gateway has loaded: where it serves, what it can do, what a registration with "
        "it says, its acts, its sets of rules.",
        Regimes,
        REGIMES,
    ),
)
async def index(ask: Ask) -> ASGIResponse:
    """GET /v1/regimes."""
    return shown(ask, ask.gateway.explorer.regimes())


@route(
    "GET",
    "/v1/regimes/{regime_id}",
    reading("getRegime", "Read a regime", "One strategy.", Regime, REGIME, ID, problems=NOT_FOUND),
)
async def show(ask: Ask) -> ASGIResponse:
    """GET /v1/regimes/{regime_id}."""
    return shown(ask, ask.gateway.explorer.regime(ask.path["regime_id"]))


@route(
    "GET",
    "/v1/regimes/{regime_id}/rules",
    reading(
        "listRules",
        "List a regime's rules",
        "Every rule of the regime's sets, in the order of the table: what is checked here, what an invoice "
        "of ours cannot break and why, and what only the authority can know.",
        Page[RuleView],
        RULES,
        ID,
        one_of("severity", "Only rules of this severity.", ("error", "warning", "info")),
        plain_text("term", "Only rules about this term.", "BT-31", 40),
        plain_text("set", "Only rules of this set.", "en16931", 60),
        NATIVE,
        plain_text("q", "Only rules in whose number, term, text or hint this stands, in any case.", "vat"),
        LIMIT,
        CURSOR,
        problems=NOT_FOUND,
    ),
)
async def rules(ask: Ask) -> ASGIResponse:
    """GET /v1/regimes/{regime_id}/rules."""
    given: dict[str, Any] = dict(ask.query)
    limit, cursor = given.pop("limit", DEFAULT_LIMIT), given.pop("cursor", None)
    if "native" in given:
        given["native"] = given["native"] == "true"
    page = rules_page(ask.gateway, ask.path["regime_id"], Sought(**given), limit, cursor)
    return listing(ask, page, page.next_cursor, KEPT)


@route(
    "GET",
    "/v1/regimes/{regime_id}/rules/{rule_id}",
    reading(
        "getRule",
        "Read a rule",
        "One rule. `rule.href` of a fault leads here.",
        RuleView,
        RULE,
        ID,
        RULE_ID,
        problems=NOT_FOUND,
    ),
)
async def rule(ask: Ask) -> ASGIResponse:
    """GET /v1/regimes/{regime_id}/rules/{rule_id}."""
    return shown(ask, ask.gateway.explorer.rule(ask.path["regime_id"], ask.path["rule_id"]))


@route(
    "GET",
    "/v1/regimes/{regime_id}/fields",
    reading(
        "listFields",
        "List the fields of an invoice",
        "Every place of a canonical invoice with its EN 16931 number, and those that the regime adds.",
        FieldViews,
        FIELDS,
        ID,
        problems=NOT_FOUND,
    ),
)
async def fields(ask: Ask) -> ASGIResponse:
    """GET /v1/regimes/{regime_id}/fields."""
    return shown(ask, ask.gateway.explorer.fields(ask.path["regime_id"]))


@route(
    "GET",
    "/v1/regimes/{regime_id}/code-lists",
    reading(
        "listCodeLists",
        "List a regime's code lists",
        "The code lists the rules look codes up in, with their sources.",
        CodeLists,
        CODE_LISTS,
        ID,
        problems=NOT_FOUND,
    ),
)
async def code_lists(ask: Ask) -> ASGIResponse:
    """GET /v1/regimes/{regime_id}/code-lists."""
    return shown(ask, ask.gateway.explorer.code_lists(ask.path["regime_id"]))


@route(
    "GET",
    "/v1/regimes/{regime_id}/code-lists/{name}",
    reading(
        "getCodeList",
        "Read a code list",
        "A code list with all its codes.",
        CodeList,
        CODE_LIST,
        ID,
        NAME,
        problems=NOT_FOUND,
    ),
)
async def code_list(ask: Ask) -> ASGIResponse:
    """GET /v1/regimes/{regime_id}/code-lists/{name}."""
    return shown(ask, ask.gateway.explorer.code_list(ask.path["regime_id"], ask.path["name"]))


ROUTES: Final = (index, show, rules, rule, fields, code_lists, code_list)
