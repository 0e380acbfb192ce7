"""Asking for an act on a document in force: judged, stored with its entry and event, left to the workers.

The same act asked twice is one act: as long as it is under way, and afterwards unless an Idempotency-Key
that was never seen says that it is meant anew. What was refused may be asked again. Of a document that is no
longer in force nothing can be asked.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct, json, structs

from tallystick.canonical import Fault, Invoice, decode
from tallystick.canonical.tree import explained
from tallystick.flows import Caller
from tallystick.flows.abilities import abilities
from tallystick.flows.actions import IN_FORCE, actions
from tallystick.flows.administer.refusals import BadBody
from tallystick.flows.errors import Illegal, KeyReused, NotFound, UnderWay
from tallystick.flows.gateway import Gateway
from tallystick.flows.hosts import endpoint_of
from tallystick.flows.resource import event_data
from tallystick.flows.showing_acts import resource_of
from tallystick.flows.transactions import persistently
from tallystick.flows.verbs import issued_of
from tallystick.ledger import Value
from tallystick.store import Body, Connection, append_entry, append_event, ids, keep, new_body
from tallystick.store import acts as table
from tallystick.store.acts import Act, Target
from tallystick.store.enrolled import enrolled
from tallystick.strategy import Acts, Enrolment, Strategy

__all__ = ["Asked", "ask"]

EVENT: Final = "act.requested"
KEY_DAYS: Final = 30
SOON: Final = 2  # seconds after which to look again at what is still under way
CREATED, KNOWN = 201, 200


class Asked(Struct, frozen=True, kw_only=True):
    """What became of the question. `status` 201: a new act, 200: one that was asked before; `body` is the
    act's resource as JSON, `replayed` says that it is the stored answer to the same Idempotency-Key.
    """

    act_id: UUID
    status: int
    body: bytes
    replayed: bool = False


class _Wanted(Struct, frozen=True, kw_only=True):
    """A question: whose, of which invoice, which act, with what, under which key."""

    caller: Caller
    invoice_id: UUID
    act: str
    given: Mapping[str, Any]
    key: str | None

    @property
    def path(self) -> str:
        """Under which its key counts, however the act was spelled."""
        return f"/v1/invoices/{self.invoice_id}/acts/{self.act}"

    @property
    def fingerprint(self) -> bytes:
        """What the key stands for."""
        return hashlib.sha256(json.encode(self.given, order="sorted")).digest()


async def ask(
    gateway: Gateway,
    caller: Caller,
    invoice_id: UUID,
    act: str,
    given: Mapping[str, Any],
    *,
    idempotency_key: str | None = None,
) -> Asked:
    """Have the authority asked for this act; `given` is the request's JSON object.

    Raises NotFound, Illegal (the document is not in force, or there is no such act), UnderWay (its own
    submission or another act is not at its end), BadBody (the request is wrong, or the strategy knows that it
    would be refused), KeyReused, Unavailable.
    """
    wanted = _Wanted(caller=caller, invoice_id=invoice_id, act=act, given=given, key=idempotency_key)

    async def once() -> Asked:
        async with gateway.store.tenant(caller.tenant_id) as db:
            return await _asked(gateway, db, wanted)

    done = await persistently(gateway, once)
    if done.status == CREATED and not done.replayed:
        gateway.wake(done.act_id)
    return done


async def _asked(gateway: Gateway, db: Connection, wanted: _Wanted) -> Asked:
    """One transaction, under the lock of the invoice: nobody else asks anything of it meanwhile."""
    caller = wanted.caller
    target = await table.hold(db, caller.tenant_id, caller.mode, wanted.invoice_id)
    if target is None:
        raise NotFound
    answered = await _answered(db, wanted)
    if answered is not None:
        return answered
    earlier = await table.acts_of(db, wanted.invoice_id)
    strategy, able = _able(gateway, target, wanted.act, earlier)
    asked = _typed(able.acts[wanted.act], wanted.given)
    request = json.encode(asked, order="sorted")
    known = _known(earlier, wanted, request)
    if known is not None:
        return Asked(act_id=known.id, status=KNOWN, body=json.encode(resource_of(known)))
    _refuse_untimely(gateway, target, earlier)
    await _judge(gateway, db, target, (strategy, able), wanted.act, asked)
    return await _written(db, wanted, target, strategy, request, earlier)


async def _answered(db: Connection, wanted: _Wanted) -> Asked | None:
    """The stored answer to this key. Raises KeyReused."""
    if wanted.key is None:
        return None
    caller = wanted.caller
    found = await table.stored_key(db, caller.tenant_id, caller.mode, wanted.path, wanted.key)
    if found is None:
        return None
    fingerprint, status, body = found
    if fingerprint != wanted.fingerprint:
        raise KeyReused(wanted.invoice_id)
    return Asked(act_id=UUID(json.decode(body)["id"]), status=status, body=body, replayed=True)


def _able(gateway: Gateway, target: Target, act: str, earlier: Sequence[Act]) -> tuple[Strategy, Acts]:
    """The strategy, which knows this act. Raises Illegal."""
    if target.strategy in gateway.strategies:
        strategy = gateway.strategies.by_name(target.strategy)
        able = abilities(strategy).acts
        if able is not None and act in able.acts:
            return strategy, able
    allowed = _allowed(gateway, target, earlier)
    raise Illegal(allowed, f"{target.strategy} has no act {act}: correct the document with a credit note")


def _allowed(gateway: Gateway, target: Target, earlier: Sequence[Act]) -> tuple[str, ...]:
    states = [each.state for each in earlier]
    return actions(
        gateway.strategies, target.strategy, target.processing_status, target.authority_status, states
    )


def _typed(kind: type[Struct], given: Mapping[str, Any]) -> Any:
    """The request as the strategy's own struct. Raises BadBody."""
    known = {field.encode_name for field in structs.fields(kind)}
    unknown = [
        Fault(
            code="act/unknown-field",
            pointer=f"/{name}",
            message="There is no such field.",
            expected=", ".join(sorted(known)),
        )
        for name in sorted(given.keys() - known)
    ]
    try:
        asked = msgspec.convert({name: given[name] for name in given.keys() & known}, kind, strict=True)
    except (msgspec.ValidationError, ValueError) as error:
        text, pointer = explained(error)
        raise BadBody(*unknown, Fault(code="act/bad-value", pointer=pointer, message=text)) from None
    if unknown:
        raise BadBody(*unknown)
    return asked


