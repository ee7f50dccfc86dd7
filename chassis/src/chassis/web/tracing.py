"""What the spans of requests tell: of those that we answer, and of those that we send."""

from types import SimpleNamespace
from typing import Any, Final

import aiohttp
from aiohttp import web
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind

from chassis.telemetry.masking import class_of
from chassis.telemetry.traces import begin, describe, fail, traceparent_of

FAULTS: Final = 500
"""From this status on an answer is a fault of the server."""


def answered(opened: Span, request: web.BaseRequest, route: str, status: int) -> None:
    """Tell what was asked and answered; a path with parameters is not told, for some are secrets of links."""
    if opened.is_recording():
        about: dict[str, Any] = {"http.request.method": request.method, "http.route": route}
        if "{" not in route:
            about["url.path"] = route
        version = f"{request.version.major}.{request.version.minor}"
        about |= {"url.scheme": request.scheme, "network.protocol.version": version}
        describe(opened, about | {"http.response.status_code": status})
        if status >= FAULTS:
            fail(opened, str(status))


def asking() -> aiohttp.TraceConfig:
    """Return what makes a client's requests spans of a trace that is recorded, and names it to the server.

    For clients of our own services: others are not told our traces. Their paths hold no ids.
    """
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_start)
    config.on_request_end.append(_end)
    config.on_request_exception.append(_fail)
    return config


async def _start(_: aiohttp.ClientSession, context: SimpleNamespace, asked: aiohttp.TraceRequestStartParams) -> None:
    parent = traceparent_of(trace.get_current_span())
    opened = parent and begin(f"{asked.method} {asked.url.path}", SpanKind.CLIENT, parent)
    context.span = opened
    if opened:
        about: dict[str, Any] = {"http.request.method": asked.method, "url.template": asked.url.path}
        address = {"server.address": asked.url.host, "server.port": asked.url.port}
        describe(opened, about | address | {"url.full": str(asked.url.with_user(None).with_query(None))})
    if sent := (traceparent_of(opened) if opened else parent):
        asked.headers["traceparent"] = sent


async def _end(_: aiohttp.ClientSession, context: SimpleNamespace, asked: aiohttp.TraceRequestEndParams) -> None:
    if opened := context.span:
        describe(opened, {"http.response.status_code": asked.response.status})
        if asked.response.status >= 400:  # the client of a refused request has failed
            fail(opened, str(asked.response.status))
        opened.end()


async def _fail(_: aiohttp.ClientSession, context: SimpleNamespace, asked: aiohttp.TraceRequestExceptionParams) -> None:
    if opened := context.span:
        fail(opened, class_of(asked.exception))
        opened.end()
