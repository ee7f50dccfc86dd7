"""The description of a service's routes: OpenAPI 3.1, made from the handlers' signatures."""

import re
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from inspect import Parameter
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, TypeAdapter

from chassis.refusals import sentence, slug
from chassis.web.freshness import TITLE
from chassis.web.idempotency import FORM
from chassis.web.multipart import MULTIPART
from chassis.web.paging import Page
from chassis.web.problems import MEDIA_TYPE, Problem
from chassis.web.routes import Answer, Content, Route, Routes

REF = "#/components/schemas/{model}"
FAULT = {
    "type": "object",
    "description": "Where a request is wrong, by which rule, and the reason in words where the rule is no common one",
    "required": ["at", "rule"],
    "properties": {"at": {"type": "string"}, "rule": {"type": "string"}, "reason": {"type": "string"}},
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "faults": {"type": "array", "items": FAULT},
    },
}
PAGE = TypeAdapter(Page).json_schema()["properties"]
JSON = "application/json"
# Bytes: OpenAPI 3.1 has no word for them, and generators of clients know that of 3.0.
RAW = {"type": "string", "format": "binary"}
OBJECT = {"type": "object", "additionalProperties": True}
KEPT = {"type": "string", "pattern": "^public, max-age=[0-9]+$"}
KEY = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": f"^{FORM.pattern}$"}
# What the door itself refuses, by kind.
BY_THE_DOOR = {
    "malformed": (400, "The request or its body is cut short, wrongly encoded or no JSON."),
    "repeated-name": (400, "An object of the request body has a name twice."),
    "unknown-parameter": (400, "The address has unknown or repeated parameters."),
    "bad-cursor": (400, "Take the cursor from the list's `next`."),
    "idempotency-key-missing": (400, "Send one Idempotency-Key header of 1 to 200 visible characters."),
    "unauthenticated": (401, "The access token is missing, expired or not ours."),
    "insufficient-user-authentication": (401, TITLE),
    "forbidden": (403, "Your role does not allow this."),
    "not-found": (404, "There is nothing here."),
    "method-not-allowed": (405, "This address does not know that method."),
    "too-slow": (408, "The request body did not arrive in time."),
    "in-flight": (409, "A request with this Idempotency-Key is still being answered."),
    "too-large": (413, "The request body is too large."),
    "unsupported-media-type": (415, "Send the media type that the description names."),
    "invalid": (422, "The request has fields that are missing, unknown or out of range."),
    "card-number": (422, "A card number is entered on the payment provider's page, and nowhere else."),
    "idempotency-key-reused": (422, "This Idempotency-Key was used with another request body."),
    "too-many-requests": (429, "Too many requests; wait a moment."),
    "internal": (500, "Something went wrong on our side; it is recorded."),
    "unavailable": (503, "The service cannot answer at the moment; try again."),
}
# What no signature tells of.
OTHERWISE = {
    "4XX": "Refused for a reason in `x-refusals`",
    "5XX": "Not possible at the moment, or a fault on our side",
}
# A refusal as a page, or as it is; and where somebody is led before a page is shown.
SHOWN = {
    "text/html": {"schema": {"type": "string"}},
    MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}},
}
ELSEWHERE = {
    "description": "Another page comes first, such as that for signing in",
    "headers": {"Location": {"schema": {"type": "string"}}},
}
Mode = Literal["validation", "serialization"]
Part = tuple[str, str]
Schemas = dict[tuple[int, Part], dict[str, Any]]


