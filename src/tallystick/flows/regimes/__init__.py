"""What every loaded strategy knows and asks for: its rules, fields and code lists, as data for anybody.

Nothing here belongs to a tenant, and nothing is asked of the database.
"""

from tallystick.flows.regimes.explorer import Explorer, NoSuchRegime, Sought
from tallystick.flows.regimes.views import (
    Code,
    CodeList,
    CodeListInShort,
    CodeLists,
    EnvironmentView,
    FieldView,
    FieldViews,
    Regime,
    RegimeLinks,
    Regimes,
    RuleView,
    SetView,
)

__all__ = [
    "Code",
    "CodeList",
    "CodeListInShort",
    "CodeLists",
    "EnvironmentView",
    "Explorer",
    "FieldView",
    "FieldViews",
    "NoSuchRegime",
    "Regime",
    "RegimeLinks",
    "Regimes",
    "RuleView",
    "SetView",
    "Sought",
]
