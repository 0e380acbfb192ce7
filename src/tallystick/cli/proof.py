"""`verify`: what a receipt proves, said by the same program that travels in it. `fsck`: the whole store."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final
from zipfile import BadZipFile, ZipFile

import typer

from tallystick.cli.intake import STANDARD_INPUT, Source, body_of, sources_of
from tallystick.cli.printing import (
    DONE,
    FAULTY,
    OPEN,
    UNKNOWN_SIGNATURE,
    USAGE,
    Failure,
    say,
    show,
    show_json,
)

if TYPE_CHECKING:
    from tallystick.flows.fsck import Report

__all__ = ["fsck", "verify"]

STATUS: Final = {"complete": DONE, "broken": FAULTY, "open": OPEN, "signature unknown": UNKNOWN_SIGNATURE}


def verify(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Receipts (ZIP); - is standard input.")
    ],
    key: Annotated[
        str, typer.Option(help="The gateway's public ledger key, or a file with it. Not from the receipt!")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each receipt.")] = False,
) -> None:
    """Say what receipts prove: complete, open, broken (where), or signature unknown. Needs no network."""
    ledger_key = key_of(key)
    verdicts = []
    for source in sources_of(files):
        found = verdict(source, ledger_key)
        verdicts.append(STATUS[found["word"]])
        if as_json:
            show_json({"file": source.name, **found})
        else:
            show_verdict(source, found)
    raise typer.Exit(next((status for status in (1, 4, 3) if status in verdicts), DONE))


def key_of(text: str) -> str:
    """The key, or what the file of that name holds."""
    if text and "+" not in text and Path(text).is_file():
        return Path(text).read_text(encoding="utf-8").strip()
    return text.strip()


def verdict(source: Source, key: str) -> dict[str, Any]:
    """What the receipt proves. Raises Failure (wrong usage) for a malformed key."""
    from tallystick.ledger import verifier

    try:
        if source.path != STANDARD_INPUT:
            body_of(source.path)
            return noted(source.path, verifier.verify(str(source.path), key))
        with tempfile.NamedTemporaryFile(suffix=".zip") as copy:
            copy.write(source.read())
            copy.flush()
            return noted(Path(copy.name), verifier.verify(copy.name, key))
    except ValueError as error:
        raise Failure(f"the key cannot be used: {error}", USAGE) from None


def noted(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """The verdict, and whether the verifier that travels in the receipt is the one that spoke."""
    from tallystick.ledger import verifier

    ours = Path(verifier.__file__).read_bytes()
    try:
        with ZipFile(path) as archive:
            same = archive.read("verify.py") == ours
    except (OSError, KeyError, BadZipFile, ValueError, RuntimeError, NotImplementedError):
        same = False
    return {**found, "own_verifier": same}


def show_verdict(source: Source, found: dict[str, Any]) -> None:
    """The verdict for people."""
    show(f"{source.name}: {found['word']}: {found['reason']}")
    for name in ("entries", "head", "state", "erased"):
        if found.get(name):
            show(f"    {name}: {found[name]}")
    if not found["own_verifier"]:
        say(f"{source.name}: carries another verify.py than this version's; do not run it unread")


def fsck(
    sandbox_journal: Annotated[Path | None, typer.Option(help="What the sandbox says it processed.")] = None,
    consumer_journal: Annotated[Path | None, typer.Option(help="Which webhooks its consumer got.")] = None,
    client_journal: Annotated[Path | None, typer.Option(help="Which answers a client got.")] = None,
    receipt: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="An earlier receipt to hold the log against.")
    ] = None,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds that something due may wait for a worker.")
    ] = 300.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check the whole store: nothing lost, nothing doubled, every hash, state and delivery as it must be."""
    import asyncio

    from tallystick.cli.surroundings import servers
    from tallystick.flows import fsck as checker
    from tallystick.keys import Keyring, raw_public

    named = [sandbox_journal, consumer_journal, client_journal, *(receipt or [])]
    sources_of([path for path in named if path is not None])
    with servers() as settings:
        keyring = Keyring.open_for_api(settings.key_directory, create=False)
        url = settings.worker_database_url or settings.database_url or ""
        work = checker.run(
            url,
            sandbox_journal=sandbox_journal,
            consumer_journal=consumer_journal,
            client_journal=client_journal,
            receipts=receipt or [],
            webhook_key=raw_public(keyring.publics["webhook"]),
            patience=patience,
        )
        try:
            report = asyncio.run(work)
        except (ValueError, OSError) as error:
            raise Failure(str(error)) from error
    show_report(report, as_json)
    raise typer.Exit(DONE if report.clean else FAULTY)


def show_report(report: "Report", as_json: bool) -> None:
    """What was looked at and what is not as it must be."""
    counts = {name: count for name, count in sorted(report.counts.items()) if count}
    if as_json:
        findings = [
            {"invariant": one.invariant, "what": one.what, "where": one.where} for one in report.findings
        ]
        show_json({"clean": report.clean, "found": report.found, "findings": findings, "counts": counts})
        return
    for one in report.findings:
        show(f"{one.invariant}: {one.where}: {one.what}")
    say("looked at " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in counts.items()))
    show("clean" if report.clean else f"{report.found} findings")
