"""Small JSON bodies (sellers, registrations, webhook endpoints, keys): bytes in, a typed struct or faults
out.

Invoices do not come this way: `flows.accept` decodes them itself. Both ways refuse the same things: what is
not UTF-8 or not JSON, nesting bombs, repeated names, control characters, unknown members.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec

from tallystick.api.ask import Ask
from tallystick.api.problems import Refusal, fault
from tallystick.canonical import Fault
from tallystick.canonical.text import forbidden_character, too_deep, unreadable
from tallystick.canonical.tree import Repeating, explained, native, step, tree_of

__all__ = ["MALFORMED", "decoded"]

T = TypeVar("T")
MALFORMED: Final = frozenset({"request/malformed", "request/empty", "request/encoding", "request/too-deep"})
LINE_BREAKS: Final = frozenset("\t\n\r")
KEYS_STAND: Final = re.compile("/settings/|/private_key$")
PEM: Final = re.compile(
    r"(-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=]+\r?\n)+-----END \2-----\s*)+"
)


async def decoded(ask: Ask, kind: type[T]) -> T:
    """The body as a `kind`. Raises Refusal 400 (not JSON) or 422 (faults, each with its pointer)."""
    body = await ask.body()
    optional = ask.operation.body is not None and not ask.operation.body.required
    tree = tree_of_body(b"{}" if optional and not body else body)
    faults = list(unclean(tree, ""))
    if faults:
        raise refused(faults)
    try:
        return msgspec.convert(native(tree), kind, strict=True)
    except (msgspec.ValidationError, ValueError) as error:
        text, pointer = explained(error)
        raise refused([fault(pointer, "request/bad-value", text)]) from None


def tree_of_body(body: bytes) -> Any:
    """The body's JSON tree. Raises Refusal 400."""
    found = unreadable(body) or too_deep(body.decode())
    if found is not None:
        raise Refusal("request/malformed", found.message, errors=(found,))
    try:
        return tree_of(body.decode())
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Refusal("request/malformed", f"The body is not JSON: {error.msg} ({place}).") from None


def unclean(node: Any, pointer: str) -> Iterator[Fault]:
    """Repeated names, and texts with characters that no name, URL or secret may hold. The tree is shallow.

    Keys and certificates have lines: PEM texts may stand where one is wanted.
    """
    if isinstance(node, Repeating):
        for name in node.repeated:
            yield fault(step(pointer, name), "request/repeated-name", "The name occurs more than once.")
    if isinstance(node, dict):
        for name, value in node.items():
            if dirty(name):
                yield fault(
                    step(pointer, name), "request/bad-character", "The name holds a control character."
                )
            yield from unclean(value, step(pointer, name))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from unclean(value, step(pointer, index))
    elif isinstance(node, str) and dirty(node) and not (KEYS_STAND.match(pointer) and PEM.fullmatch(node)):
        yield fault(pointer, "request/bad-character", "The text holds a control character.")


def dirty(text: str) -> bool:
    """Whether the text holds a control character, a line break, a lone surrogate or a non-character."""
    return forbidden_character(text) is not None or not LINE_BREAKS.isdisjoint(text)


def refused(faults: list[Fault]) -> Refusal:
    """The answer to a small body with faults."""
    count = len(faults)
    return Refusal(
        "request/invalid-body", f"{count} fault{'s' if count != 1 else ''}; see `errors`.", errors=faults
    )
