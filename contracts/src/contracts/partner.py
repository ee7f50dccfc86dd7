"""What partners may see of an event, and the form in which it travels to them."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, cast

from pydantic_core import to_json

from contracts.event import Event, Part, Sealed, days
from contracts.included import ByItsValues, included, public_fields
from contracts.topics import Topic, topics
from contracts.wire import CONTENT_TYPE, SPECVERSION, Attributes, rfc3339

STRUCTURED: Final = "application/cloudevents+json; charset=utf-8"
"""The media type of a record's value: CloudEvents 1.0, structured mode."""
TEST_RETENTION_MS: Final = days(7) // timedelta(milliseconds=1)
TEST: Final = "Test"
"""The last word of the topic on which a partner is sent examples."""
ORDER: Final = "order"
CHANNEL: Final = "channel"


def partner_events() -> dict[str, type[Event]]:
    """The events that partners are sent, by topic, sorted.

    Those that name the channel they are about, or whose key is an order, which belongs to a channel; and whose key
    partners may read, for it is the key of their records.
    """
    return {topic: event for topic, event in sorted(Event.ALL.items()) if _for_partners(event)}


def partner_topics() -> list[Topic]:
    """The topics of a partner without what stands before the event's, and that of examples."""
    kept = {topic.name: topic.retention_ms for topic in topics(())}
    return [*(Topic(name, kept[name]) for name in partner_events()), Topic(TEST, TEST_RETENTION_MS)]


def partner_dataschema_of(topic: str) -> str:
    """The URN of the schema that the data of a partner's event obeys: the public fields only."""
    return f"urn:kontor:partner:{topic}"


def partner_event(event: Event, attributes: Attributes) -> dict[str, object]:
    """The event as a CloudEvent in structured mode, without what only its sender knows (`sequence`, pseudonyms).

    Id, source and type are those of the event itself. Its subject is left out where it is no public field. Raises
    ValueError where `time` has no zone.
    """
    return {**_about(event, attributes), "data": partner_view(event)}


def partner_json(event: Event, attributes: Attributes) -> bytes:
    """The same as JSON, in a tenth of the time where the event's class alone tells what is public in it."""
    try:
        view = event.__pydantic_serializer__.to_json(event, include=included(type(event)))
    except ByItsValues:
        return to_json(partner_event(event, attributes))
    return b'%b,"data":%b}' % (to_json(_about(event, attributes))[:-1], view)


def _about(event: Event, attributes: Attributes) -> dict[str, object]:
    declared = event.DECLARED
    structured: dict[str, object] = {
        "specversion": SPECVERSION.decode(),
        "id": str(attributes.id),
        "source": attributes.source,
        "type": attributes.type,
        "datacontenttype": CONTENT_TYPE.decode(),
        "dataschema": partner_dataschema_of(declared.topic),
    }
    if declared.subject in public_fields(type(event)):
        structured["subject"] = event.aggregate
    if attributes.time is not None:
        structured["time"] = rfc3339(attributes.time)
    return {**structured, "tenant": event.tenant}


def _for_partners(event: type[Event]) -> bool:
    public = public_fields(event)
    return event.DECLARED.key in public and (CHANNEL in public or event.DECLARED.key == ORDER)


def partner_view(event: Event) -> dict[str, object]:
    """The `Public` fields of an event and of its parts in the form of the wire; a box never, whatever its marking."""
    return _view(event, event.model_dump(mode="json"))


def _view(part: Part, dumped: dict[str, object]) -> dict[str, object]:
    return {
        field: _shown(value, dumped[field])
        for field in public_fields(type(part))
        if not isinstance(value := getattr(part, field), Sealed)
    }


def _shown(value: object, dumped: object) -> object:
    if isinstance(value, Part):
        return _view(value, cast("dict[str, object]", dumped))
    if isinstance(value, list | tuple | set | frozenset):
        pairs = zip(cast("Iterable[object]", value), cast("list[object]", dumped), strict=True)
        return [_shown(inner, seen) for inner, seen in pairs if not isinstance(inner, Sealed)]
    if isinstance(value, dict):
        pairs = zip(
            cast("dict[object, object]", value).values(), cast("dict[str, object]", dumped).items(), strict=True
        )
        return {name: _shown(inner, seen) for inner, (name, seen) in pairs if not isinstance(inner, Sealed)}
    return dumped
