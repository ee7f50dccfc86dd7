"""The AsyncAPI 3.1 document: which topics there are, what travels on them, who publishes and who consumes it."""

import inspect
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from contracts.event import ORGANISATION, Event, dataschema_of, type_of
from contracts.topics import CONSUMED_BY, SERVICES, WRITTEN_FROM_OUTSIDE, Topic, dead_letters, publishers_of

Document = dict[str, Any]
KAFKA_BINDING: Final = "0.5.0"
# A breaking change is a new topic, so the document as a whole never breaks.
VERSION: Final = "1.0.0"
OUTSIDE: Final = "systems-outside"

SECURITY: Final[Document] = {
    "scramSha512": {"type": "scramSha512", "description": "A name and password for each service and partner."},
    "scramSha256": {"type": "scramSha256", "description": "The same, where the broker has no SHA-512."},
    "plain": {"type": "plain", "description": "The same in clear text, and so over TLS only."},
    "certificate": {"type": "X509", "description": "A certificate of the client's own (mutual TLS)."},
}
SERVER: Final[Document] = {
    "host": "{server}",
    "protocol": "kafka-secure",
    "title": "An installation's brokers",
    "description": "Reached over TLS, as one of the principals of `security`. What a principal may read and write its"
    " installation grants; an installation with a prefix of topics puts it before every address and group.",
    "variables": {
        "server": {
            "default": "kafka.example:9093",
            "description": "One of the installation's bootstrap servers (KAFKA_BOOTSTRAP_SERVERS).",
        }
    },
    "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in SECURITY],
}


def document(events: Mapping[str, type[Event]]) -> Document:
    """One channel per topic, one message per event, one operation per event and service that sends or receives it."""
    described = {topic: events[topic] for topic in sorted(events)}
    dead = dead_letters(SERVICES)
    channels = {topic: _channel(event) for topic, event in described.items()}
    return {
        "asyncapi": "3.1.0",
        "id": "urn:kontor:events",
        "info": {
            "title": "Kontor",
            "version": VERSION,
            "description": "What the services of Kontor publish over Kafka, at least once:"
            " readers drop a `ce_id` they have seen from the same `ce_source`, and pass over fields and headers they"
            " do not know. There is order within a topic and key, none between topics.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
            "tags": [{"name": service} for service in (*SERVICES, OUTSIDE)],
        },
        "defaultContentType": "application/json",
        "servers": {"installation": SERVER},
        "channels": channels | {topic.name: _channel_of_dead(topic) for topic in dead},
        "operations": dict(sorted(_operations(described, dead))),
        "components": {
            "messages": {topic: _message(event) for topic, event in described.items()} | {"DeadLetter": DEAD_LETTER},
            "schemas": {"CloudEvent": CLOUD_EVENT},
            "securitySchemes": SECURITY,
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
            "description": f"`{ORGANISATION}.` and the event's name: the topic without an installation's prefix.",
        },
        "ce_dataschema": {
            "type": "string",
            "format": "uri",
            "description": "The `$id` of the schema that the value obeys; a later version of it only adds fields.",
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

DEAD_LETTER: Final[Document] = {
    "name": "DeadLetter",
    "title": "DeadLetter",
    "summary": "An event that a service could not handle and has given up: its key, value and headers as they came.",
    "contentType": "application/octet-stream",
    "headers": {
        "type": "object",
        "description": "Beside the headers that the event had.",
        "required": ["dead_topic", "dead_partition", "dead_offset", "dead_reason"],
        "properties": {
            "dead_topic": {"type": "string", "description": "The topic it came from."},
            "dead_partition": {"type": "string", "pattern": "^[0-9]+$"},
            "dead_offset": {"type": "string", "pattern": "^[0-9]+$"},
            "dead_reason": {"type": "string", "description": "What was wrong, without any value of the event."},
        },
    },
}


def _channel(event: type[Event]) -> Document:
    declared = event.DECLARED
    milliseconds = -1 if declared.retention is None else declared.retention // timedelta(milliseconds=1)
    return _described(Topic(declared.topic, milliseconds), sentence(event), declared.topic)


def _channel_of_dead(topic: Topic) -> Document:
    service = topic.name.removeprefix("dead.")
    return _described(topic, f"What {service} could not handle, for those who watch.", "DeadLetter")


def _described(topic: Topic, text: str, message: str) -> Document:
    return {
        "address": topic.name,
        "description": text,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "servers": [{"$ref": "#/servers/installation"}],
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": topic.retention_ms},
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _operations(events: Mapping[str, type[Event]], dead: list[Topic]) -> Iterator[tuple[str, Document]]:
    for topic in events:
        outside = (OUTSIDE,) if topic in WRITTEN_FROM_OUTSIDE else ()
        for service in (*publishers_of(topic), *outside):
            yield f"{service}.send.{topic}", _operation("send", service, topic, topic)
        for service in CONSUMED_BY.get(topic, ()):
            yield f"{service}.receive.{topic}", _operation("receive", service, topic, topic)
    for topic in dead:
        service = topic.name.removeprefix("dead.")
        yield f"{service}.send.{topic.name}", _operation("send", service, topic.name, "DeadLetter")


def _operation(action: str, service: str, topic: str, message: str) -> Document:
    operation: Document = {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "summary": f"{'Published' if action == 'send' else 'Consumed'} by {service}.",
        "tags": [{"name": service}],
        "messages": [{"$ref": f"#/channels/{topic}/messages/{message}"}],
    }
    if action == "receive":
        group = {"type": "string", "const": service}
        operation["bindings"] = {"kafka": {"groupId": group, "bindingVersion": KAFKA_BINDING}}
    return operation


def _message(event: type[Event]) -> Document:
    declared = event.DECLARED
    named = {"ce_type": {"const": type_of(declared.topic)}, "ce_dataschema": {"const": dataschema_of(declared.topic)}}
    return {
        "name": declared.name,
        "title": declared.name,
        "summary": sentence(event),
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": "#/components/schemas/CloudEvent"}, {"properties": named}]},
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
