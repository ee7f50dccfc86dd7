"""What partners read about their events is what they are sent."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts.event import Event
from contracts.partner_document import CLOUD_EVENT, partner_example, partner_schema
from contracts.privacy import PSEUDONYMS
from jsonschema import Draft202012Validator

from contracts import partner_events

RENDERED = Path(__file__).parents[1] / "rendered" / "partner"
EVENTS = pytest.mark.parametrize("event", partner_events().values(), ids=partner_events())


def faults(schema: dict[str, Any], value: object) -> list[str]:
    validator: Any = Draft202012Validator(schema)
    return [error.message for error in validator.iter_errors(value)]


@EVENTS
def test_PLT_7_data_obeys_a_schema_of_public_fields_only(event: type[Event]):
    schema, example = partner_schema(event), partner_example(event)
    Draft202012Validator.check_schema(schema)
    closed = {**schema, "additionalProperties": False}
    assert faults(closed, example["data"]) == []
    assert faults(CLOUD_EVENT, example) == []
    text = yaml.safe_dump(schema)
    assert not [word for word in ("x-audience: internal", "x-audience: sealed", "Sealed") if word in text]
    assert not PSEUDONYMS & example["data"].keys()


def test_the_document_has_a_channel_for_each_event_and_one_for_examples():
    document = yaml.safe_load((RENDERED / "asyncapi.yaml").read_text())
    assert {*document["channels"]} == {*partner_events(), "Test"}
    assert document["channels"]["OrderPaid"]["address"] == "partner.{partner}.OrderPaid"
    assert {*document["components"]["messages"]} == {*partner_events()}
