"""What a partner sees, in common formats: an AsyncAPI 3.1 document, the JSON Schemas of the data, whole examples."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, cast
from uuid import UUID

from contracts.asyncapi import KAFKA_BINDING, SERVER, VERSION, Document, sentence
from contracts.event import Event, type_of
from contracts.partner import (
    STRUCTURED,
    TEST,
    partner_dataschema_of,
    partner_event,
    partner_topics,
)
from contracts.schemas import Schema, schema_of
from contracts.wire import Attributes

DIGITS: Final = 19
EXAMPLE_ID: Final = UUID("0192d3a4-0000-7000-8000-000000000999")
EXAMPLE_TIME: Final = datetime(2026, 11, 2, 12, tzinfo=UTC)
EXAMPLE_CUSTOMER: Final = "9f86d081884c7d659a2feaa0c55ad015"
NAMED: Final[Document] = {
    "scramSha512": {"type": "scramSha512", "description": "The name `partner.<you>` and the password you were given."}
}


def partner_schema(event: type[Event]) -> Schema:
    """The JSON Schema (draft 2020-12) of what partners see of an event: its public fields, and those of its parts."""
    whole = schema_of(event)
    shown: Schema = {**whole, "$id": partner_dataschema_of(event.DECLARED.topic)}
    parts: dict[str, Schema] = {name: _shown(part) for name, part in whole.get("$defs", {}).items()}
    shown.pop("$defs", None)
    shown = _shown(shown)
    if used := _reached(shown, parts):
        shown["$defs"] = {name: parts[name] for name in sorted(used)}
    return shown


def partner_example(event: type[Event]) -> Document:
    """The example of an event as a partner is sent it."""
    named = Attributes(
        EXAMPLE_ID, event.DECLARED.published_by, type_of(event.DECLARED.topic), None, EXAMPLE_TIME, None, None, None
    )
    shown = partner_event(event.model_validate(event.EXAMPLE), named) | {"sequence": f"{7:0{DIGITS}d}"}
    return shown | ({"customer": EXAMPLE_CUSTOMER} if "customer" in event.model_fields else {})


def partner_document(events: Mapping[str, type[Event]]) -> Document:
    """One channel, one message and one operation for each event that partners are sent."""
    kept = {topic.name: topic.retention_ms for topic in partner_topics()}
    channels = {name: _channel(name, sentence(event), [name], kept[name]) for name, event in events.items()}
    about = "Examples of the others' events, on demand; no sale is ever sent here."
    return {
        "asyncapi": "3.1.0",
        "id": "urn:kontor:partner",
        "info": {
            "title": "Kontor, for partners",
            "version": VERSION,
            "description": "What a partner is sent of the sales in its channels, over Kafka, as CloudEvents in"
            " structured mode, at least once: drop an `id` that you have seen from the same `source`, and pass over"
            " fields, attributes and types you do not know. There is order within a topic and key.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": STRUCTURED,
        "servers": {
            "installation": {**SERVER, "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in NAMED]}
        },
        "channels": channels | {TEST: _channel(TEST, about, list(events), kept[TEST])},
        "operations": {f"receive.{name}": _operation(name, channel) for name, channel in channels.items()},
        "components": {
            "messages": {name: _message(event) for name, event in events.items()},
            "schemas": {"CloudEvent": CLOUD_EVENT},
            "securitySchemes": NAMED,
        },
    }


CLOUD_EVENT: Final[Document] = {
    "type": "object",
    "description": "CloudEvents 1.0, structured mode.",
    "required": ["specversion", "id", "source", "type", "datacontenttype", "dataschema", "time", "tenant", "data"],
    "properties": {
        "specversion": {"type": "string", "const": "1.0"},
        "id": {"type": "string", "format": "uuid", "description": "The same whenever the event comes again."},
        "source": {"type": "string", "description": "Who publishes it."},
        "type": {"type": "string"},
        "subject": {"type": "string", "description": "What changed, where that is public."},
        "time": {"type": "string", "format": "date-time", "description": "When it became true, in UTC."},
        "datacontenttype": {"type": "string", "const": "application/json"},
        "dataschema": {"type": "string", "format": "uri"},
        "tenant": {"type": "string", "description": "Whose sale it is."},
        "sequence": {
            "type": "string",
            "pattern": f"^[0-9]{{{DIGITS}}}$",
            "description": "The number among the events of its order, coupon or shop, without gaps over all topics.",
        },
        "customer": {"type": "string", "description": "By what you know the customer, and nobody else does."},
        "test": {"type": "boolean", "description": "True for examples."},
    },
}


def _channel(name: str, text: str, messages: list[str], retention: int) -> Document:
    settings = {"cleanup.policy": ["delete"], "retention.ms": retention}
    return {
        "address": f"partner.{{partner}}.{name}",
        "description": text,
        "parameters": {"partner": {"description": "Your id, such as nord-licht."}},
        "messages": {message: {"$ref": f"#/components/messages/{message}"} for message in messages},
        "servers": [{"$ref": "#/servers/installation"}],
        "bindings": {"kafka": {"topicConfiguration": settings, "bindingVersion": KAFKA_BINDING}},
    }


def _operation(name: str, channel: Document) -> Document:
    group = {"type": "string", "pattern": r"^partner\.[a-z][a-z0-9-]{0,29}\."}
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": channel["description"],
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
        "bindings": {"kafka": {"groupId": group, "bindingVersion": KAFKA_BINDING}},
    }


def _message(event: type[Event]) -> Document:
    topic = event.DECLARED.topic
    named = {
        "type": {"const": type_of(topic)},
        "dataschema": {"const": partner_dataschema_of(topic)},
        "data": {"$ref": f"./schemas/{topic}.json"},
    }
    key = {"type": "string", "description": f"The `{event.DECLARED.key}`, which orders it among others of its topic."}
    return {
        "name": event.DECLARED.name,
        "title": event.DECLARED.name,
        "summary": sentence(event),
        "contentType": STRUCTURED,
        "payload": {"allOf": [{"$ref": "#/components/schemas/CloudEvent"}, {"properties": named}]},
        "bindings": {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING}},
    }


def _shown(schema: Schema) -> Schema:
    """Return the schema of an object without what is not public."""
    if "properties" not in schema:
        return schema
    public = {name: facts for name, facts in schema["properties"].items() if facts.get("x-audience") == "public"}
    return schema | {
        "properties": public,
        "required": [name for name in schema.get("required", ()) if name in public],
    }


def _reached(schema: object, parts: Mapping[str, Schema]) -> set[str]:
    """Return the names of the parts that a schema refers to, and those that these refer to."""
    found: set[str] = set()
    waiting: list[object] = [schema]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += cast("list[object]", one)
        elif isinstance(one, dict):
            facts = cast("dict[str, object]", one)
            name = str(facts.get("$ref", "")).rpartition("/")[2]
            if name in parts and name not in found:
                found.add(name)
                waiting.append(parts[name])
            waiting += facts.values()
    return found
