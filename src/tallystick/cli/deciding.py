"""`replay`, `resolve`: what a person decides where the gateway may not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

import typer

from tallystick.cli.intake import body_of
from tallystick.cli.operator import in_the_gateway, rows_of_all
from tallystick.cli.printing import FAULTY, say, show, show_json

if TYPE_CHECKING:
    from tallystick.flows import Caller
    from tallystick.flows.gateway import Gateway
    from tallystick.flows.operate import Operated
    from tallystick.settings import Settings

__all__ = ["replay", "resolve"]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for each invoice.")]


def replay(
    invoices: Annotated[list[UUID], typer.Argument(metavar="ID...", help="Invoices that are dead letters.")],
    reason: Annotated[str, typer.Option(help="Why; kept in the invoice's log.")] = "",
    as_json: AsJson = False,
) -> None:
    """Send dead letters again: the same bytes; what may have left before is asked about first."""
    from tallystick.flows import operate

    async def again(gateway: "Gateway", caller: "Caller", invoice: UUID) -> "Operated":
        return await operate.replay(gateway, caller, invoice, reason)

    decide(invoices, again, as_json)


def resolve(
    invoice: Annotated[UUID, typer.Argument(metavar="ID", help="A dead letter, or an invoice in conflict.")],
    decision: Annotated[
        Literal["sent", "not_sent"], typer.Option(help="Whether the authority has the document.")
    ],
    evidence: Annotated[Path, typer.Option(metavar="FILE", help="How you know: a text, kept in the log.")],
    reference: Annotated[str, typer.Option(help="The authority's own number, if it was sent.")] = "",
    status: Annotated[
        str | None, typer.Option(help="What the authority said of it, if it was sent; unset: accepted.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Settle by hand what the gateway cannot know: whether the authority has a document."""
    from tallystick.flows import operate

    text = body_of(evidence).decode("utf-8", "replace")

    async def settle(gateway: "Gateway", caller: "Caller", one: UUID) -> "Operated":
        return await operate.resolve(
            gateway, caller, one, decision, text, authority_status=status, reference=reference
        )

    decide([invoice], settle, as_json)


def decide(invoices: list[UUID], act: Any, as_json: bool) -> None:
    """Do it to each invoice, as its tenant; say where each stands. Ends with 1 when any was refused."""
    from tallystick.flows.administer.refusals import BadBody
    from tallystick.flows.errors import Illegal, NotFound

    async def each(gateway: "Gateway", settings: "Settings") -> list[bool]:
        done = []
        for invoice in invoices:
            try:
                caller = await operator_of(settings, invoice)
                told(await act(gateway, caller, invoice), as_json)
                done.append(True)
            except (Illegal, NotFound, ValueError) as error:
                say(f"{invoice}: {str(error) or 'there is no such invoice'}")
                done.append(False)
            except BadBody as error:
                say(f"{invoice}: {error.faults[0].message}")
                done.append(False)
        return done

    if not all(in_the_gateway(each)):
        raise typer.Exit(FAULTY)


async def operator_of(settings: "Settings", invoice: UUID) -> "Caller":
    """The operator, acting for the tenant of the invoice. Raises NotFound."""
    from tallystick.flows import Caller
    from tallystick.flows.errors import NotFound
    from tallystick.flows.operate import SCOPE

    for row in await rows_of_all(settings, "invoice", id=invoice):
        scopes = frozenset({SCOPE})
        return Caller(tenant_id=row["tenant_id"], key_prefix="operator", mode=row["mode"], scopes=scopes)
    raise NotFound


def told(now: "Operated", as_json: bool) -> None:
    """Where the invoice stands."""
    if as_json:
        show_json({name: getattr(now, name) for name in now.__struct_fields__})
    else:
        show(f"{now.invoice_id}: {now.processing_status}, {now.authority_status}")
