"""Which of a strategy's verbs work of some kind uses: `build` or `build_act`, `submit` or `submit_act`.

An act that was frozen is sent as it is, whatever became of the invoice meanwhile.
"""

from typing import Any

import msgspec

from tallystick.canonical import Invoice, decode
from tallystick.flows.abilities import abilities
from tallystick.flows.gateway import Gateway
from tallystick.flows.plan import Kind
from tallystick.flows.projecting import ISSUE
from tallystick.store import Connection, acts
from tallystick.store.work import Glimpse
from tallystick.strategy import Acts, Conversation, Document, Enrolment, Issued, Outcome, Strategy, Verdict

__all__ = ["Unspoken", "built", "issued_of", "lapsed", "talk"]


class Unspoken(Exception):
    """The strategy has no word for this kind of work, or what is stored can no longer be read."""


async def built(
    gateway: Gateway, db: Connection, seen: Glimpse, strategy: Strategy, enrolment: Enrolment
) -> Document | None:
    """What will be sent; None for an act on a document that is no longer in force. Raises Unspoken, and
    whatever the strategy raises.
    """
    invoice = _invoice(gateway, seen.payload)
    if seen.kind == ISSUE:
        return strategy.build(invoice, enrolment)
    able = _acting(strategy, seen.kind)
    standing = await acts.in_force(db, seen.invoice_id)
    if standing is None or seen.request is None:
        return None
    asked: Any = msgspec.json.decode(seen.request, type=able.acts[seen.kind])
    return able.build_act(seen.kind, asked, issued_of(standing, invoice), enrolment)


def talk(strategy: Strategy, kind: str, verb: Kind, document: Document, enrolment: Enrolment) -> Conversation:
    """The conversation for this kind of work. Raises Unspoken."""
    if kind == ISSUE:
        return (strategy.submit if verb == "submit" else strategy.inquire)(document, enrolment)
    able = _acting(strategy, kind)
    return (able.submit_act if verb == "submit" else able.inquire_act)(kind, document, enrolment)


def lapsed() -> Conversation:
    """For an act that came too late: nothing is sent."""
    return Outcome(verdict=Verdict.REJECTED, detail="the document is no longer in force")
    yield  # type: ignore[unreachable]  # a conversation without a request is still one


def issued_of(standing: acts.InForce, invoice: Invoice) -> Issued:
    """The document as acts see it: later marks win over earlier ones."""
    return Issued(
        invoice=invoice,
        verdict=Verdict(standing.verdict),
        reference=standing.reference or "",
        at=standing.at,
        marks=standing.marks,
    )


def _acting(strategy: Strategy, act: str) -> Acts:
    able = abilities(strategy).acts
    if able is None or act not in able.acts:
        raise Unspoken(f"{strategy.name} has no act {act}")
    return able


def _invoice(gateway: Gateway, payload: bytes) -> Invoice:
    invoice = decode(payload, gateway.strategies.blocks).invoice
    if invoice is None:
        raise Unspoken("a stored invoice can no longer be read")
    return invoice
