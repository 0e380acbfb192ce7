"""`serve`, `worker`, `sandbox`: the processes that stay; `migrate`."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from tallystick.cli.printing import Failure, say, show_json
from tallystick.cli.surroundings import (
    at_head,
    end_with_standard_input,
    orderly,
    servers,
)

__all__ = ["migrate", "sandbox", "serve", "worker"]

UntilInputEnds = Annotated[
    bool, typer.Option("--until-input-ends", help="End when standard input closes, as it does with a parent.")
]


def serve(until_input_ends: UntilInputEnds = False) -> None:
    """Run the HTTP API. In development it migrates the database first."""
    from tallystick import api
    from tallystick.worker.wake import Waker

    if until_input_ends:
        end_with_standard_input()
    with servers() as settings:
        at_head(settings)
        wake = Waker(settings.redis_url).wake if settings.redis_url else None
        api.serve(
            settings, wake=wake, ready=lambda url: say(f"the API listens on {url}, its manual is {url}/docs")
        )


def worker(until_input_ends: UntilInputEnds = False) -> None:
    """Submit what was accepted, recover what was left behind, deliver webhooks."""
    from tallystick.cli.logs import log_to_standard_error
    from tallystick.webhooks.deliver import loop
    from tallystick.worker import service

    if until_input_ends:
        end_with_standard_input()
    with servers() as settings:
        at_head(settings)
        log_to_standard_error(settings.log_level)
        asyncio.run(service.serve(settings, beside=(loop,)))


def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one.")] = 8090,
    journal: Annotated[Path | None, typer.Option(help="File that remembers what was processed.")] = None,
    consumer_journal: Annotated[Path | None, typer.Option(help="File that remembers webhooks.")] = None,
    token: Annotated[str | None, typer.Option(help="What X-Token must hold; unset: anything.")] = None,
    duplicates: Annotated[
        Literal["again", "refuse"], typer.Option(help="What a second transmission of one id gets.")
    ] = "again",
    refusal: Annotated[
        Literal["receiver", "verifier"], typer.Option(help="Who refuses a bad document.")
    ] = "receiver",
    until_input_ends: UntilInputEnds = False,
) -> None:
    """Play the authorities and a webhook consumer, for trials and tests."""
    from tallystick import sandbox as room

    if until_input_ends:
        end_with_standard_input()
    with orderly():
        try:
            room.serve(
                host,
                port,
                journal,
                token,
                consumer_journal_path=consumer_journal,
                duplicates=duplicates,
                refusal=refusal,
                ready=introduce,
            )
        except OSError as error:
            raise Failure(f"cannot listen on {host}:{port}: {error.strerror}") from error


def introduce(url: str) -> None:
    """Say where the sandbox listens and what is there."""
    from tallystick import sandbox as room

    show_json(room.endpoints(url))


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing: say whether it is up to date.")
    ] = False,
) -> None:
    """Bring the database to the newest migration. DATABASE_URL is the owner's address."""
    from tallystick.store import migrate as migrations

    with servers() as settings:
        url = settings.database_url or ""
        if check:
            migrations.check(url)
        else:
            migrations.upgrade(url)
        show_json({"migration": migrations.current(url)})