def _known(earlier: Sequence[Act], wanted: _Wanted, request: bytes) -> Act | None:
    """The act that was asked for before with the same request, if this is the same question."""
    for each in reversed(earlier):
        if each.kind != wanted.act or each.request != request or each.state == "rejected":
            continue
        ended_it = each.verdict == "cancelled"
        if each.state != "done" or ended_it or wanted.key is None:
            return each
    return None


def _refuse_untimely(gateway: Gateway, target: Target, earlier: Sequence[Act]) -> None:
    """Raises UnderWay or Illegal unless the document is in force and nothing else is being asked of it."""
    allowed = _allowed(gateway, target, earlier)
    if target.authority_status == "pending" and target.state != "dead":
        raise UnderWay("the document's own submission is still under way", SOON)
    if target.authority_status not in IN_FORCE or target.state != "done":
        raise Illegal(allowed, f"the document is not in force: {target.authority_status.replace('_', ' ')}")
    for each in earlier:
        if each.state in {"dead", "conflict"}:
            raise Illegal(allowed, f"the act {each.kind} waits for a person's decision")
        if each.state not in {"done", "rejected"}:
            raise UnderWay(f"the act {each.kind} is still under way", SOON)


async def _judge(
    gateway: Gateway, db: Connection, target: Target, by: tuple[Strategy, Acts], act: str, asked: Any
) -> None:
    """Every reason the strategy knows not to try. Raises BadBody, or Illegal when nothing is in force."""
    standing = await table.in_force(db, target.id)
    if standing is None:
        raise Illegal((), "the document is not in force")
    strategy, able = by
    issued = issued_of(standing, _invoice(gateway, target))
    enrolment = await _public(db, strategy, target)
    faults = tuple(able.check_act(act, asked, issued, enrolment))
    if any(fault.severity == "error" for fault in faults):
        raise BadBody(*gateway.explorer.linked(strategy.name, faults))


