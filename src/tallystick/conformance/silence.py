"""Where a secret would be seen: every spelling of it, looked for in what was said and written."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from urllib.parse import quote

from tallystick.conformance.talk import secrets_of
from tallystick.strategy import Enrolment

__all__ = ["leaks", "spellings"]


def spellings(enrolment: Enrolment) -> set[str]:
    """Every secret as it is, in base64, in hex and as a URL spells it."""
    found = set()
    for value in filter(None, secrets_of(enrolment).values()):
        text = value.decode("latin-1")
        encoded = b64encode(value).decode().rstrip("="), urlsafe_b64encode(value).decode().rstrip("=")
        found |= {text, quote(text, safe=""), value.hex(), repr(text)[1:-1], *encoded}
    return found


def leaks(texts: Iterable[str], enrolment: Enrolment) -> list[str]:
    """The texts in which a secret of the enrolment stands, each cut short."""
    wanted = spellings(enrolment)
    return [text[:200] for text in texts if any(spelling in text for spelling in wanted)]
