"""The examples of the explorer's documentation. A test holds each against the schema it illustrates."""

from typing import Any, Final

__all__ = ["CODE_LIST", "CODE_LISTS", "FIELDS", "REGIME", "REGIMES", "RULE", "RULES"]

ROOT: Final = "/v1/regimes/peppol"
SET: Final[dict[str, Any]] = {
    "name": "en16931",
    "title": "EN 16931-1, rules in the UBL binding",
    "publisher": "CEN, European Commission",
    "version": "1.3.16",
    "source": "github.com/ConnectingEurope/eInvoicing-EN16931, release 1.3.16",
    "since": "2026-04-14",
    "until": None,
    "rules": 281,
    "native": 178,
    "impossible": 103,
    "authority": 0,
}
REGIME: Final[dict[str, Any]] = {
    "id": "peppol",
    "countries": ["DE", "DK"],
    "regions": ["EU"],
    "edition": "Peppol BIS Billing 3.0.21",
    "regime_data": None,
    "abilities": ["enrols", "reads", "regional"],
    "environments": [{"name": "sandbox", "endpoint": None}],
    "settings": {"type": "object", "properties": {"adapter": {"enum": ["phase4", "phoss-ap"]}}},
    "secrets": ["token"],
    "acts": {},
    "rule_sets": [SET],
    "links": {
        "self": ROOT,
        "rules": f"{ROOT}/rules",
        "fields": f"{ROOT}/fields",
        "code_lists": f"{ROOT}/code-lists",
    },
}
REGIMES: Final = {"data": [REGIME]}
RULE: Final[dict[str, Any]] = {
    "id": "BR-CO-15",
    "set": "en16931",
    "version": "1.3.16",
    "severity": "error",
    "levels": [],
    "bindings": [],
    "term": "BT-112",
    "text": "The total with tax is the total without tax plus the total tax.",
    "text_ar": "",
    "hint": "Leave the term out to have it computed.",
    "source": "EN 16931-1, rule BR-CO-15",
    "native": True,
    "impossible": None,
    "since": "2026-04-14",
    "until": None,
    "href": f"{ROOT}/rules/BR-CO-15",
}
RULES: Final = {"data": [RULE], "next_cursor": None, "has_more": False}
FIELDS: Final[dict[str, Any]] = {
    "data": [
        {
            "pointer": "/lines/{}/net_amount",
            "type": "number in a string",
            "required": False,
            "term": "BT-131",
            "description": "Amount without tax, line allowances and charges included.",
            "values": [],
            "regime": False,
            "wire": [],
        }
    ]
}
LIST: Final[dict[str, Any]] = {
    "name": "eas",
    "title": "Electronic address schemes (EAS)",
    "source": "EN 16931 validation artefacts 1.3.16",
    "date": "2026-04-14",
    "count": 2,
    "href": f"{ROOT}/code-lists/eas",
}
CODE_LISTS: Final = {"data": [LIST]}
CODE_LIST: Final = {**LIST, "codes": [{"code": "0088", "name": ""}, {"code": "0192", "name": ""}]}
