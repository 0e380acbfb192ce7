"""`artefacts`: the publishers' own files, brought from the user's disk to judge beside us."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar, get_args

import typer

from tallystick.cli.printing import FAULTY, USAGE, Failure, say, show, show_json, show_table

if TYPE_CHECKING:
    from tallystick.official import Artefacts, Opinion
    from tallystick.official.artefacts import Level
    from tallystick.official.shelf import Shelf

__all__ = ["app"]

T = TypeVar("T")

app = typer.Typer(
    help="The publishers' own schemas and rules: a second judge.", no_args_is_help=True, rich_markup_mode=None
)
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Profile = Annotated[str, typer.Argument(metavar="NAME", help="The set's name; `artefacts list` shows them.")]
TITLES: Final = ("Name", "Strategy", "Version", "Documents", "Specifications", "Rules", "Files", "Digest")


Sources = Annotated[
    list[Path],
    typer.Argument(metavar="DIR...", help="Folders, taken whole, or files, with all that they refer to."),
]
Within = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR",
        help="Files of this folder may refer to all of it (repeatable); else to the folder they stand in.",
    ),
]
Roots = Annotated[
    list[str] | None,
    typer.Option(metavar="ELEMENT", help="Only documents of this element (repeatable), such as Invoice."),
]
Customizations = Annotated[
    list[str] | None,
    typer.Option(metavar="ID", help="Only documents that name this specification, BT-24 (repeatable)."),
]
Levels = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE=LEVEL",
        help="A severity the publisher configures apart (repeatable): fatal, warning or information.",
    ),
]
Since = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only documents issued on this day or later.")
]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only documents issued on this day or before.")
]
Ignored = Annotated[
    list[str] | None,
    typer.Option(metavar="RULE", help="A number that counts for nothing here (repeatable)."),
]
Replace = Annotated[bool, typer.Option("--replace", help="Take the place of the set of this name.")]


@app.command("add")
def add(
    sources: Sources,
    profile: Annotated[str, typer.Option(metavar="NAME", help="What this set is called here.")],
    strategy: Annotated[str, typer.Option(help="Whose documents it judges; `regimes` lists the strategies.")],
    within: Within = None,
    root: Roots = None,
    customization: Customizations = None,
    since: Since = None,
    until: Until = None,
    version: Annotated[str, typer.Option(help="The publisher's version, to be shown.")] = "",
    title: Annotated[str, typer.Option(help="A title, to be shown.")] = "",
    phase: Annotated[str, typer.Option(help="The Schematron phase to run instead of the default one.")] = "",
    level: Levels = None,
    ignore: Ignored = None,
    replace: Replace = False,
) -> None:
    """Bring a publisher's XSD, Schematron or XSLT; it is tried before it counts."""
    from tallystick.official.bringing import Brought, bring

    known_strategy(strategy)
    brought = Brought(
        profile=profile,
        strategy=strategy,
        sources=sources,
        within=tuple(within or ()),
        version=version,
        title=title,
        phase=phase,
        roots=tuple(root or ()),
        customizations=tuple(customization or ()),
        since=f"{since:%Y-%m-%d}" if since else "",
        until=f"{until:%Y-%m-%d}" if until else "",
        ignored=tuple(ignore or ()),
        levels=dict(level_of(each) for each in level or ()),
        added_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    found = told(lambda: bring(shelf(), brought, replace=replace))
    for layer in found.layers:
        of = ", ".join(each.rpartition("}")[2] for each in layer.roots)
        say(f"{layer.kind}: {layer.path}{f' ({of})' if of else ''}")
    show(f"{found.profile}: {len(found.files)} files, {len(found.rules)} rules, sha256 {found.digest}")


@app.command("list")
def list_artefacts(as_json: AsJson = False) -> None:
    """List the sets, with the digest over all files of each."""
    import msgspec

    found = every(shelf())
    if as_json:
        for each in found:
            show_json(msgspec.to_builtins(each))
        return
    show_table(TITLES, [line_of(each) for each in found])


@app.command("remove")
def remove(profile: Profile) -> None:
    """Let a set judge no more, and delete its files unless another set has them too."""
    from tallystick.official import Unusable

    try:
        shelf().remove(profile)
    except Unusable as error:
        raise Failure(str(error)) from None
    except OSError as error:
        raise Failure(f"{error.filename}: {error.strerror}") from None


@app.command("check")
def check(
    profile: Annotated[str | None, typer.Argument(metavar="[NAME]", help="One set; unset: all.")] = None,
) -> None:
    """See that the files are those that were brought, and that they can be used."""
    from tallystick.official.bringing import check as faults_of

    place = shelf()
    wrong = False
    for each in every(place) if profile is None else (one(place, profile),):
        faults = told(lambda: faults_of(place, each))  # noqa: B023 -- runs at once
        show(f"{each.profile}: {'; '.join(faults) or 'sound'}")
        wrong = wrong or bool(faults)
    if wrong:
        raise typer.Exit(FAULTY)


@app.command("judge")
def judge(
    profile: Profile,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Documents, as XML.")],
    as_json: AsJson = False,
) -> None:
    """Judge documents by a set. Exit status 1 when one is refused."""
    import msgspec

    place = shelf()
    artefacts = one(place, profile)
    opinions = told(lambda: opinions_of(place, artefacts, files))
    for file, opinion in zip(files, opinions, strict=True):
        if as_json:
            show_json({"file": str(file), "valid": not opinion.fatal, **msgspec.to_builtins(opinion)})
            continue
        show(f"{file}: {'refused' if opinion.fatal else 'valid'}")
        for finding in opinion.findings:
            show(f"  {finding.level:<12}{finding.rule:<24}{finding.location}  {finding.text}")
    if any(opinion.fatal for opinion in opinions):
        raise typer.Exit(FAULTY)


async def opinions_of(place: "Shelf", artefacts: "Artefacts", files: list[Path]) -> "list[Opinion]":
    """What a set says of files, one after the other."""
    from tallystick.official.court import Court
    from tallystick.settings import load

    settings = load()
    court = Court(
        place.directory,
        seconds=settings.official_timeout_seconds,
        megabytes=settings.official_memory_mb,
    )
    try:
        return [await court.opinion(artefacts, read(file)) for file in files]
    finally:
        await court.close()


def read(file: Path) -> bytes:
    """A file's bytes. Raises Failure."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}", USAGE) from None


def shelf() -> "Shelf":
    """The installation's shelf."""
    from tallystick.official.shelf import shelf_of
    from tallystick.settings import load

    return shelf_of(load().data_directory)


def every(place: "Shelf") -> "tuple[Artefacts, ...]":
    """All sets. Raises Failure for a record that cannot be read."""
    from tallystick.official import Unusable

    try:
        return place.all()
    except Unusable as error:
        raise Failure(str(error)) from None


def one(place: "Shelf", profile: str) -> "Artefacts":
    """One set. Raises Failure when there is none of that name."""
    from tallystick.official import Unusable

    try:
        return place.named(profile)
    except Unusable as error:
        raise Failure(str(error), USAGE) from None


def told(work: "Callable[[], Awaitable[T]]") -> T:
    """What comes of the work; what is wrong with the files, or missing, as a Failure."""
    from tallystick.official import OfficialError

    async def run() -> T:
        return await work()

    try:
        return asyncio.run(run())
    except OfficialError as error:
        raise Failure(str(error)) from None


def known_strategy(name: str) -> None:
    """Raise Failure unless a strategy of this name is loaded."""
    from tallystick import strategies

    registry = strategies.load()
    if name not in registry:
        known = ", ".join(sorted(each.name for each in registry.all))
        raise Failure(f"there is no strategy {name}; there are {known}", USAGE)


def level_of(given: str) -> "tuple[str, Level]":
    """The rule and the level of `RULE=LEVEL`. Raises Failure."""
    from tallystick.official.artefacts import Level

    rule, _, level = given.partition("=")
    for known in get_args(Level):
        if rule and level == known:
            return rule, known
    raise Failure(f"--level is RULE=LEVEL, LEVEL one of {', '.join(get_args(Level))}", USAGE)


def line_of(found: "Artefacts") -> tuple[str, ...]:
    """A set in a table."""
    return (
        found.profile,
        found.strategy,
        found.version,
        ", ".join(found.roots) or "all",
        ", ".join(found.customizations) or "all others",
        str(len(found.rules)),
        str(len(found.files)),
        found.digest[:16],
    )
