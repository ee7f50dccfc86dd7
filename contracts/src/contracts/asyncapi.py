"""The AsyncAPI 3.0 document: which topics there are, what travels on them and who publishes it."""

import inspect
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from contracts.event import Event

Document = dict[str, Any]
KAFKA_BINDING: Final = "0.5.0"
# A breaking change is a new topic, so the document as a whole never breaks.
VERSION: Final = "1.0.0"


def document(events: Mapping[str, type[Event]]) -> Document:
    """One channel per topic, one message per event, one sending operation per event and service."""
    described = {topic: events[topic] for topic in sorted(events)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Kontor",
            "version": VERSION,
            "description": "What the services of Kontor publish over Kafka, at least once:"
            " readers drop a `ce_id` they have seen from the same `ce_source`."
            " There is order within a topic and key, none between topics.",
        },
        "defaultContentType": "application/json",
        "channels": {topic: _channel(event) for topic, event in described.items()},
        "operations": {
            f"{event.DECLARED.published_by}.{topic}": _publishing(event) for topic, event in described.items()
        },
        "components": {
            "messages": {topic: _message(event) for topic, event in described.items()},
            "schemas": {"CloudEvent": CLOUD_EVENT},
        },
    }


def sentence(event: type[Event]) -> str:
    """Return what is true once the event is published: the first paragraph of its docstring, in one line."""
    return " ".join(inspect.cleandoc(event.__doc__ or "").split("\n\n")[0].split())


CLOUD_EVENT: Final[Document] = {
    "type": "object",
    "description": "CloudEvents 1.0, Kafka binding, binary mode; every value is UTF-8 text.",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "content-type"],
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {
            "type": "string",
            "format": "uuid",
            "description": "UUIDv7; the same for the versions of one fact and for its repetitions.",
        },
        "ce_source": {"type": "string", "description": "The service that publishes it."},
        "ce_type": {
            "type": "string",
            "description": "The event's name, the topic without an installation's prefix.",
        },
        "ce_subject": {"type": "string", "description": "The aggregate that changed."},
        "ce_time": {"type": "string", "format": "date-time", "description": "When it became true, in UTC."},
        "ce_sequence": {
            "type": "string",
            "pattern": "^[0-9]{19}$",
            "description": "Grows with every event of a source and subject, with gaps; padded, so that texts sort.",
        },
        "ce_tenant": {"type": "string", "description": "The tenant whose fact it is."},
        "traceparent": {"type": "string", "description": "W3C Trace Context of the act that led to it."},
        "content-type": {"type": "string", "const": "application/json"},
    },
}


def _channel(event: type[Event]) -> Document:
    declared = event.DECLARED
    milliseconds = -1 if declared.retention is None else declared.retention // timedelta(milliseconds=1)
    return {
        "address": declared.topic,
        "description": sentence(event),
        "messages": {declared.topic: {"$ref": f"#/components/messages/{declared.topic}"}},
        "bindings": {
            "kafka": {
                "topic": declared.topic,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": milliseconds},
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _publishing(event: type[Event]) -> Document:
    topic = event.DECLARED.topic
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": f"Published by {event.DECLARED.published_by}.",
        "tags": [{"name": event.DECLARED.published_by}],
        "messages": [{"$ref": f"#/channels/{topic}/messages/{topic}"}],
    }


def _message(event: type[Event]) -> Document:
    declared = event.DECLARED
    return {
        "name": declared.name,
        "title": declared.name,
        "summary": sentence(event),
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/CloudEvent"},
        "payload": {"$ref": f"./schemas/{declared.topic}.json"},
        "bindings": {
            "kafka": {
                "key": {
                    "type": "string",
                    "description": f"The fact's `{declared.key}`, which orders it among others of its topic.",
                },
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }
