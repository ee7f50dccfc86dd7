"""The provider: the objects it stores and the events it emits when they change."""

import json
import sqlite3
from collections.abc import Callable
from contextvars import ContextVar
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from .switches import Switches
from .wire import API_VERSION, Json, new_id, new_object, no_such

CREATE = """
create table if not exists facts (
  kind text not null,
  id text not null,
  body text not null,
  primary key (kind, id)
)
"""
LOAD = """
select kind, id, body
from facts
order by rowid
"""
SAVE = """
insert into facts (kind, id, body)
values (?, ?, ?)
on conflict (kind, id) do update set body = excluded.body
"""
REMOVE = """
delete from facts
where kind = ?
  and id = ?
"""

# The request that causes an event; a change at the dashboard or by the bank has none.
cause: ContextVar[Json | None] = ContextVar("cause", default=None)


class State:
    """Keeps objects in memory, oldest first, and writes each through to a file if there is one."""

    def __init__(self, file: Path | None = None) -> None:
        self._kinds: dict[str, dict[str, Json]] = {}
        self._file: sqlite3.Connection | None = None
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(file, isolation_level=None)
            # The end of the process loses nothing; only a crash of the machine may, and this is not a bank.
            self._file.execute("pragma journal_mode = wal")
            self._file.execute("pragma synchronous = off")
            self._file.execute(CREATE)
            for kind, key, body in self._file.execute(LOAD):
                self._kinds.setdefault(kind, {})[key] = json.loads(body)

    def put(self, kind: str, key: str, body: Json) -> None:
        """Store a body under its kind and key."""
        self._kinds.setdefault(kind, {})[key] = body
        if self._file:
            self._file.execute(SAVE, (kind, key, json.dumps(body)))

    def save(self, *things: Json) -> None:
        """Store objects of the wire under their own kind and id."""
        for thing in things:
            self.put(thing["object"], thing["id"], thing)

    def get(self, kind: str, key: str | None) -> Json | None:
        """Return an object; None if there is none."""
        return self._kinds.get(kind, {}).get(key or "")

    def __getitem__(self, kind_and_key: tuple[str, str]) -> Json:
        kind, key = kind_and_key
        return self._kinds[kind][key]

    def all(self, kind: str) -> list[Json]:
        """List the objects of a kind, oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def remove(self, kind: str, key: str) -> None:
        """Remove an object."""
        self._kinds.get(kind, {}).pop(key, None)
        if self._file:
            self._file.execute(REMOVE, (kind, key))

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()


@dataclass(frozen=True)
class Provider:
    """What every action works with.

    `deliver` takes the id of an event that the webhook endpoint has enabled: one of `enabled_events`, or any if that
    is empty. `public_url` is the address at which customers reach the hosted page.
    """

    state: State
    switches: Switches
    deliver: Callable[[str], None]
    api_key: str
    public_url: str | None = None
    enabled_events: frozenset[str] = frozenset()

    def need(self, kind: str, key: str, noun: str | None = None, *, param: str | None = None) -> Json:
        """Return an object that a call names; refuse the call if there is none."""
        found = self.state.get(kind, key)
        if found is None:
            raise no_such(noun or kind, key, param=param)
        return found

    def emit(self, kind: str, thing: Json, previous: Json | None = None) -> None:
        """Store the object, and an event with a copy of it; `previous` holds the old values of changed fields."""
        self.state.save(thing)
        enabled = not self.enabled_events or kind in self.enabled_events
        event = new_object(
            "event",
            new_id("evt"),
            api_version=API_VERSION,
            data={"object": deepcopy(thing)} | ({} if previous is None else {"previous_attributes": previous}),
            pending_webhooks=int(enabled),
            request=cause.get() or {"id": None, "idempotency_key": None},
            type=kind,
        )
        self.state.save(event)
        if enabled:
            self.deliver(event["id"])
