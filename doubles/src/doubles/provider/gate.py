"""The gate every API call passes: the key, the faults, the idempotency key, the answer."""

import base64
import hmac
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from . import form
from .event import origin
from .expanding import expand
from .provider import Provider
from .refusal import Refusal
from .shapes import API_VERSION, Json, new_id
from .switches import ApiHang, ApiRefuse, Moment

KEPT = "_idempotency"
A_DAY = 86400
LONGEST_KEY = 255


@dataclass(frozen=True)
class Call:
    """One API call: what the path names, what the form says, where the provider is reached."""

    ids: dict[str, str]
    params: Json
    url: str


class LineCut(Exception):
    """The connection ends without an answer."""


Action = Callable[[Provider, Call], Json]
Door = Callable[[web.Request], Awaitable[web.StreamResponse]]


def door(provider: Provider, action: Action, in_flight: set[str]) -> Door:
    """Makes the HTTP handler of an action."""

    async def handle(request: web.Request) -> web.StreamResponse:
        headers = {
            "Request-Id": new_id("req", 14),
            "Stripe-Version": request.headers.get("Stripe-Version", API_VERSION),
        }
        try:
            status, body = await _answer(provider, action, request, headers, in_flight)
        except Refusal as refusal:
            status, body = refusal.status, json.dumps(refusal.body(), indent=2)
        except LineCut:
            if request.transport:
                request.transport.abort()
            status, body = 500, ""
        return web.Response(status=status, text=body, content_type="application/json", headers=headers)

    return handle


async def _answer(provider: Provider, action: Action, request: web.Request, headers: dict[str, str],
                  in_flight: set[str]) -> tuple[int, str]:  # fmt: skip
    _check_key(request, provider.api_key)
    query = request.method in ("GET", "DELETE")
    posted = [] if query else [(name, str(value)) for name, value in (await request.post()).items()]
    params = form.decode(request.query.items() if query else posted)
    call = Call(dict(request.match_info), params, str(request.url.origin()))
    await _fault(provider, request, "before")
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    if key is None:
        done = _work(provider, action, call, headers["Request-Id"], None)
    else:
        headers["Idempotency-Key"] = key
        done = await _once(provider, action, call, request, key, headers, in_flight)
    await _fault(provider, request, "after")
    return done[0], done[1]


async def _once(provider: Provider, action: Action, call: Call, request: web.Request, key: str,
                headers: dict[str, str], in_flight: set[str]) -> tuple[int, str, bool]:  # fmt: skip
    if len(key) > LONGEST_KEY:
        raise Refusal(f"Idempotency keys are up to {LONGEST_KEY} characters long.", kind="idempotency_error")
    if key in in_flight:
        raise Refusal(
            "There is currently another in-progress request using this Idempotency Key (that probably means you "
            "submitted twice, and the other request is still going through). Please try again later.",
            status=409, kind="idempotency_error", code="idempotency_key_in_use",
        )  # fmt: skip
    kept = provider.state.get(KEPT, key)
    if kept and kept["since"] > time.time() - A_DAY:
        _compare(kept, request.path, call.params, key)
        headers["Idempotent-Replayed"] = "true"
        headers["Original-Request"] = kept["request"]
        return kept["status"], kept["body"], True
    in_flight.add(key)
    try:
        await _fault(provider, request, "during")
        status, body, keep = _work(provider, action, call, headers["Request-Id"], key)
    finally:
        in_flight.discard(key)
    if keep:
        provider.state.put(KEPT, key, {"path": request.path, "params": call.params, "status": status, "body": body,
                                       "request": headers["Request-Id"], "since": time.time()})  # fmt: skip
    return status, body, keep


def _work(provider: Provider, action: Action, call: Call, request_id: str, key: str | None) -> tuple[int, str, bool]:
    token = origin.set({"id": request_id, "idempotency_key": key})
    try:
        thing = expand(provider, action(provider, call), call.params)
        return 200, json.dumps(thing, indent=2), True
    except Refusal as refusal:
        return refusal.status, json.dumps(refusal.body(), indent=2), refusal.kept
    finally:
        origin.reset(token)


def _compare(kept: Json, path: str, params: Json, key: str) -> None:
    advice = f"Try using a key other than '{key}' if you meant to execute a different request."
    if kept["path"] != path:
        raise Refusal(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{path}' vs '{kept['path']}'). {advice}",
            kind="idempotency_error",
        )
    if kept["params"] != params:
        raise Refusal(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"{advice}",
            kind="idempotency_error",
        )


async def _fault(provider: Provider, request: web.Request, moment: Moment) -> None:
    faults = provider.switches.now.api
    hang, refuse = faults.hang, faults.refuse
    if hang and _meets(hang, request, moment) and not await provider.switches.pause(hang.seconds):
        raise LineCut
    if refuse and _meets(refuse, request, moment):
        raise _outage(refuse.status)


def _meets(fault: ApiHang | ApiRefuse, request: web.Request, moment: Moment) -> bool:
    return (
        fault.at == moment
        and request.path.startswith(fault.path)
        and fault.method in (None, request.method)
        and fault.spend()
    )


def _outage(status: int) -> Refusal:
    if status == 429:
        return Refusal(
            "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
            status=429, code="rate_limit",
        )  # fmt: skip
    return Refusal("An unknown error occurred", status=status, kind="api_error")


def _check_key(request: web.Request, key: str) -> None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[0]
        except ValueError:
            given = ""
    if not given:
        raise Refusal(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if not hmac.compare_digest(given.encode(), key.encode()):
        raise Refusal(f"Invalid API Key provided: {given[:8]}{'*' * 12}{given[-4:]}", status=401)
