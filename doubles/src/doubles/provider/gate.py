"""The gate that every API call passes: the API key, the faults, the idempotency key, the answer with its expansions."""

import hmac
import json
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple, cast

from aiohttp import web

from . import wire
from .provider import Provider, cause
from .session import SESSION, line_items
from .switches import ApiFault
from .wire import API_VERSION, Json, Refusal, new_id

ANSWER = "_idempotency"
A_DAY = 86400
LONGEST_KEY = 255
MOST_LEVELS = 4
KINDS = {
    "ch": "charge", "cs": "checkout.session", "cus": "customer", "du": "dispute", "pi": "payment_intent",
    "pm": "payment_method", "re": "refund",
}  # fmt: skip


class Call(NamedTuple):
    """An API call: the ids in its path, its parameters, and the address at which the provider was reached."""

    ids: dict[str, str]
    params: Json
    origin: str


class Cut(Exception):
    """The connection ends without an answer."""


Action = Callable[[Provider, Call], Json]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Gate:
    """Lets calls in to actions, one at a time for each idempotency key."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._in_flight: set[str] = set()

    def handler(self, action: Action) -> Handler:
        """Make the HTTP handler of an action."""

        async def handle(request: web.Request) -> web.StreamResponse:
            version = request.headers.get("Stripe-Version", API_VERSION)
            headers = {"Request-Id": new_id("req", 14), "Stripe-Version": version}
            try:
                status, body = await self._answer(action, request, headers)
            except Refusal as refusal:
                status, body = refusal.status, json.dumps(refusal.body, indent=2)
            except Cut:
                if request.transport:
                    request.transport.abort()
                status, body = 500, ""
            return web.Response(status=status, text=body, content_type="application/json", headers=headers)

        return handle

    async def _answer(self, action: Action, request: web.Request, headers: dict[str, str]) -> tuple[int, str]:
        _check_key(request, self._provider.api_key)
        pairs = request.query if request.method in ("GET", "DELETE") else await request.post()
        params = wire.decode((name, str(value)) for name, value in pairs.items())
        call = Call(dict(request.match_info), params, str(request.url.origin()))
        await self._fault(request, "before")
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        if key is None:
            status, body, _ = self._work(action, call, headers["Request-Id"], None)
        else:
            headers["Idempotency-Key"] = key
            status, body = await self._once(action, call, request, key, headers)
        await self._fault(request, "after")
        return status, body

    async def _once(
        self, action: Action, call: Call, request: web.Request, key: str, headers: dict[str, str]
    ) -> tuple[int, str]:
        """Do the work of a call, or return the answer kept under its idempotency key."""
        if len(key) > LONGEST_KEY:
            raise Refusal(f"Idempotency keys are up to {LONGEST_KEY} characters long.", kind="idempotency_error")
        if key in self._in_flight:
            raise Refusal(
                "There is currently another in-progress request using this Idempotency Key (that probably means you "
                "submitted twice, and the other request is still going through). Please try again later.",
                status=409, kind="idempotency_error", code="idempotency_key_in_use",
            )  # fmt: skip
        kept = self._provider.state.get(ANSWER, key)
        if kept and kept["since"] > time.time() - A_DAY:
            _compare(kept, request.path, call.params, key)
            headers |= {"Idempotent-Replayed": "true", "Original-Request": kept["request"]}
            return kept["status"], kept["body"]
        self._in_flight.add(key)
        try:
            await self._fault(request, "during")
            status, body, keep = self._work(action, call, headers["Request-Id"], key)
        finally:
            self._in_flight.discard(key)
        if keep:
            answer: Json = {"path": request.path, "params": call.params, "status": status, "body": body}
            self._provider.state.put(ANSWER, key, answer | {"request": headers["Request-Id"], "since": time.time()})
        return status, body

    def _work(self, action: Action, call: Call, request_id: str, key: str | None) -> tuple[int, str, bool]:
        """Return the status, the body, and whether to keep both under the idempotency key."""
        token = cause.set({"id": request_id, "idempotency_key": key})
        try:
            thing = _expand(self._provider, action(self._provider, call), call.params)
            return 200, json.dumps(thing, indent=2), True
        except Refusal as refusal:
            return refusal.status, json.dumps(refusal.body, indent=2), refusal.kept
        finally:
            cause.reset(token)

    async def _fault(self, request: web.Request, moment: str) -> None:
        switches = self._provider.switches
        hang, refuse = switches.now.api.hang, switches.now.api.refuse
        if hang and _applies(hang, request, moment) and not await switches.pause(hang.seconds):
            raise Cut
        if refuse and _applies(refuse, request, moment):
            if refuse.status != 429:
                raise Refusal("An unknown error occurred", status=refuse.status, kind="api_error")
            raise Refusal(
                "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
                status=429, code="rate_limit",
            )  # fmt: skip


def _compare(kept: Json, path: str, params: Json, key: str) -> None:
    if kept["path"] != path:
        same = f"for the same endpoint they were first used for ('{path}' vs '{kept['path']}')"
    elif kept["params"] != params:
        same = "with the same parameters they were first used with"
    else:
        return
    raise Refusal(
        f"Keys for idempotent requests can only be used {same}. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )


def _applies(fault: ApiFault, request: web.Request, moment: str) -> bool:
    return (
        fault.at == moment
        and request.path.startswith(fault.path)
        and fault.method in (None, request.method)
        and fault.spend()
    )


def _check_key(request: web.Request, key: str) -> None:
    given = request.headers.get("Authorization", "").partition(" ")[2]
    if not given:
        raise Refusal(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if not hmac.compare_digest(given.encode(), key.encode()):
        raise Refusal(f"Invalid API Key provided: {given[:8]}{'*' * 12}{given[-4:]}", status=401)


def _expand(provider: Provider, thing: Json, params: Json) -> Json:
    """Return the object with other objects in place of their ids, as the paths of `expand` ask."""
    for path in map(str, wire.items(params, "expand")):
        steps = path.split(".")
        if len(steps) > MOST_LEVELS:
            raise Refusal(f"You cannot expand more than {MOST_LEVELS} levels of a property.", param="expand")
        thing = _follow(provider, thing, steps, path)
    return thing


def _follow(provider: Provider, thing: Json, steps: list[str], path: str) -> Json:
    if not steps:
        return thing
    step, *rest = steps
    if thing.get("object") == "list" and step == "data":
        return {**thing, "data": [_follow(provider, row, rest, path) for row in thing["data"]]}
    if thing.get("object") == SESSION and step == "line_items":
        return {**thing, step: line_items(provider, thing)}
    value = thing.get(step)
    if isinstance(value, str) and (kind := KINDS.get(value.split("_")[0])):
        value = provider.state.get(kind, value)
    elif step not in thing or (value is not None and not isinstance(value, dict)):
        raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
    return thing if value is None else {**thing, step: _follow(provider, cast("Json", value), rest, path)}