def describe(
    service: str, description: str, routes: Routes, address: str, *, shows_problems: bool = False
) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of a service, whose clients reach it at this address.

    A refusal stands at a route where its signature tells of it: an error that it returns, what the door itself refuses
    there. Others that its use cases may raise are not known from a signature; they stand once, as `x-refusals`.
    A service that shows problems as pages may also lead from every address to another page first.
    """
    parts: list[tuple[tuple[int, Part], Mode, TypeAdapter[Any]]] = [
        ((id(route), part), mode, adapter) for route in routes.all for part, mode, adapter in _parts(route)
    ]
    found, definitions = TypeAdapter.json_schemas(parts, ref_template=REF)
    schemas = {part: found[part, mode] for part, mode, _ in parts}
    several = {name for name, count in Counter(route.name for route in routes.all).items() if count > 1}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes.all:
        name = _qualified(route) if route.name in several else route.name
        path = re.sub(r"\{(\w+)[^}]*\}", r"{\1}", route.path)
        operation = _operation(route, routes, schemas)
        paths.setdefault(path, {})[route.method.lower()] = {"operationId": name, **operation}
        if shows_problems:
            _let_be_shown(operation["responses"])
    return {
        "openapi": "3.1.0",
        "info": {"title": service, "version": "1", "description": description},
        "servers": [{"url": address}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM, **_titled(definitions.get("$defs", {}))},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "x-refusals": [
            {"type": f"/problems/{kind}", "status": status, "title": title}
            for kind, status, title in (
                *((slug(error), status, sentence(error)) for error, status in routes.errors.items()),
                *((kind, status, title) for kind, (status, title) in BY_THE_DOOR.items()),
            )
        ],
    }


def _parts(route: Route) -> Iterator[tuple[Part, Mode, TypeAdapter[Any]]]:
    """Yield what has a schema of its own: parameters, the body, and each view that is answered."""
    for name, adapter in route.path_parameters.items():
        yield ("path", name), "validation", adapter
    for name, (adapter, _) in route.query.items():
        yield ("query", name), "validation", adapter
    if route.reads is not None:
        yield ("body", ""), "validation", route.reads
    kinds: list[Any] = [*_alternatives(route.answers), *route.also.values()]
    for kind in kinds:
        if _is_model(kind):
            yield ("view", str(kind)), "serialization", TypeAdapter(kind)


def _qualified(route: Route) -> str:
    """Return a name that tells routes apart whose handlers are named alike: with that of the file."""
    file = route.handler.__module__.rpartition(".")[2]
    return route.name if file == route.name else f"{file}_{route.name}"


def _titled(models: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return models of which those have their whole name as title that share the short one: generators name by it."""
    return {name: {**model, "title": name} if "__" in name else model for name, model in models.items()}


def _operation(route: Route, routes: Routes, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": " ".join((route.handler.__doc__ or route.name).split("\n\n")[0].split()),
        "parameters": list(_parameters(route, schemas)),
        "responses": _responses(route, routes, schemas),
    }
    content = {kind: {"schema": OBJECT if kind in (JSON, MULTIPART) else RAW} for kind in route.takes}
    if route.reads is not None:
        content = {JSON: {"schema": schemas[id(route), ("body", "")]}}
    if content:
        operation["requestBody"] = {"required": True, "content": content}
    if route.authenticates != "no":
        operation["security"] = [{"token": []}] + ([{}] if route.authenticates == "optional" else [])
    if route.allow:
        operation["x-roles"] = list(route.allow)
    return operation


def _parameters(route: Route, schemas: Schemas) -> Iterator[dict[str, Any]]:
    for name in route.path_parameters:
        yield {"name": name, "in": "path", "required": True, "schema": schemas[id(route), ("path", name)]}
    for name, (_, default) in route.query.items():
        required = default is Parameter.empty
        yield {"name": name, "in": "query", "required": required, "schema": schemas[id(route), ("query", name)]}
    for name, schema in PAGE.items() if route.pages else ():
        yield {"name": name, "in": "query", "required": False, "schema": schema}
    if route.kept_seconds:
        yield {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}
    if route.creates is not None:
        yield {"name": "Idempotency-Key", "in": "header", "required": True, "schema": KEY}


