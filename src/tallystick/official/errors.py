"""What goes wrong with the second judge; the tree is drawn in the room's docstring."""

__all__ = ["JudgeFailed", "NotInstalled", "OfficialError", "Unusable"]

EXTRA = "SaxonC is not installed: the second judge needs the extra `official`, as in tallystick[official]"


class OfficialError(Exception):
    """Something about the second judge, never about the invoice."""


class NotInstalled(OfficialError):
    """The extra that brings the processor is missing."""

    def __init__(self) -> None:
        super().__init__(EXTRA)


class Unusable(OfficialError):
    """The publisher's files cannot be used as they are."""


class JudgeFailed(OfficialError):
    """No verdict on this document: `word` is `crashed`, `timeout` or `memory`, for counting."""

    def __init__(self, word: str, detail: str) -> None:
        super().__init__(detail)
        self.word = word
