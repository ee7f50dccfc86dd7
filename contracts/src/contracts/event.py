"""What an event is: a fact in the past tense, and everything about it on its class."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, TypeVar, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Audience(StrEnum):
    """Who may read a field in clear."""

    PUBLIC = "public"
    INTERNAL = "internal"
    SEALED = "sealed"


# CloudEvents: a type begins with the reversed domain name of the organisation that says what it means.
ORGANISATION: Final = "org.kontor"

T = TypeVar("T")
Public = Annotated[T, Audience.PUBLIC]
Internal = Annotated[T, Audience.INTERNAL]
FOR_EVER: timedelta | None = None


def type_of(topic: str) -> str:
    """The CloudEvents type of the event that is said on a topic (without the installation's prefix)."""
    return f"{ORGANISATION}.{topic}"


def dataschema_of(topic: str) -> str:
    """The URN of the schema that the values of a topic obey: the `$id` of its rendered schema."""
    return f"urn:kontor:event:{topic}"


def days(count: int) -> timedelta:
    """A retention of so many days."""
    return timedelta(days=count)


class Part(BaseModel):
    """A piece of an event: frozen, and tolerant of fields it does not know."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
    )


class SubjectKey(Part):
    """The public half of a subject's key: anybody may seal to it, only the key service can open."""

    key: Public[UUID]
    public: Public[bytes]


class Sealed(Part):
    """A personal field, readable only with the private half of `key` (HPKE, RFC 9180), bound to key and kind.

    A box is copied from event to event and row to row unopened; its text form is for rows.
    """

    key: Public[UUID]
    kind: Public[str]
    box: Internal[bytes]

    def __str__(self) -> str:
        return self.model_dump_json()

    @classmethod
    def parse(cls, text: str) -> "Sealed":
        """The box that `str()` wrote."""
        return cls.model_validate_json(text)


class DeclarationError(TypeError):
    """The class of an event lacks something that its readers rely on."""


@dataclass(frozen=True)
class Declaration:
    """What stands in an event's class line.

    `retention` is None for topics that build copies of state and are kept for ever. An event is published by the
    service that its file is named after, unless its class line names another, or `several`.
    """

    name: str
    topic: str
    key: str
    subject: str
    retention: timedelta | None
    published_by: str


class Event(Part):
    """The base of every event; a subclass declares topic, key, retention, audiences and one example."""

    # of all events a service or a command uses a few, and each is made ready when it is first used
    model_config = ConfigDict(defer_build=True)

    DECLARED: ClassVar[Declaration]
    EXAMPLE: ClassVar[dict[str, Any]]
    ALL: ClassVar[dict[str, type["Event"]]] = {}

    tenant: Public[str]

    def __init_subclass__(
        cls,
        *,
        key: str = "",
        subject: str = "",
        retention: timedelta | None = FOR_EVER,
        version: int = 1,
        abstract: bool = False,
        published_by: str = "",
    ) -> None:
        """Take the words of the class line; pydantic has no fields yet, so they are used below."""

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        key: str = "",
        subject: str = "",
        retention: timedelta | None = FOR_EVER,
        version: int = 1,
        abstract: bool = False,
        published_by: str = "",
        **kwargs: Any,
    ) -> None:
        if abstract:
            return
        producer = cls.__module__.rpartition(".")[2].replace("_", "-")
        topic = cls.__name__ if version == 1 else f"{cls.__name__.removesuffix(f'V{version}')}.v{version}"
        cls.DECLARED = Declaration(
            name=cls.__name__,
            topic=topic,
            key=key,
            subject=subject or key,
            retention=retention,
            published_by=published_by or ("several" if producer == "shared" else producer),
        )
        _check(cls)
        Event.ALL[topic] = cls

    @property
    def record_key(self) -> str:
        """The key of the Kafka record, as text: the id that orders this event among others of its topic."""
        return str(getattr(self, self.DECLARED.key))

    @property
    def aggregate(self) -> str:
        """The id of the aggregate whose row was locked (`ce_subject`)."""
        return str(getattr(self, self.DECLARED.subject))


def audience_of(model: type[BaseModel], field: str) -> Audience | None:
    """The class of a field, or None where its author forgot it."""
    info = model.model_fields[field]
    marked = [m for m in info.metadata if isinstance(m, Audience)]
    if marked:
        return marked[0]
    return Audience.SEALED if Sealed in _models(info.annotation) else None


def parts_of(model: type[BaseModel]) -> set[type[BaseModel]]:
    """Every model nested in `model`, itself included; boxes are not looked into."""
    found: set[type[BaseModel]] = set()
    waiting = {model}
    while waiting:
        current = waiting.pop()
        found.add(current)
        for info in current.model_fields.values():
            waiting |= {m for m in _models(info.annotation) if m is not Sealed} - found
    return found


def _models(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return {annotation} if issubclass(annotation, BaseModel) else set()
    return {m for inner in get_args(annotation) for m in _models(inner)}


def _check(event: type[Event]) -> None:
    declared = event.DECLARED
    for field in (declared.key, declared.subject):
        if field not in event.model_fields:
            raise DeclarationError(f"{declared.name}: its key {field!r} is not one of its fields")
    if not event.__doc__ or event.__doc__ == Event.__doc__:
        raise DeclarationError(f"{declared.name}: a docstring must say what is now true")
    if "EXAMPLE" not in vars(event):
        raise DeclarationError(f"{declared.name}: an EXAMPLE is missing")
    if declared.topic in Event.ALL:
        raise DeclarationError(f"{declared.name}: the topic {declared.topic} is taken")
    for part in parts_of(event):
        for field in part.model_fields:
            if audience_of(part, field) is None:
                raise DeclarationError(f"{part.__name__}.{field}: say Public, Internal or Sealed")


__all__ = [
    "FOR_EVER",
    "Audience",
    "Declaration",
    "DeclarationError",
    "Event",
    "Internal",
    "Part",
    "Public",
    "Sealed",
    "SubjectKey",
    "audience_of",
    "dataschema_of",
    "days",
    "parts_of",
    "type_of",
]
