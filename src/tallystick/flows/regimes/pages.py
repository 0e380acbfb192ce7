"""Pages of rules. They are the same for every tenant, cursors too."""

from typing import Final
from uuid import UUID

from msgspec import Struct, structs

from tallystick.flows.gateway import Gateway
from tallystick.flows.paging import BadCursor, Page, read_place, write_cursor
from tallystick.flows.regimes.explorer import Sought
from tallystick.flows.regimes.views import RuleView

__all__ = ["rules_page"]

NOBODY: Final = UUID(int=0)


class RulePlace(Struct, array_like=True, frozen=True):
    """The last rule of a page."""

    rule: str


def rules_page(gateway: Gateway, name: str, sought: Sought, limit: int, cursor: str | None) -> Page[RuleView]:
    """At most `limit` of the rules that are sought, in the order of the table.

    Raises NoSuchRegime, and BadCursor for a cursor of another list or of a rule that is there no more.
    """
    found = gateway.explorer.rules(name, sought)
    bound = (gateway.keyring, NOBODY, f"rules {name}", structs.asdict(sought))
    start = 0
    if cursor is not None:
        last = read_place(RulePlace, *bound, cursor).rule
        places = [index for index, rule in enumerate(found) if rule.id == last]
        if not places:
            raise BadCursor
        start = places[0] + 1
    data = list(found[start : start + limit])
    more = start + limit < len(found)
    following = write_cursor(*bound, RulePlace(data[-1].id)) if more else None
    return Page(data=data, next_cursor=following, has_more=more)
