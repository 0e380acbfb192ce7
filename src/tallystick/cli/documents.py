"""`read`, `check`, `build`: documents on the user's own machine, without a database."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tallystick.cli.intake import Outlet, Source, place, sources_of
from tallystick.cli.printing import (
    DONE,
    FAULTY,
    USAGE,
    Failure,
    plain,
    progress,
    say,
    show,
    show_json,
    write,
)

if TYPE_CHECKING:
    from tallystick.canonical import Fault
    from tallystick.cli.judging import Made, Office

__all__ = ["build", "check", "read"]

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="The documents; - is standard input.")]
Folder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="Write one result for each input, of its stem.")
]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the result here.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for each document.")]
Strategy = Annotated[
    str | None, typer.Option(help="Judge by this strategy, whoever serves the seller's country.")
]
Enrolment = Annotated[
    Path | None, typer.Option(metavar="FILE", help="An enrolment in place of the built-in test enrolment.")
]
Rules = Annotated[
    str | None,
    typer.Option(help="The rules setting of the enrolment, as the strategy's country page names them."),
]


def read(files: Files, out: Folder = None, output: Output = None, as_json: AsJson = False) -> None:
    """Read a wire document into canonical JSON. What the model cannot carry is named on standard error."""
    sources = sources_of(files)
    outlet = Outlet(sources, ".json", out, output)
    if len(sources) > 1 and not outlet.is_file:
        raise Failure("several inputs need a folder: --out DIR", USAGE)
    office = opened()
    done = [
        told(source, office.read(source.read()), outlet, as_json, "invoice")
        for source in progress(sources, "reading")
    ]
    raise typer.Exit(max(done, default=DONE))


def check(
    files: Files,
    strategy: Strategy = None,
    rules: Rules = None,
    enrolment: Enrolment = None,
    out: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong with canonical invoices."""
    sources = sources_of(files)
    outlet = Outlet(sources, ".json", out)
    office = opened(strategy, rules, enrolment)
    verdicts = []
    for source in progress(sources, "checking"):
        made = judged(office.check, source)
        if outlet.is_file:
            keep(outlet, source, made)
        if as_json:
            show_json(summary(source, made))
        else:
            show_verdict(source, made)
        verdicts.append(DONE if made.good else FAULTY)
    raise typer.Exit(max(verdicts, default=DONE))


def build(
    files: Files,
    strategy: Strategy = None,
    rules: Rules = None,
    enrolment: Enrolment = None,
    out: Folder = None,
    output: Output = None,
    artifacts: Annotated[bool, typer.Option(help="Write what is kept beside the document too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Build the wire documents of canonical invoices, as a registered seller's would be."""
    sources = sources_of(files)
    outlet = Outlet(sources, ".xml", out, output)
    if not outlet.is_file and (len(sources) > 1 or artifacts):
        raise Failure("several results need a folder: --out DIR", USAGE)
    office = opened(strategy, rules, enrolment)
    done = []
    for source in progress(sources, "building"):
        made = judged(office.build, source)
        done.append(told(source, made, outlet, as_json, "document"))
        if artifacts and made.good:
            for artifact in made.artifacts:
                place((out or (output or Path()).parent) / f"{source.stem}.{artifact.name}", artifact.body)
    raise typer.Exit(max(done, default=DONE))


def opened(strategy: str | None = None, rules: str | None = None, enrolment: Path | None = None) -> "Office":
    """The office. Raises Failure (wrong usage) for a strategy, rules or an enrolment that do not exist."""
    from tallystick.cli.judging import Office
    from tallystick.conformance import ExampleInvalid

    try:
        return Office(strategy, rules, enrolment)
    except KeyError:
        names = ", ".join(one.name for one in Office().registry.all)
        raise Failure(f"there is no strategy {strategy}; there are {names}", USAGE) from None
    except ExampleInvalid as error:
        raise Failure(str(error), USAGE) from None


def judged(work: Callable[[bytes], "Made"], source: Source) -> "Made":
    """What came of the source. Raises Failure (wrong usage) when the enrolment does not fit its strategy."""
    from tallystick.conformance import ExampleInvalid

    try:
        return work(source.read())
    except ExampleInvalid as error:
        raise Failure(str(error), USAGE) from None


def told(source: Source, made: "Made", outlet: Outlet, as_json: bool, member: str) -> int:
    """Hand the result over and say what there is to say; the exit status of this document."""
    path = keep(outlet, source, made) if outlet.is_file else None
    if as_json:
        facts = summary(source, made)
        if made.body is not None and path is None:
            facts[member] = inlined(made)
        show_json({**facts, "file_written": str(path)} if path else facts)
        return DONE if made.good else FAULTY
    for unread in made.unread:
        say(f"{source.name}: not carried: {unread.path} = {unread.value!r}{reason_of(unread.reason)}")
    for fault in made.faults:
        say(text_of(source.name, fault))
    if made.body is not None and path is None:
        write(made.body)
    return DONE if made.good else FAULTY


def keep(outlet: Outlet, source: Source, made: "Made") -> Path:
    """Write what came of the source; where."""
    import msgspec

    if made.good and made.body is not None:
        return outlet.keep(source, made.suffix, made.body)
    return outlet.keep_faults(source, msgspec.json.format(msgspec.json.encode(made.faults), indent=2) + b"\n")


def inlined(made: "Made") -> Any:
    """The result as a member of a JSON object: JSON as it is, anything else as text."""
    import json

    assert made.body is not None
    return json.loads(made.body) if made.suffix == ".json" else made.body.decode()


def summary(source: Source, made: "Made") -> dict[str, Any]:
    """What is said of a document with `--json`."""
    import msgspec

    found: dict[str, Any] = {"file": source.name, "good": made.good, **msgspec.to_builtins(made.facts)}
    found["faults"] = msgspec.to_builtins(made.faults)
    if made.unread:
        found["not_carried"] = msgspec.to_builtins(made.unread)
    if made.body is not None:
        found |= {"size": len(made.body), "sha256": hashlib.sha256(made.body).hexdigest()}
    return found


def show_verdict(source: Source, made: "Made") -> None:
    """The faults of a document for people, or that it is good."""
    for fault in made.faults:
        show(text_of(source.name, fault))
    if made.good:
        show(f"{source.name}: good ({made.facts['strategy']}, {made.facts['strategy_reason']})")


def text_of(name: str, fault: "Fault") -> str:
    """A fault in a few lines: where, which rule, what is wrong, and how to mend it."""
    severity = "" if fault.severity == "error" else f"{fault.severity}: "
    number = fault.rule.id if fault.rule else fault.code
    lines = [f"{name}: {fault.pointer or 'the document'}: {severity}{number}: {fault.message}"]
    more = {
        "expected": fault.expected,
        "actual": fault.actual,
        "computed at": fault.computed,
        "at": fault.wire_location,
    }
    if plain(more):
        lines.append("    " + ", ".join(f"{word} {value}" for word, value in plain(more).items()))
    for step in fault.calculation:
        operands = f": {', '.join(step.operands)} →" if step.operands else ""
        lines.append(f"    {step.operation}{operands} {step.result}".rstrip())
    if fault.hint:
        lines.append(f"    hint: {fault.hint}")
    return "\n".join(lines)


def reason_of(reason: str) -> str:
    """A reason in brackets, if there is one."""
    return f" ({reason})" if reason else ""
