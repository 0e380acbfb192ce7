"""The command `tallystick`: the only printer. Every command imports what it needs when it runs."""

import sys
from collections.abc import Sequence
from typing import Annotated, Final, NoReturn

import typer

from tallystick.cli import (
    acts,
    artefacts,
    client,
    configuration,
    deciding,
    demo,
    documents,
    exploring,
    keys,
    onboarding,
    proof,
    registrations,
    services,
)
from tallystick.cli.printing import FAULTY, USAGE, Failure, say

__all__ = ["app", "main"]

EXPECTED: Final = {
    "SettingsError": USAGE,
    "EmbeddedError": FAULTY,
    "KeyringError": FAULTY,
    "StoreError": FAULTY,
    "StoreUnavailable": FAULTY,
    "StrategyConflict": FAULTY,
    "StrategyInvalid": FAULTY,
    "Unavailable": FAULTY,
}
"""Errors of ours that a user can do something about: told without a traceback, with this status."""

app = typer.Typer(
    name="tallystick",
    help="E-invoicing compliance gateway.",
    epilog="Exit status: 0 good, 1 faults or failure, 2 wrong usage, 3 not at its end, 4 signature unknown.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from tallystick import __version__

        print(f"tallystick {__version__}")
        raise typer.Exit


@app.callback()
def tallystick(
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """E-invoicing compliance gateway."""


COMMANDS: Final = (
    demo.demo,
    documents.read,
    documents.check,
    documents.build,
    exploring.regimes,
    exploring.rules,
    proof.verify,
    client.post,
    client.receipt,
    acts.cancel,
    acts.act,
    onboarding.onboard,
    onboarding.renew,
    onboarding.takeover,
    services.serve,
    services.worker,
    services.sandbox,
    services.migrate,
    proof.fsck,
    deciding.replay,
    deciding.resolve,
    keys.tenants,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(registrations.app, name="registrations")
app.add_typer(keys.app, name="keys")
app.add_typer(artefacts.app, name="artefacts")
app.add_typer(configuration.app, name="config")


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The command line: the process's own arguments unless some are handed in. Ends with SystemExit."""
    try:
        app(args=None if arguments is None else list(arguments), prog_name="tallystick")
    except Failure as failure:
        say(f"tallystick: {failure}")
        sys.exit(failure.status)
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stdout = None  # nothing is left to flush
        sys.exit(FAULTY)
    except Exception as error:
        status = EXPECTED.get(type(error).__name__)
        if status is None:
            raise
        for line in str(error).splitlines() or [type(error).__name__]:
            say(f"tallystick: {line}")
        sys.exit(status)
    sys.exit(0)
