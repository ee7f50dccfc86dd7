"""The provider's own side: its dashboard, its read-outs and the switches of its faults."""

import functools
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiohttp import web
from pydantic import ValidationError

from . import dispute, method, refund, session, settlement
from .provider import Provider
from .refusal import Refusal, missing
from .shapes import Json

Answer = Json | list[Json]
Work = Callable[[Provider, web.Request, Json], Answer]


def add_routes(app: web.Application, provider: Provider) -> None:
    """Hangs the control into the application."""
    table: list[tuple[str, str, Work]] = [
        ("GET", "health", lambda provider, request, body: {"ok": True}),
        ("GET", "switches", show_switches),
        ("POST", "switches", turn_switches),
        ("POST", "reset", reset),
        ("POST", "refund", refund_at_dashboard),
        ("POST", "dispute", dispute_at_bank),
        ("POST", "settle", settle),
        ("POST", "expire", expire),
        ("GET", "payments", payments),
        ("GET", "tokens", tokens),
        ("GET", "webhooks", lambda provider, request, body: provider.courier.records()),
        ("POST", "webhooks/release", lambda provider, request, body: {"released": provider.courier.release()}),
        ("POST", "webhooks/resend", resend),
    ]
    for verb, name, work in table:
        app.router.add_route(verb, f"/_control/{name}", _door(provider, work))


def _door(provider: Provider, work: Work) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    @functools.wraps(work)
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            body: Any = await request.json() if request.can_read_body else {}
            if not isinstance(body, dict):
                raise Refusal("The body is a JSON object.")
            return web.json_response(work(provider, request, cast("Json", body)))
        except Refusal as refusal:
            return web.json_response(refusal.body(), status=refusal.status)
        except ValidationError as error:
            return web.json_response({"error": {"message": str(error)}}, status=400)
        except ValueError as error:
            return web.json_response({"error": {"message": f"The body is no JSON: {error}"}}, status=400)

    return handle


def show_switches(provider: Provider, _: web.Request, __: Json) -> Json:
    """Shows every switch."""
    return provider.switches.now.model_dump()


def turn_switches(provider: Provider, _: web.Request, body: Json) -> Json:
    """Turns the switches that the body names; held webhooks go out when disorder ends."""
    provider.switches.turn(body)
    if provider.switches.now.webhooks.disorder is None:
        provider.courier.release()
    return provider.switches.now.model_dump()


def reset(provider: Provider, _: web.Request, body: Json) -> Json:
    """Turns every fault off; with `state` it forgets all payments too."""
    provider.switches.reset()
    if body.get("state"):
        provider.courier.forget()
        provider.state.clear()
    else:
        provider.courier.release()
    return provider.switches.now.model_dump()


def refund_at_dashboard(provider: Provider, _: web.Request, body: Json) -> Json:
    """Pays back without the shop having asked for it."""
    charge = _charge(provider, body)
    amount = body.get("amount")
    params: Json = {"charge": charge["id"], **({"amount": str(amount)} if amount is not None else {})}
    return refund.create(provider, params | ({"reason": body["reason"]} if body.get("reason") else {}))


def dispute_at_bank(provider: Provider, _: web.Request, body: Json) -> Json:
    """Opens, wins or loses a dispute."""
    charge = _charge(provider, body)
    status = body.get("status", "opened")
    if status == "opened":
        return dispute.open_(provider, charge, body.get("reason", "fraudulent"), body.get("amount"))
    if status not in ("won", "lost"):
        raise Refusal("status is one of opened, won, lost.", param="status")
    for found in reversed(provider.state.all(dispute.KIND)):
        if found["charge"] == charge["id"]:
            return dispute.close(provider, found, status)
    raise Refusal(f"Charge {charge['id']} has no dispute.", status=404)


def settle(provider: Provider, _: web.Request, body: Json) -> Json:
    """Ends a debit or a refund that is under way."""
    key = body.get("session") or body.get("refund")
    if not key:
        raise missing("session")
    if body.get("outcome") not in (None, "succeeded", "failed"):
        raise Refusal("outcome is one of succeeded, failed.", param="outcome")
    return settlement.settle(provider, str(key), body.get("outcome"))