def _responses(route: Route, routes: Routes, schemas: Schemas) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, shown, content in (*_answers(route, routes), *_also(route)):
        described = responses.setdefault(str(status), {"description": HTTPStatus(status).phrase})
        if content is not None:
            kind, schema = _described(shown, content, schemas)
            described.setdefault("content", {})[kind] = {"schema": schema}
        if status in (201, 303):
            described["headers"] = {"Location": {"schema": {"type": "string"}}}
        if status == 200 and route.kept_seconds:
            described["headers"] = {"ETag": {"schema": {"type": "string"}}, "Cache-Control": {"schema": KEPT}}
    if route.kept_seconds:
        responses["304"] = {"description": "The client has this answer already"}
    problem = {"schema": {"$ref": REF.format(model="Problem")}}
    refusals: dict[int, list[str]] = {}
    for status, text in (*_declared(route, routes), *_by_the_door(route)):
        refusals.setdefault(status, []).append(text)
    for status, texts in refusals.items():
        described = responses.setdefault(str(status), {})
        described["description"] = " / ".join(texts)
        described.setdefault("content", {})[MEDIA_TYPE] = problem
    for statuses, text in OTHERWISE.items():
        responses[statuses] = {"description": text, "content": {MEDIA_TYPE: problem}}
    return {status: responses[status] for status in sorted(responses)}


def _let_be_shown(responses: dict[str, Any]) -> None:
    """Add to a route's answers those that a browser gets: refusals as pages, and the way to another page."""
    responses.setdefault("303", ELSEWHERE)
    for status, described in responses.items():
        if status[0] in "45":
            described.setdefault("content", {}).update(SHOWN)


def _answers(route: Route, routes: Routes) -> Iterator[tuple[int, Route, Content]]:
    shown = routes.view_of(route) or route
    kinds = _alternatives(shown.answers)
    for kind in kinds:
        if _is_model(kind):
            yield route.status, shown, kind
    if type(None) in kinds:
        yield 204 if route.status == 200 else route.status, shown, None


def _also(route: Route) -> Iterator[tuple[int, Route, Content]]:
    for status, content in route.also.items():
        yield status, route, content


def _described(route: Route, content: Content, schemas: Schemas) -> tuple[str, dict[str, Any]]:
    if isinstance(content, str):
        return content, {"type": "string"} if content == "text/html" else RAW
    if content is Problem:
        return MEDIA_TYPE, {"$ref": REF.format(model="Problem")}
    return JSON, schemas[id(route), ("view", str(content))]


def _declared(route: Route, routes: Routes) -> Iterator[tuple[int, str]]:
    """Yield the errors that a handler says it returns."""
    for kind in _alternatives(route.answers):
        if isinstance(kind, type) and issubclass(kind, Exception):
            for ancestor in kind.__mro__:
                if ancestor in routes.errors:
                    yield routes.errors[ancestor], f"{slug(kind)}: {sentence(kind)}"
                    break


def _by_the_door(route: Route) -> Iterator[tuple[int, str]]:
    """Yield what the door refuses by what a route is."""
    kinds: list[str] = []
    if route.query or route.pages:
        kinds += ["unknown-parameter"]
    if route.pages:
        kinds += ["bad-cursor"]
    if route.creates is not None:
        kinds += ["idempotency-key-missing", "in-flight", "idempotency-key-reused"]
    if route.authenticates != "no":
        kinds += ["unauthenticated"]
    if route.allow:
        kinds += ["forbidden"]
    if route.fresh is not None:
        kinds += ["insufficient-user-authentication"]
    if route.path_parameters:
        kinds += ["not-found"]
    if route.reads is not None:
        kinds += ["malformed", "repeated-name", "too-slow", "too-large", "unsupported-media-type"]
    if route.reads is not None or route.query or route.pages:
        kinds += ["invalid"]
    if route.reads is not None or route.query or route.path_parameters:
        kinds += ["card-number"]
    if route.rate is not None:
        kinds += ["too-many-requests"]
    for kind in kinds:
        status, title = BY_THE_DOOR[kind]
        yield status, f"{kind}: {title}"


def _alternatives(hint: Any) -> list[Any]:
    if _is_model(hint) or hint is Answer:
        return [hint]
    return [kind for inner in get_args(hint) for kind in _alternatives(inner)] if get_origin(hint) else [hint]


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
