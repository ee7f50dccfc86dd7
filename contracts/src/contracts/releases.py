"""The snapshot of the last release: what readers out there rely on."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import orjson

from contracts.compatibility import changes
from contracts.event import Event
from contracts.faults import Fault
from contracts.schemas import Schema, schemas

SNAPSHOT: Final = "released.json"


def release_faults(events: Mapping[str, type[Event]], root: Path) -> list[Fault]:
    """What breaks the last release; a missing or unreadable snapshot is a fault too, for it hides all others."""
    remedy = "Restore it from the repository, or make the first one with `python -m contracts release`"
    path = root / SNAPSHOT
    if not path.exists():
        return [Fault(SNAPSHOT, "it is missing", remedy)]
    try:
        released: dict[str, Schema] = orjson.loads(path.read_bytes())["events"]
    except (ValueError, KeyError, TypeError):
        return [Fault(SNAPSHOT, "it is not a snapshot", remedy)]
    return changes(released, schemas(events))


def release(events: Mapping[str, type[Event]], root: Path) -> list[Fault]:
    """Write the snapshot unless it would break the last one; the faults that forbid it."""
    path = root / SNAPSHOT
    faults = release_faults(events, root) if path.exists() else []
    if not faults:
        options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
        path.write_bytes(orjson.dumps({"events": schemas(events)}, option=options))
    return faults
