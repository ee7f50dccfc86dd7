"""How an event travels through Kafka: the fact as JSON, CloudEvents 1.0 attributes as headers (binary mode)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast
from uuid import UUID

from jiter import from_json
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from contracts.event import Event, dataschema_of, type_of

SPECVERSION: Final = b"1.0"
CONTENT_TYPE: Final = b"application/json"

# CloudEvents forbids control characters in strings; a length that fits an index keeps hostile names out of our keys.
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LONGEST: Final = 255
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_SEQUENCE_LIMIT: Final = 2**63
_FAULTS_NAMED: Final = 5
_REPEATED: Final = "Detected duplicate key"


class ContractViolation(ValueError):
    """A record is not what the contracts promise; the message names what is wrong and never a value."""


def encode(event: Event) -> bytes:
    """The fact as JSON in UTF-8; raises ContractViolation where a text holds NUL, which no reader can store."""
    value = event.__pydantic_serializer__.to_json(event)
    if b"\\u0000" in value:
        _refuse_nul(event)
    return value


def decode(topic: str, value: bytes | None) -> Event:
    """The fact said on `topic` (without the installation's prefix); raises ContractViolation and nothing else."""
    declared = Event.ALL.get(topic)
    if declared is None:
        raise ContractViolation("no event is declared for this topic")
    if not value:
        raise ContractViolation(f"{topic}: the value is empty, and facts have no tombstones")
    try:
        event = declared.model_validate_json(value, strict=True)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
    else:
        if b"\\u0000" in value:
            _refuse_nul(event)
        # what is as we would write it repeats nothing, and that is quicker to see
        if event.__pydantic_serializer__.to_json(event) != value and repeats_a_name(value):
            raise ContractViolation(f"{topic}: an object has a name twice")
        return event
    # Raised outside the except block: a chained ValidationError would print the input with its traceback.
    raise ContractViolation(f"{topic}: {_summary(faults)}")


def repeats_a_name(document: bytes) -> bool:
    """Return whether an object of a JSON document has a name twice (RFC 8259, section 4); no where it is no JSON.

    Readers differ in which of the values they take, so that what was signed, checked or logged is not what is done.
    It is asked of the parser that pydantic reads with: what that takes, this has seen.
    """
    try:
        from_json(document, catch_duplicate_keys=True, cache_mode="keys")
    except ValueError as error:
        return str(error).startswith(_REPEATED)
    return False


@dataclass(frozen=True, slots=True)
class Attributes:
    """The CloudEvents attributes of one event; `sequence` is monotonic per source and subject.

    `dataschema` names the schema its producer had; a reader goes by its own, for a later one only adds fields.
    """

    id: UUID
    source: str
    type: str
    subject: str | None
    time: datetime | None
    sequence: int | None
    tenant: str | None
    traceparent: str | None
    dataschema: str | None = None

    def to_headers(self) -> list[tuple[str, bytes]]:
        """The record's headers; raises ValueError where `time` has no zone."""
        headers = [
            ("ce_specversion", SPECVERSION),
            ("ce_id", str(self.id).encode()),
            ("ce_source", self.source.encode()),
            ("ce_type", self.type.encode()),
            ("content-type", CONTENT_TYPE),
        ]
        if self.dataschema is not None:
            headers.append(("ce_dataschema", self.dataschema.encode()))
        if self.subject is not None:
            headers.append(("ce_subject", self.subject.encode()))
        if self.time is not None:
            headers.append(("ce_time", rfc3339(self.time).encode()))
        if self.sequence is not None:
            # The CloudEvents extension orders sequences as texts, so the digits are padded.
            headers.append(("ce_sequence", b"%019d" % self.sequence))
        if self.tenant is not None:
            headers.append(("ce_tenant", self.tenant.encode()))
        if self.traceparent is not None:
            headers.append(("traceparent", self.traceparent.encode()))
        return headers

    @classmethod
    def parse(cls, headers: Sequence[tuple[str, bytes | None]]) -> "Attributes":
        """Read a record's headers: a bad optional one reads as absent.

        Raises ContractViolation where ce_specversion, ce_id, ce_source or ce_type is missing, bad or contradictory.
        """
        values: dict[str, bytes | None] = {}
        for name, value in headers:
            values[name] = value if values.get(name, value) == value else None
        if values.get("ce_specversion") != SPECVERSION:
            raise ContractViolation("ce_specversion must be 1.0")
        id_ = _uuid(_text(values.get("ce_id")))
        source = _text(values.get("ce_source"))
        type_ = _text(values.get("ce_type"))
        if id_ is None:
            raise ContractViolation("ce_id must be a UUID")
        if source is None:
            raise ContractViolation("ce_source must be a text")
        if type_ is None:
            raise ContractViolation("ce_type must be a text")
        return cls(
            id=id_,
            source=source,
            type=type_,
            subject=_text(values.get("ce_subject")),
            time=_time(_text(values.get("ce_time"))),
            sequence=_sequence(_text(values.get("ce_sequence"))),
            tenant=_text(values.get("ce_tenant")),
            traceparent=_traceparent(_text(values.get("traceparent"))),
            dataschema=_text(values.get("ce_dataschema")),
        )


def headers(
    event: Event,
    *,
    id: UUID,  # noqa: A002 -- the attribute's name in CloudEvents
    source: str,
    time: datetime,
    sequence: int | None = None,
    traceparent: str | None = None,
) -> list[tuple[str, bytes]]:
    """The headers of an event said by `source` at `time`; `id` is a UUIDv7."""
    topic = event.DECLARED.topic
    return Attributes(
        id,
        source,
        type_of(topic),
        event.aggregate,
        time,
        sequence,
        event.tenant,
        traceparent,
        dataschema_of(topic),
    ).to_headers()


def _text(value: bytes | None) -> str | None:
    if not value or len(value) > _LONGEST:
        return None
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() or not _FORBIDDEN.search(text) else None


def _uuid(text: str | None) -> UUID | None:
    # UUID() also takes braces, URNs and underscores.
    return UUID(text) if text is not None and _UUID.fullmatch(text) else None


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return None if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _sequence(text: str | None) -> int | None:
    if text is None or len(text) > len(str(_SEQUENCE_LIMIT)) or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number < _SEQUENCE_LIMIT else None


def _traceparent(text: str | None) -> str | None:
    return text if text is not None and _TRACEPARENT.fullmatch(text) else None


def rfc3339(time: datetime) -> str:
    """A moment as CloudEvents write it, in UTC; raises ValueError where it has no zone."""
    if time.tzinfo is None:
        raise ValueError("ce_time needs a zone")
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _summary(faults: list[ErrorDetails]) -> str:
    """What is wrong where; pydantic's own messages are left out, since some quote a character of the input."""
    named = [_fault(fault) for fault in faults[:_FAULTS_NAMED]]
    if len(faults) > _FAULTS_NAMED:
        named.append(f"{len(faults) - _FAULTS_NAMED} more")
    return ", ".join(named)


def _fault(fault: ErrorDetails) -> str:
    if fault["type"] == "json_invalid":
        return "the value is not JSON"
    place = ".".join(str(step) for step in fault["loc"]) or "the value"
    return f"{place} is missing" if fault["type"] == "missing" else f"{place} is wrong ({fault['type']})"


def _refuse_nul(event: Event) -> None:
    for place, text in _texts(event, event.DECLARED.topic):
        if "\x00" in text:
            raise ContractViolation(f"{place} holds a NUL character")


def _texts(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, BaseModel):
        for field, inner in value:
            yield from _texts(inner, f"{place}.{field}")
    elif isinstance(value, dict):
        for name, inner in cast("dict[object, object]", value).items():
            yield from _texts(name, place)
            yield from _texts(inner, place)
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in cast("Iterable[object]", value):
            yield from _texts(inner, place)
