"""The table of routes: a handler's signature is the contract of its route."""

import inspect
import re
import types
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from aiohttp import web
from contracts.roles import OUTSIDE
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from chassis.db.once import Once
from chassis.db.transaction import Begin, Read, Tx
from chassis.identity.tokens import Caller
from chassis.web.limits import Rate
from chassis.web.paging import Page
from chassis.web.problems import Problem
from chassis.web.written import adapter, pattern

Handler = TypeVar("Handler", bound=Callable[..., Any])
Given = Literal["read", "once", "begin", "caller", "request"]
BODY_LIMIT = 65_536
# where anybody may send one: to look for card numbers in it takes up to 0.6 ms for each KiB
OPEN_BODY_LIMIT = 8_192
# What is answered: a view, a problem, something of a media type, or a head alone.
Content = type[BaseModel] | type[Problem] | str | None
PLAIN = (str, int, float, bool, UUID, date, datetime, time, timedelta, Decimal)
# The `json_schema_extra` of a text that is compared and then forgotten: it alone may look like a card number.
KEPT_NOWHERE: dict[str, JsonValue] = {"x-kept-nowhere": True}


class Body(BaseModel):
    """The base of request bodies: strict, frozen, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class View(BaseModel):
    """The base of what is answered: with all its fields, null where there is nothing."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with a status or headers of its own."""

    view: BaseModel | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Created:
    """What a handler has created: its id, or the ids of the GET route's path, and what that route would show now."""

    id: Any
    view: View


@dataclass(slots=True)
class Route:
    """One route, taken apart from its handler's signature."""

    method: str
    path: str
    handler: Callable[..., Any]
    allow: tuple[str, ...]
    status: int
    body_limit: int
    rate: Rate | type[Rate] | None
    caller_rate: Rate | type[Rate] | None
    creates: Callable[..., Any] | None
    fresh: timedelta | None = None
    path_parameters: dict[str, TypeAdapter[Any]] = field(default_factory=dict[str, TypeAdapter[Any]])
    query: dict[str, tuple[TypeAdapter[Any], Any]] = field(default_factory=dict[str, tuple[TypeAdapter[Any], Any]])
    known: frozenset[str] = frozenset()
    body: tuple[str, type[BaseModel]] | None = None
    reads: TypeAdapter[Any] | None = None
    pages: str | None = None
    given: dict[str, Given] = field(default_factory=dict[str, Given])
    provided: dict[str, type[Any]] = field(default_factory=dict[str, type[Any]])
    tx: str | None = None
    authenticates: str = "no"
    answers: Any = None
    takes: tuple[str, ...] = ()
    also: Mapping[int, Content] = field(default_factory=dict[int, Content])
    kept_seconds: int = 0
    names: frozenset[str] = frozenset()
    kept_nowhere: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The handler's name."""
        return self.handler.__name__

    @property
    def pattern(self) -> str:
        """The path as the router takes it: where an id is asked for, no other word is one.

        So `/me/passkeys/options` is not the passkey `options`, and what is asked there has its own methods.
        """
        return re.sub(r"\{(\w+)\}", lambda match: pattern(match[1], self.path_parameters[match[1]]), self.path)

    def location(self, ids: Mapping[str, Any]) -> str:
        """Return the address of what was created."""
        return re.sub(r"\{(\w+)[^}]*\}", lambda match: str(ids[match[1]]), self.path)


