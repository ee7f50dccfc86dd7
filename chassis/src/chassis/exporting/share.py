"""A share of an export: records with sealed boxes among them, made readable and cut into parts that Kafka takes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, cast

import asyncpg
import orjson
from contracts.event import Sealed, SubjectKey

from chassis.identity.keyrings import KeyRings
from chassis.identity.keys import Keys, KeysUnavailable, Tombstone
from chassis.identity.sealing import SealBroken, seal

# In base64 and with what stands around it a part stays below what the outbox takes (900,000 bytes).
PART_BYTES: Final = 600_000
KIND: Final = "share"
UNOPENED: Final = "Fields that this service may not open, or cannot any more, are null."

Records = Mapping[str, Sequence[Mapping[str, Any]]]
"""Lists of records, by what they are called."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a service knows of a person; boxes (`Sealed`) may stand anywhere in the records.

    `notes` are sentences about what is left out.
    """

    records: Records
    notes: Sequence[str] = field(default=())


def records(rows: Iterable[asyncpg.Record], **change: Callable[[Any], Any]) -> list[dict[str, Any]]:
    """Return the rows of a query as records; what is named in `change` is changed by that function first."""
    return [{name: change[name](value) if name in change else value for name, value in row.items()} for row in rows]


def parsed(text: str | None) -> Any:
    """Return what a column holds as JSON: a box, or whatever has boxes anywhere in it."""
    return None if text is None else _with_boxes(orjson.loads(text))


async def readable(share: Share, rings: KeyRings, purposes: Sequence[str]) -> dict[str, Any]:
    """Return the records of a share with the text of each box, or null where none of the purposes opens it.

    Raises KeysUnavailable where accounts cannot be asked.
    """
    boxes = list(_boxes(share.records))
    keys = [await rings.ring(purpose).unlock(boxes) for purpose in purposes] if boxes else []
    opener = _Opener(keys)
    document: dict[str, Any] = opener.open(share.records)
    notes = [*share.notes, UNOPENED] if opener.unopened else [*share.notes]
    return {"notes": notes, **document}


def document_of(service: str, taken_at: datetime, content: Mapping[str, Any]) -> str:
    """Return the JSON text of a share."""
    whole = {"service": service, "taken_at": taken_at, **content}
    return orjson.dumps(whole, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()


def parts_of(text: str, limit: int = PART_BYTES) -> list[str]:
    """Cut a text into parts of at most `limit` bytes in UTF-8, between two characters."""
    data, parts, start = text.encode(), list[str](), 0
    while start < len(data):
        end = min(start + limit, len(data))
        while end < len(data) and data[end] & 0b1100_0000 == 0b1000_0000:
            end -= 1
        parts.append(data[start:end].decode())
        start = end
    return parts or [""]


def sealed_share(service: str, taken_at: datetime, content: Mapping[str, Any], to: SubjectKey) -> list[Sealed]:
    """Return the parts of a share's JSON, sealed to the key of its export."""
    return [seal(part, to, KIND) for part in parts_of(document_of(service, taken_at, content))]


@dataclass(slots=True)
class _Opener:
    """Puts texts in the place of boxes; what is erased, or does not open, is null."""

    keys: Sequence[Keys]
    unopened: bool = False

    def open(self, value: Any) -> Any:
        match value:
            case Sealed():
                return self._text(value)
            case Mapping():
                return {str(name): self.open(one) for name, one in cast("Mapping[str, Any]", value).items()}
            case list() | tuple():
                return [self.open(one) for one in cast("Sequence[Any]", value)]
            case _:
                return value

    def _text(self, box: Sealed) -> str | None:
        for keys in self.keys:
            try:
                text = keys.open(box)
            except KeysUnavailable:
                continue
            except SealBroken:
                break
            return None if isinstance(text, Tombstone) else text
        self.unopened = True
        return None


def _with_boxes(value: Any) -> Any:
    match value:
        case dict():
            inner = cast("dict[str, Any]", value)
            if inner.keys() == Sealed.model_fields.keys():
                return Sealed.model_validate_json(orjson.dumps(inner))
            return {name: _with_boxes(one) for name, one in inner.items()}
        case list():
            return [_with_boxes(one) for one in cast("list[Any]", value)]
        case _:
            return value


def _boxes(value: Any) -> Iterator[Sealed]:
    match value:
        case Sealed():
            yield value
        case Mapping():
            for one in cast("Mapping[str, Any]", value).values():
                yield from _boxes(one)
        case list() | tuple():
            for one in cast("Sequence[Any]", value):
                yield from _boxes(one)
        case _:
            pass


def _plain(value: Any) -> str:
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} seconds"
    return str(value)