def expire(provider: Provider, _: web.Request, body: Json) -> Json:
    """Lets the time of a session run out."""
    key = str(body.get("session", ""))
    return session.expire(provider, provider.need(session.KIND, key, "checkout.session", param="session"))


def payments(provider: Provider, request: web.Request, _: Json) -> list[Json]:
    """Shows what every payment has come to, newest first; `reference` and `payment_intent` narrow it."""
    reference, wanted = request.query.get("reference"), request.query.get("payment_intent")
    sessions = {found["payment_intent"]: found for found in provider.state.all(session.KIND) if found["payment_intent"]}
    refunds, disputes = _by_intent(provider, refund.KIND), _by_intent(provider, dispute.KIND)
    shown: list[Json] = []
    for intent in reversed(provider.state.all("payment_intent")):
        of = sessions.get(intent["id"], {})
        if reference in (None, of.get("client_reference_id")) and wanted in (None, intent["id"]):
            shown.append(_payment(provider, intent, of, refunds[intent["id"]], disputes[intent["id"]]))
    return shown


def tokens(provider: Provider, request: web.Request, _: Json) -> list[Json]:
    """Shows the payment methods that are kept; `customer` narrows it."""
    customer = request.query.get("customer")
    return [
        {"id": token["id"], "customer": token["customer"], "type": token["type"], "brand": token["type"],
         "last4": token[token["type"]]["last4"], "created": token["created"]}
        | ({"brand": token["card"]["brand"]} if "card" in token else {})
        for token in provider.state.all(method.KIND)
        if token["customer"] and customer in (None, token["customer"])
    ]  # fmt: skip


def resend(provider: Provider, _: web.Request, body: Json) -> Json:
    """Sends an event once more, even one that was dropped."""
    event = str(body.get("event", ""))
    provider.need("event", event, "event", param="event")
    provider.courier.resend(event)
    return {"event": event}


def _by_intent(provider: Provider, kind: str) -> defaultdict[str, list[Json]]:
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for thing in provider.state.all(kind):
        found[thing["payment_intent"]].append(thing)
    return found


def _payment(provider: Provider, intent: Json, of: Json, refunds: list[Json], disputes: list[Json]) -> Json:
    charge = provider.state.get("charge", intent["latest_charge"] or "")
    token = provider.state.get(method.KIND, charge["payment_method"]) if charge else None
    details: Json = token[token["type"]] if token else {}
    return {
        "payment_intent": intent["id"],
        "session": of.get("id"),
        "reference": of.get("client_reference_id"),
        "metadata": intent["metadata"],
        "status": intent["status"],
        "currency": intent["currency"],
        "amount": intent["amount"],
        "received": intent["amount_received"],
        "refunded": charge["amount_refunded"] if charge else 0,
        "kept": intent["amount_received"] - (charge["amount_refunded"] if charge else 0)
        - sum(found["amount"] for found in disputes if found["status"] != "won"),
        "refunds": [{name: found[name] for name in ("id", "amount", "status", "reason")} for found in refunds],
        "disputes": [{name: found[name] for name in ("id", "amount", "status", "reason")} for found in disputes],
        "charge": charge["id"] if charge else None,
        "method": token["type"] if token else None,
        "brand": details.get("brand"),
        "last4": details.get("last4"),
        "customer": intent["customer"],
        "token_kept": bool(token and token["customer"]),
    }  # fmt: skip


def _charge(provider: Provider, body: Json) -> Json:
    """Finds the charge by its own id, its intent, its session or the shop's reference."""
    key = body.get("charge")
    for found in provider.state.all(session.KIND):
        if body.get("session") == found["id"] or (
            body.get("reference") and body["reference"] == found["client_reference_id"] and found["payment_intent"]
        ):
            body = {"payment_intent": found["payment_intent"]}
    if body.get("payment_intent"):
        key = provider.need("payment_intent", body["payment_intent"], "payment_intent", param="payment_intent")[
            "latest_charge"
        ]
    return provider.need("charge", str(key or ""), "charge", param="charge")
