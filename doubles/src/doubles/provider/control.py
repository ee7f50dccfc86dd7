"""The provider's own side: its dashboard, the bank's acts, what it has recorded, and the switches of its faults."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiohttp import web
from pydantic import ValidationError

from . import checkout, session
from .courier import Courier
from .method import METHOD
from .payment import CHARGE, INTENT
from .provider import Provider
from .reversal import DISPUTE, REFUND, close_dispute, create_refund, open_dispute
from .session import SESSION
from .wire import Json, Refusal, missing

Action = Callable[[Provider, Courier, Json], Json | list[Json]]


def add_routes(app: web.Application, provider: Provider, courier: Courier) -> None:
    """Add the control to the application; an action takes the query of a GET, the JSON body of a POST."""
    routes: list[tuple[str, str, Action]] = [
        ("GET", "health", lambda provider, courier, query: {"ok": True}),
        ("GET", "switches", lambda provider, courier, query: provider.switches.now.model_dump()),
        ("POST", "switches", turn_switches),
        ("POST", "reset", reset),
        ("POST", "refund", refund),
        ("POST", "dispute", dispute),
        ("POST", "settle", settle),
        ("POST", "expire", expire),
        ("GET", "payments", payments),
        ("GET", "tokens", tokens),
        ("GET", "webhooks", lambda provider, courier, query: courier.deliveries()),
        ("POST", "webhooks/resend", resend),
    ]
    for verb, name, action in routes:
        app.router.add_route(verb, f"/_control/{name}", _handler(provider, courier, action))


def _handler(
    provider: Provider, courier: Courier, action: Action
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            body: Any = await request.json() if request.can_read_body else dict(request.query)
            if not isinstance(body, dict):
                raise Refusal("The body is a JSON object.")
            return web.json_response(action(provider, courier, cast("Json", body)))
        except Refusal as refusal:
            return web.json_response(refusal.body, status=refusal.status)
        except ValidationError as error:
            return web.json_response({"error": {"message": str(error)}}, status=400)
        except ValueError as error:
            return web.json_response({"error": {"message": f"The body is no JSON: {error}"}}, status=400)

    return handle


def turn_switches(provider: Provider, courier: Courier, body: Json) -> Json:
    """Turn the switches that the body names; held webhooks are sent when disorder ends."""
    provider.switches.turn(body)
    if provider.switches.now.webhooks.disorder is None:
        courier.release()
    return provider.switches.now.model_dump()


def reset(provider: Provider, courier: Courier, _: Json) -> Json:
    """Turn every fault off; held webhooks are sent."""
    provider.switches.reset()
    courier.release()
    return provider.switches.now.model_dump()


def refund(provider: Provider, _: Courier, body: Json) -> Json:
    """Refund at the dashboard, without the shop having asked for it."""
    params: Json = {"charge": _charge(provider, body)["id"]}
    if body.get("amount") is not None:
        params["amount"] = str(body["amount"])
    return create_refund(provider, params | ({"reason": body["reason"]} if body.get("reason") else {}))


def dispute(provider: Provider, _: Courier, body: Json) -> Json:
    """Open, win or lose a dispute, as the bank says."""
    charge = _charge(provider, body)
    status = body.get("status", "opened")
    if status == "opened":
        return open_dispute(provider, charge, body.get("reason", "fraudulent"))
    if status not in ("won", "lost"):
        raise Refusal("status is one of opened, won, lost.", param="status")
    for opened in reversed(provider.state.all(DISPUTE)):
        if opened["charge"] == charge["id"]:
            return close_dispute(provider, opened, status)
    raise Refusal(f"Charge {charge['id']} has no dispute.", status=404)


def settle(provider: Provider, _: Courier, body: Json) -> Json:
    """End a debit or a refund that is under way."""
    key = body.get("session") or body.get("refund")
    if not key:
        raise missing("session")
    if body.get("outcome") not in (None, "succeeded", "failed"):
        raise Refusal("outcome is one of succeeded, failed.", param="outcome")
    return checkout.settle(provider, str(key), body.get("outcome"))


def expire(provider: Provider, _: Courier, body: Json) -> Json:
    """Let the time of a session run out."""
    return session.expire(provider, provider.need(SESSION, str(body.get("session", "")), param="session"))


def payments(provider: Provider, _: Courier, query: Json) -> list[Json]:
    """Show what every payment has come to, newest first; `reference` narrows it."""
    sessions = {opened["payment_intent"]: opened for opened in provider.state.all(SESSION)}
    refunds, disputes = _by_intent(provider, REFUND), _by_intent(provider, DISPUTE)
    return [
        _payment(provider, intent, sessions[intent["id"]], refunds[intent["id"]], disputes[intent["id"]])
        for intent in reversed(provider.state.all(INTENT))
        if query.get("reference") in (None, sessions[intent["id"]]["client_reference_id"])
    ]


def tokens(provider: Provider, _: Courier, query: Json) -> list[Json]:
    """Show the payment methods that are kept; `customer` narrows it."""
    return [
        {"id": token["id"], "customer": token["customer"], "type": token["type"],
         "brand": token["card"]["brand"] if "card" in token else token["type"],
         "last4": token[token["type"]]["last4"], "created": token["created"]}
        for token in provider.state.all(METHOD)
        if token["customer"] and query.get("customer") in (None, token["customer"])
    ]  # fmt: skip


def resend(provider: Provider, courier: Courier, body: Json) -> Json:
    """Send an event once more, even one that was dropped."""
    event = str(body.get("event", ""))
    provider.need("event", event, param="event")
    courier.resend(event)
    return {"event": event}


def _by_intent(provider: Provider, kind: str) -> defaultdict[str, list[Json]]:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for thing in provider.state.all(kind):
        found[thing["payment_intent"]].append({name: thing[name] for name in ("id", "amount", "status", "reason")})
    return found


def _payment(provider: Provider, intent: Json, opened: Json, refunds: list[Json], disputes: list[Json]) -> Json:
    charge = provider.state.get(CHARGE, intent["latest_charge"])
    token = provider.state.get(METHOD, charge["payment_method"]) if charge else None
    details: Json = token[token["type"]] if token else {}
    refunded: int = charge["amount_refunded"] if charge else 0
    disputed = sum(entry["amount"] for entry in disputes if entry["status"] != "won")
    return {
        "payment_intent": intent["id"],
        "session": opened["id"],
        "reference": opened["client_reference_id"],
        "metadata": intent["metadata"],
        "status": intent["status"],
        "currency": intent["currency"],
        "amount": intent["amount"],
        "received": intent["amount_received"],
        "refunded": refunded,
        "kept": intent["amount_received"] - refunded - disputed,
        "refunds": refunds,
        "disputes": disputes,
        "charge": charge["id"] if charge else None,
        "method": token["type"] if token else None,
        "brand": details.get("brand"),
        "last4": details.get("last4"),
        "customer": intent["customer"],
        "token_kept": bool(token and token["customer"]),
    }


def _charge(provider: Provider, body: Json) -> Json:
    """Return the latest charge of the payment that `session` or `payment_intent` names."""
    intent = body.get("payment_intent")
    if "session" in body:
        intent = provider.need(SESSION, str(body["session"]), param="session")["payment_intent"]
    charge = provider.need(INTENT, str(intent or ""), param="payment_intent")["latest_charge"]
    return provider.need(CHARGE, charge or "", param="charge")
