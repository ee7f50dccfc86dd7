"""What partners read about their events is what they are sent."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from contracts.event import Event
from contracts.partner_document import CLOUD_EVENT, partner_example, partner_schema
from contracts.partner_list import partner_list
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


@EVENTS
def test_the_list_names_each_event_with_its_key_what_it_means_and_how_long_it_is_kept(event: type[Event]):
    topic = event.DECLARED.topic
    (row,) = [line for line in partner_list(partner_events()).splitlines() if line.startswith(f"| [{topic}](")]
    _, _, key, meaning, kept, _ = [cell.strip() for cell in row.split("|")]
    assert (key, kept) == (event.DECLARED.key, "90 days" if event.DECLARED.retention else "for ever")
    assert len(meaning.split()) > 4
    assert not re.search(r"\([A-Z]+-?\d", meaning), meaning
