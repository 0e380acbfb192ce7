"""PostgreSQL: tables, migrations, and the only SQL. Every time is the database's, every tenant walled in."""

from tallystick.store.accept import (
    AcceptResult,
    AcceptRow,
    FoundRegistration,
    StoredAnswer,
    accept,
    backlog,
    find_registrations,
    stored_answer,
)
from tallystick.store.append import Appended, append_entry, append_event, event_template
from tallystick.store.connecting import Connection
from tallystick.store.errors import StoreError, StoreUnavailable
from tallystick.store.objects import Body, body_of, keep, new_body
from tallystick.store.session import Store

__all__ = [
    "AcceptResult",
    "AcceptRow",
    "Appended",
    "Body",
    "Connection",
    "FoundRegistration",
    "Store",
    "StoreError",
    "StoreUnavailable",
    "StoredAnswer",
    "accept",
    "append_entry",
    "append_event",
    "backlog",
    "body_of",
    "event_template",
    "find_registrations",
    "keep",
    "new_body",
    "stored_answer",
]
