"""Partners see the public fields of an event and of its parts, and nothing else."""

import base64
import json
from datetime import UTC, datetime
from enum import Enum
from itertools import count
from types import NoneType
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin
from uuid import UUID

import pytest
from contracts.event import Audience, Internal, Part, Public, Sealed, audience_of
from contracts.included import ByItsValues, included
from contracts.orders import OrderPaid
from pydantic import BaseModel, create_model
from pydantic_core import to_json

from contracts import Attributes, Event, partner_event, partner_events, partner_json, partner_view

BOX = {"key": "0192d3a4-0000-7000-8000-000000000102", "kind": "name", "box": "U0VDUkVU"}


P = TypeVar("P", bound=BaseModel)


class Filled:
    """An event with every optional field filled, whose values tell by themselves which field they come from."""

    def __init__(self, event: type[Event]) -> None:
        self._numbers = count(10**15)
        self.shown: set[str] = set()
        self.hidden: set[str] = set()
        self.event = self._part(event, open_=True)

    def _part(self, part: type[P], *, open_: bool) -> P:
        # not validated: what is within the bounds of a field does not always tell by itself where it comes from
        return part.model_construct(
            **{
                field: self._value(info.annotation, open_=open_ and audience_of(part, field) is Audience.PUBLIC)
                for field, info in part.model_fields.items()
            }
        )

    def _value(self, annotation: Any, *, open_: bool) -> Any:
        if get_origin(annotation) is list:
            return [self._value(get_args(annotation)[0], open_=open_)]
        if get_origin(annotation) is dict:
            return {"key": self._value(get_args(annotation)[1], open_=open_)}
        inner = [kind for kind in get_args(annotation) if kind is not NoneType]
        if inner:
            return self._value(inner[0], open_=open_)
        if annotation is bool:
            return True
        if issubclass(annotation, BaseModel):
            return self._part(annotation, open_=open_)
        if issubclass(annotation, Enum):
            return next(iter(annotation))
        value, text = self._scalar(annotation)
        (self.shown if open_ else self.hidden).add(text)
        return value

    def _scalar(self, kind: type) -> tuple[Any, str]:
        number = next(self._numbers)
        if kind is int:
            return number, str(number)
        if kind is UUID:
            return UUID(int=number), str(UUID(int=number))
        if kind is bytes:
            # Three bytes are four characters of base64, so the text below is what is dumped.
            text = str(number).rjust(16, "0")
            return base64.b64decode(text), text
        if kind is str:
            return f"text {number}", f"text {number}"
        time = datetime.fromtimestamp(number % 10**9, UTC)
        return time, time.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("event", Event.ALL.values(), ids=Event.ALL)
def test_as_json_in_one_go_it_is_the_same_view(event: type[Event]):  # PLT-7
    named = Attributes(UUID(int=1), 'a "source"', "type", None, datetime(2026, 11, 2, tzinfo=UTC), 1, "kontor", None)
    full = Filled(event).event
    seen = [full, full.model_copy(update={"tenant": '\u00fc\u2028"\\'})]
    for one in [event.model_validate(event.EXAMPLE), *seen]:
        known = {field: value for field, value in one if field in event.model_fields}
        one = event.model_construct(**known)
        expected = json.loads(to_json(partner_event(one, named)))
        assert json.loads(partner_json(one, named)) == expected
        assert list(json.loads(partner_json(one, named))["data"]) == list(expected["data"])


def test_of_what_partners_are_sent_the_class_alone_tells_what_is_public():
    for event in partner_events().values():
        assert included(event)


class Either(Part):
    one: Public[Sealed | str]


class Hidden(Part):
    box: Public[Sealed]
    open: Public[list[str] | None]
    name: Internal[str]


@pytest.mark.parametrize("annotation", [Sealed | None, Hidden | Either, object, Any, tuple[str, ...], list[Either]])
def test_what_may_hold_a_box_is_looked_at_value_by_value(annotation: Any):
    with pytest.raises(ByItsValues):
        included(cast("Any", create_model)("Of", __base__=Part, one=(Annotated[annotation, Audience.PUBLIC], ...)))
    assert included(Hidden) == {"open": True}


@pytest.mark.parametrize("event", Event.ALL.values(), ids=Event.ALL)
def test_every_public_value_is_shown_and_no_other(event: type[Event]):  # PLT-7
    filled = Filled(event)

    view = json.dumps(partner_view(filled.event))

    assert {text for text in filled.shown if text not in view} == set()
    assert {text for text in filled.hidden if text in view} == set()


@pytest.mark.parametrize("event", Event.ALL.values(), ids=Event.ALL)
def test_the_names_in_a_view_are_those_of_public_fields(event: type[Event]):
    _walk(event, partner_view(Filled(event).event))


def _walk(part: type[BaseModel], view: Any) -> None:
    public = {field for field in part.model_fields if audience_of(part, field) is Audience.PUBLIC}
    assert set(view) == public
    for field in public:
        for kind in (part.model_fields[field].annotation, *get_args(part.model_fields[field].annotation)):
            if isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, BaseModel):
                for inner in view[field] if isinstance(view[field], list) else [view[field]]:
                    _walk(kind, inner)


def test_a_view_has_the_form_of_the_wire():
    paid = OrderPaid.model_validate(OrderPaid.EXAMPLE)

    view = partner_view(paid)

    assert view == {field: paid.model_dump(mode="json")[field] for field in view}
    assert "lines" in view
    assert not {"keys", "name_profile", "email_contact", "company_profile"} & view.keys()


class Crate(Part):
    """A part with something to hide."""

    label: Public[str]
    secret: Internal[str]


HIDING: dict[str, tuple[Any, Any, Any]] = {
    "an optional part": (Public[Crate | None], {"label": "a", "secret": "SECRET"}, {"label": "a"}),
    "an absent part": (Public[Crate | None], None, None),
    "a list": (Public[list[Crate]], [{"label": "a", "secret": "SECRET"}], [{"label": "a"}]),
    "a list of lists": (Public[list[list[Crate]]], [[{"label": "a", "secret": "SECRET"}]], [[{"label": "a"}]]),
    "a tuple": (Public[tuple[Crate, int]], [{"label": "a", "secret": "SECRET"}, 1], [{"label": "a"}, 1]),
    "a set": (Public[frozenset[Crate]], [{"label": "a", "secret": "SECRET"}], [{"label": "a"}]),
    "a dictionary": (Public[dict[str, Crate]], {"x": {"label": "a", "secret": "SECRET"}}, {"x": {"label": "a"}}),
}


@pytest.mark.parametrize("shape", HIDING)
def test_internal_fields_are_hidden_wherever_a_part_stands(declare: Any, shape: str):
    annotation, value, seen = HIDING[shape]
    event = declare({"sale": Public[str], "what": annotation})

    view = partner_view(event.model_validate({"tenant": "kontor", "sale": "1", "what": value}))

    assert view == {"tenant": "kontor", "sale": "1", "what": seen}


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(Public[Sealed], BOX), (Public[list[Sealed]], [BOX]), (Public[dict[str, Sealed]], {"x": BOX})],
)
def test_a_box_is_never_shown_even_if_somebody_marks_it_public(declare: Any, annotation: Any, value: Any):
    event = declare({"sale": Public[str], "what": annotation})

    view = json.dumps(partner_view(event.model_validate({"tenant": "kontor", "sale": "1", "what": value})))

    assert not [text for text in BOX.values() if text in view]