class Routes:
    """Routes and the statuses of domain errors: those of one file, or those of a service, made of its files' ones."""

    def __init__(self, *parts: "Routes", errors: Mapping[type[Exception], int] | None = None) -> None:
        """Take over the routes of the parts; `errors` are the domain errors that clients may see.

        Raises TypeError where two routes have the same address: one of them would be described, the other called.
        """
        self.errors: Mapping[type[Exception], int] = errors or {}
        self.all: list[Route] = [route for part in parts for route in part.all]
        taken = Counter((route.method, re.sub(r"\{\w+", "{", route.path)) for route in self.all)
        if several := [f"{method} {path}" for (method, path), count in taken.items() if count > 1]:
            raise TypeError(f"several routes have the address {', '.join(several)}")
        self._views: dict[Callable[..., Any], Route] = {}

    def view_of(self, route: Route) -> Route | None:
        """Return the GET route that shows what a route creates; raises TypeError where there is none."""
        if route.creates is None:
            return None
        if not self._views:
            self._views = {view.handler: view for view in self.all if view.method == "GET"}
        if route.creates not in self._views:
            raise TypeError(f"{route.name} creates what no GET route shows")
        return self._views[route.creates]

    def get(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Add a route that reads; what it answers may be kept by anybody for `kept_seconds`, and has an ETag then."""
        return self._add("GET", path, 200, **options)

    def post(self, path: str, *, status: int = 200, **options: Any) -> Callable[[Handler], Handler]:
        """Add a route that acts; with `creates=<a GET handler>` it is answered 201 and asks for an Idempotency-Key.

        A handler that creates returns the ids of the GET route's path: the answer is rendered by that route, again
        for each repetition. One that knows the first answer already returns it as `Created`. `allow` names the roles
        of which the caller needs one, `body_limit` counts bytes, `limit` is a `Rate` for each network and
        `limit_caller` one for each caller, or a subclass of it of which the service provides one, made from its
        settings; `fresh` is how long ago the caller may have signed in at most. What the signature does not tell is
        named for the description: `takes` are the media types of a body that the handler reads from the request itself,
        `also` is what it answers with beyond the view that it returns, by status.
        """
        return self._add("POST", path, status, **options)

    def put(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Add a route that sets."""
        return self._add("PUT", path, 200, **options)

    def delete(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Add a route that removes."""
        return self._add("DELETE", path, 200, **options)

    def _add(
        self,
        method: str,
        path: str,
        status: int,
        *,
        allow: str | tuple[str, ...] = (),
        creates: Callable[..., Any] | None = None,
        limit: Rate | type[Rate] | None = None,
        limit_caller: Rate | type[Rate] | None = None,
        body_limit: int | None = None,
        takes: tuple[str, ...] = (),
        also: Mapping[int, Content] | None = None,
        kept_seconds: int = 0,
        fresh: timedelta | None = None,
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            roles = (allow,) if isinstance(allow, str) else allow
            answered = 201 if creates else status
            route = Route(method, path, handler, roles, answered, body_limit or 0, limit, limit_caller, creates)
            route.takes, route.also, route.kept_seconds, route.fresh = takes, also or {}, kept_seconds, fresh
            _take_apart(route)
            if body_limit is None:
                route.body_limit = BODY_LIMIT if route.authenticates == "required" else OPEN_BODY_LIMIT
            self.all.append(route)
            return handler

        return register


def _take_apart(route: Route) -> None:
    hints = get_type_hints(route.handler, include_extras=True)
    route.answers = hints.pop("return", None)
    named = set(re.findall(r"\{(\w+)", route.path))
    for name, parameter in inspect.signature(route.handler).parameters.items():
        hint = hints[name]
        kinds = _kinds(hint)
        if name in named:
            route.path_parameters[name] = adapter(hint)
        elif Tx in kinds:
            route.tx = name
        elif Read in kinds:
            route.given[name] = "read"
        elif Once in kinds:
            route.given[name] = "once"
        elif hint == Begin:
            route.given[name] = "begin"
        elif Caller in kinds:
            route.given[name] = "caller"
            route.authenticates = "optional" if type(None) in kinds else "required"
        elif web.Request in kinds:
            route.given[name] = "request"
        elif Page in kinds:
            route.pages = name
        elif any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds):
            route.body, route.reads = (name, hint), TypeAdapter(hint)
            fields = dict(_fields(route.reads.json_schema()))
            route.names = frozenset(fields)
            route.kept_nowhere = frozenset(name for name, schema in fields.items() if "x-kept-nowhere" in schema)
        elif _is_provided(hint):
            route.provided[name] = hint
        else:
            route.query[name] = (adapter(hint), parameter.default)
    route.known = frozenset(route.query) | (frozenset(Page.model_fields) if route.pages else frozenset())
    if route.allow and route.authenticates == "no":
        raise TypeError(f"{route.name} asks for a role but takes no caller")
    if route.fresh is not None and route.authenticates != "required":
        raise TypeError(f"{route.name} wants callers to have signed in just now, and does not ask for them")
    if route.caller_rate is not None and route.authenticates != "required":
        raise TypeError(f"{route.name} limits callers that it does not ask for")
    if admits_staff(route) and "once" in route.given.values():
        raise TypeError(f"{route.name} lets staff write without a row in the audit log: take a Tx or Begin")
    if route.kept_seconds and route.authenticates != "no":
        raise TypeError(f"{route.name} answers its caller alone, and nobody else may keep that")


def admits_staff(route: Route) -> bool:
    """Return whether staff may call a route as such."""
    return route.authenticates != "no" and not (route.allow and OUTSIDE.issuperset(route.allow))


def _fields(schema: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield our own fields and models in a schema, by their names."""
    if isinstance(schema, dict):
        node = cast("dict[str, Any]", schema)
        for part in ("properties", "$defs"):
            yield from cast("dict[str, Any]", node.get(part, {})).items()
        for inner in node.values():
            yield from _fields(inner)
    elif isinstance(schema, list):
        for inner in cast("list[Any]", schema):
            yield from _fields(inner)


def _is_provided(hint: Any) -> bool:
    """Return whether a parameter's type is a class of ours, not one that a query's text can be read as."""
    if not isinstance(hint, type) or hint in PLAIN or issubclass(hint, Enum):
        return False
    return hint.__module__.partition(".")[0] != "pydantic"


def _kinds(hint: Any) -> set[Any]:
    if get_origin(hint) in (Union, types.UnionType):
        return {kind for inner in get_args(hint) for kind in _kinds(inner)}
    return _kinds(get_args(hint)[0]) if get_origin(hint) is Annotated else {hint}


__all__ = ["KEPT_NOWHERE", "Answer", "Body", "Created", "Route", "Routes", "View"]
