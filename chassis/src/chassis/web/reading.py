"""Reading a request: parameters by the types of the route, the body within its limit."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError, TransferEncodingError
from contracts.wire import repeats_a_name
from pydantic import ValidationError

from chassis.telemetry.cards import cards_in_json, holds_card
from chassis.web.paging import Page
from chassis.web.problems import Problem, card_number, invalid, named, not_found, unfit
from chassis.web.routes import Route

BODY_SECONDS = 20
# a card number in a body that is refused anyway is looked for up to this size, which takes some 2 ms
SCANNED_THOUGH_INVALID = 4096
PAGED = frozenset(Page.model_fields)
# the client leaves in the middle, or its body is not encoded as its head says
BROKEN = (
    aiohttp.ClientPayloadError,
    web.RequestPayloadError,
    ContentEncodingError,
    TransferEncodingError,
    ConnectionError,
)


def parameters(route: Route, request: web.Request) -> dict[str, Any]:
    """Return the arguments from path and query; a bad path is not found, a bad query is refused."""
    arguments: dict[str, Any] = {}
    query = _query(route, request)
    for name, adapter in route.path_parameters.items():
        value = request.match_info[name]
        if "\0" in value:
            raise not_found()
        try:
            arguments[name] = adapter.validate_strings(value)
        except ValidationError:
            raise not_found() from None
        if holds_card(value):
            raise card_number(name)
    problem: Problem | None = None
    for name, (adapter, default) in route.query.items():
        if name not in query:
            if default is inspect.Parameter.empty:
                raise unfit("A parameter is missing.", name, "missing")
            arguments[name] = default
            continue
        try:
            arguments[name] = adapter.validate_strings(query[name])
        except ValidationError as error:
            problem = invalid(error, name)
    if route.pages:
        try:
            arguments[route.pages] = Page.model_validate_strings({name: query[name] for name in PAGED if name in query})
        except ValidationError as error:
            problem = invalid(error, "page", PAGED)
    if problem is not None:
        raise problem
    return arguments


def _query(route: Route, request: web.Request) -> dict[str, str]:
    """Return the query's parameters: each once, each known, without card numbers."""
    found = request.query
    if not found:
        return {}
    query = dict(found.items())
    if len(query) != len(found) or not route.known.issuperset(query):
        known = sorted(route.known)
        raise Problem(400, "unknown-parameter", "The address has unknown or repeated parameters.", known=known)
    if names := [name for name, value in query.items() if holds_card(value)]:
        raise card_number(*names)
    if names := [name for name, value in query.items() if "\0" in value]:
        raise nul(names[0])
    return query


class BodyTorn(ConnectionError):
    """The request body is cut short or wrongly encoded."""


async def content(route: Route, request: web.Request) -> bytes:
    """Return the body as JSON bytes; raises Problem for what `raw_body` refuses, and NUL characters."""
    body = await raw_body(request, route.body_limit, "application/json", seconds=BODY_SECONDS)
    if b"\x00" in body or b"\\u0000" in body:
        raise nul("body")
    return body


async def raw_body(request: web.Request, limit: int, *types: str, seconds: float = BODY_SECONDS) -> bytes:
    """Return the body as the bytes it is; raises Problem for another type, and too large, too slow or torn a body.

    No transaction is to be open meanwhile.
    """
    if types and request.content_type not in types:
        raise Problem(415, "unsupported-media-type", f"Send {' or '.join(types)}.")
    if (request.content_length or 0) > limit:
        raise too_large(limit)
    try:
        body = _arrived(request) or await _arriving(request, limit, seconds)
    except BROKEN:
        raise broken() from None
    except TimeoutError:
        raise Problem(408, "too-slow", "The request body did not arrive in time.") from None
    if len(body) > limit:
        raise too_large(limit)
    return body


async def parts(request: web.Request) -> AsyncIterator[bytes]:
    """Yield a body as it arrives, for what is too large to be held; raises BodyTorn."""
    try:
        async for part in request.content.iter_any():
            yield part
    except BROKEN:
        raise BodyTorn from None


def _arrived(request: web.Request) -> bytes:
    """Return a body that has arrived as a whole, as most have by now; nothing where more is to come."""
    return request.content.read_nowait() if request.content.is_eof() else b""


async def _arriving(request: web.Request, limit: int, seconds: float) -> bytes:
    """Read a body as it arrives, and give it up as soon as it is too large or too slow."""
    body = bytearray()
    async with asyncio.timeout(seconds):
        async for part in parts(request):
            body += part
            if len(body) > limit:
                break
    return bytes(body)


def broken() -> Problem:
    """Return the problem of a body that ends too early, or is not what its head says."""
    return Problem(400, "malformed", "The request body is cut short or wrongly encoded.")


def too_large(limit: int) -> Problem:
    """Return the problem of a body of more bytes than the route takes."""
    return Problem(413, "too-large", "The request body is too large.", limit=limit)


def nul(at: str) -> Problem:
    """Return the problem of a text with NUL, which no table can hold."""
    return unfit("The request has a NUL character.", at, "nul")


async def body_model(route: Route, request: web.Request) -> tuple[bytes, Any]:
    """Return the body and the model that it is read as; a name that stands twice in an object is refused."""
    body = await content(route, request)
    if repeats_a_name(body):
        raise Problem(400, "repeated-name", "An object of the request body has a name twice.")
    if route.reads is None:
        return body, None
    problem: Problem | None = None
    model: Any = None
    try:
        model = route.reads.validate_json(body)
    except ValidationError as error:
        problem = invalid(error, "body", route.names)
    if problem is None or len(body) <= SCANNED_THOUGH_INVALID:
        _refuse_cards(route, body)
    # raised outside: a chained ValidationError would carry the input into the log
    if problem is not None:
        raise problem
    return body, model


def _refuse_cards(route: Route, body: bytes) -> None:
    if paths := cards_in_json(body, route.kept_nowhere):
        raise card_number(*(".".join(["body", *named(path, route.names)]) for path in paths))
