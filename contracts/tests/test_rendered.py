"""What is rendered says the same as the classes: schemas, examples and the AsyncAPI document."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
import yaml
from contracts.__main__ import HERE
from contracts.event import Audience, Sealed, audience_of, parts_of
from contracts.topics import CONSUMED_BY, publishers_of
from jsonschema import Draft202012Validator

from contracts import ContractViolation, Event, decode, encode, headers

RENDERED = HERE / "rendered"
every_event = pytest.mark.parametrize("event", Event.ALL.values(), ids=Event.ALL)


@cache
def read(path: Path) -> Any:
    return yaml.safe_load(path.read_bytes()) if path.suffix == ".yaml" else json.loads(path.read_bytes())


def schema_of(event: type[Event]) -> dict[str, Any]:
    return read(RENDERED / "schemas" / f"{event.DECLARED.topic}.json")


def example_of(event: type[Event]) -> bytes:
    return (RENDERED / "examples" / f"{event.DECLARED.topic}.json").read_bytes()


def refuses(schema: dict[str, Any], value: dict[str, Any]) -> bool:
    # jsonschema's type of `instance` is unknown to pyright.
    validator = cast("Any", Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER))
    return not validator.is_valid(value)


@every_event
def test_the_golden_example_is_the_declared_one(event: type[Event]):
    assert decode(event.DECLARED.topic, example_of(event)) == event.model_validate(event.EXAMPLE)


@every_event
def test_an_event_survives_the_wire(event: type[Event]):
    said = event.model_validate(event.EXAMPLE)

    assert decode(event.DECLARED.topic, encode(said)) == said


@every_event
def test_the_example_validates_against_its_schema(event: type[Event]):
    Draft202012Validator.check_schema(schema_of(event))

    assert not refuses(schema_of(event), json.loads(example_of(event)))


@every_event
def test_schema_and_reader_agree_on_which_fields_must_be_there(event: type[Event]):
    example = json.loads(example_of(event))
    for field, info in event.model_fields.items():
        partial = {name: value for name, value in example.items() if name != field}

        assert refuses(schema_of(event), partial) == info.is_required()
        if info.is_required():
            with pytest.raises(ContractViolation, match=rf"{field} is missing"):
                decode(event.DECLARED.topic, json.dumps(partial).encode())


@every_event
def test_schema_and_reader_agree_on_types(event: type[Event]):
    example = json.loads(example_of(event))
    for field in event.model_fields:
        wrong = {**example, field: {"no": "such thing"}}

        assert refuses(schema_of(event), wrong)
        with pytest.raises(ContractViolation, match=field):
            decode(event.DECLARED.topic, json.dumps(wrong).encode())


@every_event
def test_readers_tolerate_fields_they_do_not_know(event: type[Event]):
    richer = {**json.loads(example_of(event)), "of_tomorrow": [1]}

    assert not refuses(schema_of(event), richer)
    assert decode(event.DECLARED.topic, json.dumps(richer).encode()) == event.model_validate(event.EXAMPLE)


@every_event
def test_the_schema_repeats_the_class_line(event: type[Event]):
    declared, schema = event.DECLARED, schema_of(event)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert [schema[word] for word in ("x-topic", "x-key", "x-subject", "x-said-by")] == [
        declared.topic,
        declared.key,
        declared.subject,
        declared.published_by,
    ]
    assert schema["x-retention-days"] == (declared.retention.days if declared.retention else None)


@every_event
def test_the_schema_names_the_audience_of_every_field(event: type[Event]):
    schema = schema_of(event)
    shapes = {event.__name__: schema, **schema.get("$defs", {})}
    for part in parts_of(event):
        for field in part.model_fields:
            assert shapes[part.__name__]["properties"][field]["x-audience"] == audience_of(part, field)
    assert all(field["x-audience"] in list(Audience) for field in schema["properties"].values())


@every_event
def test_a_box_is_sealed_in_the_schema(event: type[Event]):
    for field, shape in schema_of(event)["properties"].items():
        holds_box = "#/$defs/Sealed" in json.dumps(shape)
        assert (shape["x-audience"] == "sealed") == holds_box, field


def test_no_two_parts_of_an_event_share_a_name():
    for event in Event.ALL.values():
        names = [part.__name__ for part in {*parts_of(event), Sealed}]
        assert len(names) == len(set(names))


def test_no_rendered_file_names_this_machine():
    for file in RENDERED.rglob("*.*"):
        assert str(HERE.parent) not in file.read_text()


@every_event
def test_asyncapi_says_where_an_event_travels_and_who_sends_and_receives_it(event: type[Event]):
    declared, document = event.DECLARED, read(RENDERED / "asyncapi.yaml")
    topic, channel = declared.topic, document["channels"][declared.topic]
    operations = {
        name: one for name, one in document["operations"].items() if one["channel"]["$ref"] == f"#/channels/{topic}"
    }

    assert channel["address"] == topic
    senders = {name.partition(".")[0] for name, one in operations.items() if one["action"] == "send"}
    assert senders - {"systems-outside"} == set(publishers_of(topic))
    assert [one for one in operations.values() if one["action"] == "receive"] == [
        operations[f"{service}.receive.{topic}"] for service in CONSUMED_BY.get(topic, ())
    ]
    for operation in operations.values():
        (reference,) = operation["messages"]
        message = resolved(document, resolved(document, reference["$ref"])["$ref"])
        assert message["name"] == declared.name
        assert (RENDERED / message["payload"]["$ref"]).resolve() == RENDERED / "schemas" / f"{topic}.json"


@every_event
def test_asyncapi_and_the_wire_agree_on_headers(event: type[Event]):
    fact, parent = event.model_validate(event.EXAMPLE), f"00-{'a' * 32}-{'b' * 16}-01"
    said = headers(fact, id=uuid4(), source="orders", time=datetime.now(UTC), sequence=7, traceparent=parent)
    document = read(RENDERED / "asyncapi.yaml")
    schema = {
        **document["components"]["messages"][event.DECLARED.topic]["headers"],
        "components": document["components"],
    }
    named = {name: value.decode() for name, value in said}

    assert named.keys() == document["components"]["schemas"]["CloudEvent"]["properties"].keys()
    assert named["ce_dataschema"] == schema_of(event)["$id"]
    assert not refuses(schema, named)
    assert refuses(schema, {**named, "ce_type": event.DECLARED.topic})


def test_asyncapi_says_how_to_reach_the_brokers_and_as_whom():
    document = read(RENDERED / "asyncapi.yaml")
    server = document["servers"]["installation"]
    kinds = [resolved(document, one["$ref"])["type"] for one in server["security"]]

    assert (document["asyncapi"], server["protocol"]) == ("3.1.0", "kafka-secure")
    assert kinds == ["scramSha512", "scramSha256", "plain", "X509"]


def resolved(document: Any, reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        document = document[step]
    return document
