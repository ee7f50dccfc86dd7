"""The routes of Stripe's API."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from aiohttp import web

from . import wire
from .gate import Action, Call, Gate
from .method import CUSTOMER, METHOD, create_customer, delete_customer, detach, need_customer, tokens_of
from .payment import CHARGE, INTENT
from .provider import Provider
from .reversal import DISPUTE, REFUND, answer_dispute, create_refund
from .session import SESSION, create_session, expire, line_items
from .wire import Json, Refusal


def add_routes(app: web.Application, provider: Provider) -> None:
    """Add the API to the application."""
    gate = Gate(provider)
    for verb, path, action in [*ROUTES, ("*", "/{tail:.*}", unknown)]:
        app.router.add_route(verb, f"/v1{path}", gate.handler(action))


def unknown(_: Provider, call: Call) -> Json:
    """Refuse a call that the API does not have here."""
    raise Refusal(f"Unrecognized request URL (/v1/{call.ids['tail']}).", status=404)


def find(kind: str, provider: Provider, call: Call) -> Json:
    """Answer the object that the path names."""
    return provider.need(kind, call.ids["id"], "PaymentMethod" if kind == METHOD else kind)


def rows(kind: str, url: str, *filters: str) -> Action:
    """Make the action that lists the objects of a kind."""

    def action(provider: Provider, call: Call) -> Json:
        wire.refuse_unknown(call.params, {"limit", "starting_after", *filters})
        chosen = [
            thing
            for thing in reversed(provider.state.all(kind))
            if not thing.get("deleted") and all(_fits(thing, name, call.params.get(name)) for name in filters)
        ]
        return page(chosen, f"/v1/{url}", call.params)

    return action


def page(things: Iterable[Json], url: str, params: Json) -> Json:
    """Answer the page of a list, newest first, that `limit` and `starting_after` ask for."""
    chosen = list(things)
    limit = wire.integer(params, "limit", least=1) or 10
    if limit > 100:
        raise Refusal("This value must be less than or equal to 100.", code="parameter_invalid_integer", param="limit")
    if after := wire.text(params, "starting_after"):
        keys = [thing["id"] for thing in chosen]
        if after not in keys:
            raise Refusal(f"No such object: '{after}'", code="resource_missing", param="starting_after")
        chosen = chosen[keys.index(after) + 1 :]
    return {"object": "list", "data": chosen[:limit], "has_more": len(chosen) > limit, "url": url}


def _fits(thing: Json, name: str, asked: Any) -> bool:
    if not asked:
        return True
    if name == "type" and isinstance(asked, str) and asked.endswith(".*"):
        return thing["type"].startswith(asked[:-1])
    return thing.get(name) == asked


def methods(provider: Provider, call: Call) -> Json:
    """List payment methods, of one customer if `customer` names one."""
    if customer := wire.text(call.params, "customer"):
        need_customer(provider, customer, param="customer")
    return rows(METHOD, "payment_methods", "customer", "type")(provider, call)


def methods_of_customer(provider: Provider, call: Call) -> Json:
    """List the payment methods kept for a customer."""
    tokens = tokens_of(provider, need_customer(provider, call.ids["id"])["id"])[::-1]
    kind = wire.text(call.params, "type")
    url = f"/v1/customers/{call.ids['id']}/payment_methods"
    return page((token for token in tokens if kind in (None, token["type"])), url, call.params)


def method_of_customer(provider: Provider, call: Call) -> Json:
    """Answer a payment method that is kept for this customer."""
    token = provider.need(METHOD, call.ids["method"], "PaymentMethod")
    if token["customer"] != need_customer(provider, call.ids["id"])["id"]:
        raise wire.no_such("PaymentMethod", call.ids["method"])
    return token


ROUTES: list[tuple[str, str, Action]] = [
    ("POST", "/checkout/sessions", lambda provider, call: create_session(provider, call.params, call.origin)),
    ("GET", "/checkout/sessions", rows(SESSION, "checkout/sessions", "payment_intent", "customer", "status")),
    ("GET", "/checkout/sessions/{id}", partial(find, SESSION)),
    ("POST", "/checkout/sessions/{id}/expire", lambda provider, call: expire(provider, find(SESSION, provider, call))),
    ("GET", "/checkout/sessions/{id}/line_items",
     lambda provider, call: line_items(provider, find(SESSION, provider, call))),
    ("GET", "/payment_intents", rows(INTENT, "payment_intents", "customer")),
    ("GET", "/payment_intents/{id}", partial(find, INTENT)),
    ("GET", "/charges", rows(CHARGE, "charges", "customer", "payment_intent")),
    ("GET", "/charges/{id}", partial(find, CHARGE)),
    ("POST", "/refunds", lambda provider, call: create_refund(provider, call.params)),
    ("GET", "/refunds", rows(REFUND, "refunds", "charge", "payment_intent")),
    ("GET", "/refunds/{id}", partial(find, REFUND)),
    ("POST", "/customers", lambda provider, call: create_customer(provider, call.params)),
    ("GET", "/customers", rows(CUSTOMER, "customers", "email")),
    ("GET", "/customers/{id}", partial(find, CUSTOMER)),
    ("DELETE", "/customers/{id}",
     lambda provider, call: delete_customer(provider, need_customer(provider, call.ids["id"]))),
    ("GET", "/customers/{id}/payment_methods", methods_of_customer),
    ("GET", "/customers/{id}/payment_methods/{method}", method_of_customer),
    ("GET", "/payment_methods", methods),
    ("GET", "/payment_methods/{id}", partial(find, METHOD)),
    ("POST", "/payment_methods/{id}/detach", lambda provider, call: detach(provider, find(METHOD, provider, call))),
    ("GET", "/disputes", rows(DISPUTE, "disputes", "charge", "payment_intent")),
    ("GET", "/disputes/{id}", partial(find, DISPUTE)),
    ("POST", "/disputes/{id}",
     lambda provider, call: answer_dispute(provider, find(DISPUTE, provider, call), call.params)),
    ("GET", "/events", rows("event", "events", "type")),
    ("GET", "/events/{id}", partial(find, "event")),
]  # fmt: skip
