"""`demo`: real invoices from POST to a receipt that a stand-alone program verifies, on one machine."""

import sys
import time
from typing import Annotated

import typer

from tallystick.cli.printing import FAULTY, Failure, say

__all__ = ["demo"]


def demo(
    keep: Annotated[
        bool | None,
        typer.Option(help="Keep running until Ctrl-C, to look around; unset: when a person watches."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each invoice.")] = False,
) -> None:
    """Show the whole way of real invoices: posted, submitted, interrupted, recovered, proved."""
    from tallystick.cli.demo.cast import OWN, cast_of
    from tallystick.cli.demo.play import Player
    from tallystick.cli.demo.review import broken_promises, show_codes, show_outcome, show_ways_on
    from tallystick.cli.demo.stage import stage
    from tallystick.conformance.trial import FIXTURES

    if FIXTURES is None or not FIXTURES.is_dir():
        raise Failure("the demo posts the invoices of a checkout's fixtures: clone the repository first")
    begun = time.monotonic()
    run = f"{int(time.time()) % 16**6:06X}"
    kept = keep if keep is not None else sys.stdin.isatty() and sys.stdout.isatty()
    say("starting PostgreSQL, Valkey, the gateway, a worker and the sandbox …")
    with stage(run) as found:
        cast = cast_of(FIXTURES, found.home.parent / OWN, run)
        player = Player(found, run, cast.enrolling)
        player.prepare(cast.pieces)
        played = [player.post(piece) for piece in cast.pieces]
        player.watch(played)
        player.collect(played)
        problems = list(broken_promises(player, played))
        show_outcome(played, as_json)
        show_codes(played)
        for problem in problems:
            say(f"not as promised: {problem}")
        say(f"{len(played)} invoices, {len(problems)} promises broken, {time.monotonic() - begun:.1f} s")
        show_ways_on(player, played, kept)
        while kept:
            time.sleep(3600)
    raise typer.Exit(FAULTY if problems else 0)
