"""Events: what happened, as the provider tells it."""

from contextvars import ContextVar
from copy import deepcopy

from .provider import Provider
from .shapes import API_VERSION, Json, new_id, now

NOBODY: Json = {"id": None, "idempotency_key": None}
origin: ContextVar[Json] = ContextVar("origin", default=NOBODY)


def emit(provider: Provider, kind: str, thing: Json, previous: Json | None = None) -> Json:
    """Writes an event down with the object as it is now, and hands it to the courier if it goes to anybody."""
    data: Json = {"object": deepcopy(thing)}
    if previous is not None:
        data["previous_attributes"] = previous
    event: Json = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now(),
        "data": data,
        "livemode": False,
        "pending_webhooks": int(provider.courier.delivers(kind)),
        "request": dict(origin.get()),
        "type": kind,
    }
    provider.state.save(event)
    if event["pending_webhooks"]:
        provider.courier.take(event["id"])
    return event
