"""The JSON Schema of an event, with the words of its class line as `x-` keywords."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from contracts.event import Event, audience_of, dataschema_of

Schema = dict[str, Any]
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_of(event: type[Event]) -> Schema:
    """The JSON Schema (draft 2020-12) of the value; `x-retention-days` is null for topics kept for ever."""
    declared = event.DECLARED
    body = event.model_json_schema(schema_generator=_WithAudiences)
    return {
        "$schema": DIALECT,
        "$id": dataschema_of(declared.topic),
        "title": declared.name,
        "description": body.pop("description"),
        "x-topic": declared.topic,
        "x-said-by": declared.published_by,
        "x-key": declared.key,
        "x-subject": declared.subject,
        "x-retention-days": _days(declared.retention),
        **body,
    }


def schemas(events: Mapping[str, type[Event]]) -> dict[str, Schema]:
    """The schema of every event by topic, sorted."""
    return {topic: schema_of(events[topic]) for topic in sorted(events)}


def _days(retention: timedelta | None) -> int | float | None:
    if retention is None:
        return None
    count = retention / timedelta(days=1)
    return int(count) if count.is_integer() else count


class _WithAudiences(GenerateJsonSchema):
    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        rendered = super().model_schema(schema)
        for field, property_ in rendered.get("properties", {}).items():
            audience = audience_of(schema["cls"], field)
            property_["x-audience"] = audience.value if audience else None
        return rendered

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave out titles: they repeat the field's name."""
        return False