def _invoice(gateway: Gateway, target: Target) -> Invoice:
    invoice = decode(target.payload, gateway.strategies.blocks).invoice
    if invoice is None:
        raise RuntimeError("a stored invoice does not decode")
    return invoice


async def _public(db: Connection, strategy: Strategy, target: Target) -> Enrolment:
    """What `check_act` may know: no secret, no signer, no session. The clock is the database's."""
    row = await enrolled(db, target.registration_id) if target.registration_id is not None else None
    if row is None:
        return Enrolment(now=target.now)
    able = abilities(strategy).enrols
    return Enrolment(
        registration=str(row.id),
        taxpayer=row.taxpayer,
        tax_identifier=row.tax_identifier,
        environment=row.environment,
        endpoint=endpoint_of(strategy, row.environment, row.endpoint),
        settings=msgspec.convert(row.settings, able.settings_type) if able is not None else None,
        now=target.now,
    )


async def _written(
    db: Connection,
    wanted: _Wanted,
    target: Target,
    strategy: Strategy,
    request: bytes,
    earlier: Sequence[Act],
) -> Asked:
    """The act, its request, its entry, its event and its key: all of it, in this transaction."""
    caller, body = wanted.caller, new_body(request, "application/json", "act.json")
    turn = 1 + sum(each.kind == wanted.act for each in earlier)
    row: dict[str, Any] = {
        "id": ids.new(),
        "invoice_id": target.id,
        "tenant_id": caller.tenant_id,
        "kind": wanted.act,
        "turn": turn,
        "strategy": target.strategy,
        "authority": target.authority,
        "registration_id": target.registration_id,
        "external_ref": str(ids.random()),
        "request_object": body.id,
    }
    await keep(db, caller.tenant_id, body)
    await table.add(db, row)
    head = await _told(db, wanted, target, strategy.edition, row, body)
    made = next(each for each in await table.acts_of(db, target.id) if each.id == row["id"])
    answer = json.encode(resource_of(made))
    if wanted.key is not None:
        kept = {
            "tenant_id": caller.tenant_id,
            "mode": caller.mode,
            "path": wanted.path,
            "key": wanted.key,
            "fingerprint": wanted.fingerprint,
            "invoice_id": target.id,
            "status": CREATED,
            "headers": json.encode({"etag": head.hex()}).decode(),
            "body": answer,
        }
        await table.keep_key(db, kept, KEY_DAYS)
    return Asked(act_id=made.id, status=CREATED, body=answer)


async def _told(
    db: Connection, wanted: _Wanted, target: Target, edition: str, row: Mapping[str, Any], body: Body
) -> bytes:
    """The entry that says who asked for what, and its event; the entry's hash."""
    state: dict[str, Value] = {
        "processing_status": target.processing_status,
        "authority_status": target.authority_status,
    }
    data: dict[str, Value] = {
        **state,
        "reference": target.authority_reference,
        "act": wanted.act,
        "act_id": str(row["id"]),
        "turn": row["turn"],
        "strategy": row["strategy"],
        "edition": edition,
        "registration": str(row["registration_id"]) if row["registration_id"] else None,
        "external_ref": row["external_ref"],
    }
    appended = await append_entry(
        db,
        tenant=wanted.caller.tenant_id,
        stream_kind="invoice",
        stream_id=target.id,
        event=EVENT,
        actor=wanted.caller.actor,
        authority=row["authority"],
        data=data,
        objects=(body.ref,),
    )
    news = event_data(
        invoice_id=target.id,
        number=target.number,
        mode=wanted.caller.mode,
        processing_status=target.processing_status,
        authority_status=target.authority_status,
        authority_reference=target.authority_reference,
        act={"id": str(row["id"]), "name": wanted.act, "reference": None},
    )
    await append_event(db, tenant=wanted.caller.tenant_id, invoice_id=target.id, type=EVENT, data=news)
    return appended.hash
