"""Everything the provider remembers, by kind and id."""

import json
import sqlite3
from pathlib import Path

from .shapes import Json

MAKE = """
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
FORGET = """
delete from facts
where kind = ?
  and id = ?
"""
CLEAR = "delete from facts"


class State:
    """Keeps objects in memory in the order they came, and writes each through to a file if there is one."""

    def __init__(self, file: Path | None = None) -> None:
        self._kinds: dict[str, dict[str, Json]] = {}
        self._file: sqlite3.Connection | None = None
        if file:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(file, isolation_level=None)
            # The end of the process loses nothing; only a crash of the machine may, and this is not a bank.
            self._file.execute("pragma journal_mode = wal")
            self._file.execute("pragma synchronous = off")
            self._file.execute(MAKE)
            for kind, key, body in self._file.execute(LOAD):
                self._kinds.setdefault(kind, {})[key] = json.loads(body)

    def put(self, kind: str, key: str, body: Json) -> None:
        """Keeps the body under its kind and key."""
        self._kinds.setdefault(kind, {})[key] = body
        if self._file:
            self._file.execute(SAVE, (kind, key, json.dumps(body)))

    def save(self, *things: Json) -> None:
        """Keeps objects of the wire, which name their kind and id themselves."""
        for thing in things:
            self.put(thing["object"], thing["id"], thing)

    def get(self, kind: str, key: str) -> Json | None:
        """Finds one object, or nothing."""
        return self._kinds.get(kind, {}).get(key)

    def all(self, kind: str) -> list[Json]:
        """Lists the objects of a kind, oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def keys(self, kind: str) -> list[str]:
        """Lists the keys of a kind, oldest first."""
        return list(self._kinds.get(kind, {}))

    def forget(self, kind: str, key: str) -> None:
        """Removes one object."""
        self._kinds.get(kind, {}).pop(key, None)
        if self._file:
            self._file.execute(FORGET, (kind, key))

    def clear(self) -> None:
        """Removes everything."""
        self._kinds.clear()
        if self._file:
            self._file.execute(CLEAR)

    def close(self) -> None:
        """Lets go of the file."""
        if self._file:
            self._file.close()
