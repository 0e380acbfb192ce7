"""A value that must never reach a log, a trace, an answer or a pickle."""

import hmac
from typing import Any, Final, NoReturn, final

__all__ = ["Secret"]

SHOWN: Final = "Secret(…)"


@final
class Secret:
    """Text or bytes that only `reveal` and `reveal_bytes` hand out.

    Printing, formatting, hashing, pickling, copying and JSON encoding show the placeholder or fail.
    Comparison takes constant time.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | bytes) -> None:
        self._value = value.encode() if isinstance(value, str) else bytes(value)

    def reveal(self) -> str:
        """The secret as text. Raises UnicodeDecodeError if it is not text (use `reveal_bytes`)."""
        return self._value.decode()

    def reveal_bytes(self) -> bytes:
        """The secret as bytes (UTF-8 if it was given as text)."""
        return self._value

    def __repr__(self) -> str:
        return SHOWN

    def __format__(self, spec: str) -> str:
        return SHOWN

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Secret cannot be pickled or copied")
