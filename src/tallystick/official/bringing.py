"""Bringing a set: from files on the user's disk to artefacts that judge, tried before they count."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from msgspec import Struct, structs

from tallystick.official.artefacts import Artefacts, Filed, Level
from tallystick.official.court import Court
from tallystick.official.errors import NotInstalled, Unusable
from tallystick.official.gathering import Gathered, gathered
from tallystick.official.judge import rules_in
from tallystick.official.schematron import rules_of
from tallystick.official.shelf import Shelf

__all__ = ["Brought", "bring", "check", "installed"]

COMPILING: Final = 120.0  # seconds that a set may take to compile


class Brought(Struct, frozen=True, kw_only=True):
    """What the user says of the files he brings (see `Artefacts`, and `gathered` for `within`)."""

    profile: str
    strategy: str
    sources: Sequence[Path]
    within: Sequence[Path] = ()
    version: str = ""
    title: str = ""
    phase: str = ""
    roots: Sequence[str] = ()
    customizations: Sequence[str] = ()
    since: str = ""
    until: str = ""
    levels: Mapping[str, Level] = {}
    ignored: Sequence[str] = ()
    added_at: str = ""


def installed() -> bool:
    """Whether the extra that runs rule files is there."""
    return find_spec("saxonche") is not None


async def bring(
    shelf: Shelf, brought: Brought, *, replace: bool = False, court: Court | None = None
) -> Artefacts:
    """Copy, compile and record a set; nothing stays of one that cannot be used. Who brings another at the
    same time is waited for; bringing the very same once more changes nothing. `court` is asked to try it, if
    one is at hand.

    Raises NotInstalled, Unusable, JudgeFailed.
    """
    if not installed():
        raise NotInstalled
    if brought.since and brought.until and brought.until < brought.since:
        raise Unusable(f"no day is {brought.since} or later and {brought.until} or before")
    try:
        found = gathered(brought.sources, brought.roots, brought.phase, brought.within)
        async with shelf.alone():
            digest, filed = shelf.keep(found)
            with _forgotten(shelf, digest):
                artefacts = _set_of(brought, found, digest, filed)
                rules = _sayable(artefacts, shelf.home(artefacts))
                await _tried(shelf, artefacts, court)
                said = tuple(sorted(rules.difference(brought.ignored)))
                return shelf.put(structs.replace(artefacts, rules=said), replace=replace)
    except OSError as error:
        raise Unusable(f"the files cannot be kept: {error.strerror}: {error.filename}") from None


def _set_of(brought: Brought, found: Gathered, digest: str, filed: tuple[Filed, ...]) -> Artefacts:
    """What will be recorded, except the rules."""
    return Artefacts(
        profile=brought.profile,
        strategy=brought.strategy,
        version=brought.version,
        title=brought.title,
        digest=digest,
        roots=tuple(brought.roots),
        customizations=tuple(brought.customizations),
        since=brought.since,
        until=brought.until,
        levels=dict(brought.levels),
        ignored=tuple(brought.ignored),
        layers=found.layers,
        files=filed,
        added_at=brought.added_at,
    )


def _sayable(artefacts: Artefacts, home: Path) -> set[str]:
    """The numbers that a set can say. Raises Unusable when another one is configured."""
    rules = rules_in(artefacts, home)
    for layer in artefacts.layers:
        if layer.kind == "schematron":
            rules |= rules_of(home / layer.path, home, layer.phase)
    unknown = sorted({*artefacts.levels, *artefacts.ignored} - rules)
    if unknown:
        raise Unusable(f"no rule is numbered {unknown[0]}")
    return rules


async def check(shelf: Shelf, artefacts: Artefacts) -> tuple[str, ...]:
    """What is wrong with a set: files that are not what was brought, layers that cannot be used."""
    faults = tuple(shelf.faults(artefacts))
    if faults:
        return faults
    try:
        await _tried(shelf, artefacts)
    except (NotInstalled, Unusable) as error:
        return (str(error),)
    return ()


async def _tried(shelf: Shelf, artefacts: Artefacts, at_hand: Court | None = None) -> None:
    if at_hand is not None:
        return await at_hand.prepare(artefacts)
    court = Court(shelf.directory, seconds=COMPILING, megabytes=4096)
    try:
        await court.prepare(artefacts)
    finally:
        await court.close()


@contextlib.contextmanager
def _forgotten(shelf: Shelf, digest: str) -> Iterator[None]:
    """Files that came to nothing are deleted again."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(Unusable):  # other sets that cannot be read are no news here
            shelf.forget(digest)
        raise
