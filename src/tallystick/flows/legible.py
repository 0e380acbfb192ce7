"""What a strategy heard, as it can be written down.

JSON can spell half a pair of surrogates, which no UTF-8 can, and the character zero, which no text of
PostgreSQL can hold. An authority may do so; an outcome must not be lost over that.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

__all__ = ["legible"]

T = TypeVar("T")


def legible(said: T) -> T:
    """The same with U+FFFD for each half of a pair and each zero, in all texts within it; itself where there
    is none.
    """
    found: T = _legible(said)
    return found


def _legible(said: Any) -> Any:
    if type(said) is str:
        return _text(said)
    if isinstance(said, Struct):
        members = {name: getattr(said, name) for name in said.__struct_fields__}
        mended = _changed(members)
        return replace(said, **mended) if mended else said
    if isinstance(said, Mapping):
        return {_legible(key): _legible(value) for key, value in said.items()}
    if type(said) is tuple or type(said) is list:
        return type(said)(_legible(item) for item in said)
    return said


def _changed(members: Mapping[str, Any]) -> dict[str, Any]:
    mended = {name: _legible(value) for name, value in members.items()}
    return {name: value for name, value in mended.items() if value != members[name]}


def _text(said: str) -> str:
    try:
        said.encode()
    except UnicodeEncodeError:
        said = said.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return said.replace("\0", "\ufffd")
