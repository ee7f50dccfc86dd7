"""What people send by forms: read as a model, with what is wrong beside each field."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Self, TypeVar
from urllib.parse import parse_qs

from aiohttp import web
from chassis.telemetry.cards import holds_card
from chassis.web import Problem, raw_body
from pydantic import BaseModel, ConfigDict, ValidationError

from pages.visit import Visit, refuse_foreign

M = TypeVar("M", bound=BaseModel)
FORM = "application/x-www-form-urlencoded"
FORM_BYTES = 65_536
MOST_FIELDS = 500
TOKEN = "token"  # noqa: S105 -- the name of a field


class Form(BaseModel):
    """The base of forms: texts without blanks around them; a checkbox that is not ticked is not sent."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class Sent(Generic[M]):
    """A form as it was sent: the model, or None and the rule that each field breaks, beside what was typed.

    `limits` are how many characters a field may have, or must have, that has too many or too few.
    """

    model: M | None
    typed: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    limits: Mapping[str, int] = field(default_factory=dict[str, int])

    def refused(self, faults: Mapping[str, str]) -> Self:
        """Return the form as it is shown again, with what was wrong beside each field."""
        return replace(self, model=None, faults=faults)


async def fields(request: web.Request, visit: Visit) -> dict[str, list[str]]:
    """Return the fields of a form; raises Problem for a foreign, forged, oversized or malformed one."""
    refuse_foreign(request)
    body = await raw_body(request, FORM_BYTES, FORM)
    try:
        found = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=False, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Problem(400, "malformed", "The form cannot be read.") from None
    if any("\0" in value for values in found.values() for value in values):
        raise Problem(400, "malformed", "The form cannot be read.")
    if not visit.proves(found.pop(TOKEN, [""])[0]):
        raise expired()
    return found


def expired() -> Problem:
    """Return the problem of a form without the token of who sends it."""
    return Problem(403, "form-expired", "This form is too old. Open the page again and send it once more.")


async def read(request: web.Request, visit: Visit, model: type[M], *, secret: frozenset[str] = frozenset()) -> Sent[M]:
    """Read a form as a model; fields in `secret` (passwords) are not looked at for card numbers, and not shown again.

    A field that comes more than once is a list to the model. Raises Problem as `fields` does.
    """
    return understood(await fields(request, visit), model, secret=secret)


def understood(found: Mapping[str, list[str]], model: type[M], *, secret: frozenset[str] = frozenset()) -> Sent[M]:
    """Return fields that were sent as a model; a card number in any of them is refused, and not shown again."""
    typed = {name: values[0] for name, values in found.items() if name not in secret}
    cards = {name: "card-number" for name, value in typed.items() if holds_card(value)}
    if cards:
        return Sent(None, {name: value for name, value in typed.items() if name not in cards}, cards)
    values: dict[str, Any] = {name: many if len(many) > 1 else many[0] for name, many in found.items()}
    try:
        return Sent(model.model_validate(values), typed)
    except ValidationError as error:
        return Sent(None, typed, _faults(error), _limits(error))


def refused(problem: Problem, known: Mapping[str, str]) -> dict[str, str]:
    """Return what a service has refused, by the form's fields: `known` names the field of each of the body's paths."""
    faults: dict[str, str] = {}
    for fault in problem.members.get("faults", ()):
        path = str(fault.get("at", "")).removeprefix("body.")
        faults[known.get(path, path)] = str(fault.get("rule", "invalid"))
    return faults


def _faults(error: ValidationError) -> dict[str, str]:
    faults: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False):
        blank = fault["type"] == "string_too_short" and fault.get("ctx", {}).get("min_length") == 1
        faults.setdefault(str(fault["loc"][0]) if fault["loc"] else "", "missing" if blank else fault["type"])
    return faults


def _limits(error: ValidationError) -> dict[str, int]:
    limits: dict[str, int] = {}
    for fault in error.errors(include_url=False, include_input=False):
        bounds = fault.get("ctx", {})
        if fault["loc"] and (limit := bounds.get("max_length", bounds.get("min_length"))) is not None:
            limits.setdefault(str(fault["loc"][0]), limit)
    return limits
