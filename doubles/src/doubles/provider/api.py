"""The routes of Stripe's wire."""

from collections.abc import Callable

from aiohttp import web

from . import customer, dispute, method, refund, session
from .gate import Action, Call, door
from .listing import listing, page
from .provider import Provider
from .refusal import Refusal, no_such
from .shapes import Json

Find = Callable[[Provider, Call], Json]


def find(kind: str, noun: str) -> Find:
    """Makes the action that answers the object the path names."""
    return lambda provider, call: provider.need(kind, call.ids["id"], noun)


def rows(kind: str, url: str, *filters: str) -> Action:
    """Makes the action that lists the objects of a kind."""
    return lambda provider, call: listing(provider, kind, url, call.params, set(filters))


a_session = find(session.KIND, "checkout.session")
an_intent = find("payment_intent", "payment_intent")
a_charge = find("charge", "charge")
a_refund = find(refund.KIND, "refund")
a_customer = find(customer.KIND, "customer")
a_method = find(method.KIND, "PaymentMethod")
a_dispute = find(dispute.KIND, "dispute")
an_event = find("event", "event")


def living_customer(provider: Provider, call: Call) -> Json:
    """Answers a customer who has not been deleted."""
    found = a_customer(provider, call)
    if found.get("deleted"):
        raise no_such("customer", call.ids["id"])
    return found


def methods_of_customer(provider: Provider, call: Call) -> Json:
    """Lists the methods kept for a customer."""
    kept = method.of_customer(provider, living_customer(provider, call)["id"])[::-1]
    wanted = call.params.get("type")
    return page(
        [token for token in kept if wanted in (None, "", token["type"])],
        f"/v1/customers/{call.ids['id']}/payment_methods",
        call.params,
    )


def methods(provider: Provider, call: Call) -> Json:
    """Lists methods, those of one customer where one is named."""
    named = call.params.get("customer")
    if isinstance(named, str) and named:
        found = provider.need("customer", named, "customer", param="customer")
        if found.get("deleted"):
            raise no_such("customer", named, param="customer")
    return listing(provider, method.KIND, "/v1/payment_methods", call.params, {"customer", "type"})


def method_of_customer(provider: Provider, call: Call) -> Json:
    """Answers a method if it is kept for this customer."""
    token = provider.need(method.KIND, call.ids["method"], "PaymentMethod")
    if token["customer"] != living_customer(provider, call)["id"]:
        raise no_such("PaymentMethod", call.ids["method"])
    return token


def unknown(_: Provider, call: Call) -> Json:
    """Refuses what the wire does not have here."""
    raise Refusal(f"Unrecognized request URL (/v1/{call.ids['tail']}).", status=404)


ROUTES: list[tuple[str, str, Action]] = [
    ("POST", "/checkout/sessions", lambda provider, call: session.create(provider, call.params, call.url)),
    ("GET", "/checkout/sessions", rows(session.KIND, "/v1/checkout/sessions", "payment_intent", "customer", "status")),
    ("GET", "/checkout/sessions/{id}", a_session),
    ("POST", "/checkout/sessions/{id}/expire",
     lambda provider, call: session.expire(provider, a_session(provider, call))),
    ("GET", "/checkout/sessions/{id}/line_items",
     lambda provider, call: session.line_items(provider, a_session(provider, call))),
    ("GET", "/payment_intents", rows("payment_intent", "/v1/payment_intents", "customer")),
    ("GET", "/payment_intents/{id}", an_intent),
    ("GET", "/charges", rows("charge", "/v1/charges", "customer", "payment_intent")),
    ("GET", "/charges/{id}", a_charge),
    ("POST", "/refunds", lambda provider, call: refund.create(provider, call.params)),
    ("GET", "/refunds", rows(refund.KIND, "/v1/refunds", "charge", "payment_intent")),
    ("GET", "/refunds/{id}", a_refund),
    ("POST", "/customers", lambda provider, call: customer.create(provider, call.params)),
    ("GET", "/customers", rows(customer.KIND, "/v1/customers", "email")),
    ("GET", "/customers/{id}", a_customer),
    ("DELETE", "/customers/{id}", lambda provider, call: customer.delete(provider, living_customer(provider, call))),
    ("GET", "/customers/{id}/payment_methods", methods_of_customer),
    ("GET", "/customers/{id}/payment_methods/{method}", method_of_customer),
    ("GET", "/payment_methods", methods),
    ("GET", "/payment_methods/{id}", a_method),
    ("POST", "/payment_methods/{id}/detach", lambda provider, call: method.detach(provider, a_method(provider, call))),
    ("GET", "/disputes", rows(dispute.KIND, "/v1/disputes", "charge", "payment_intent")),
    ("GET", "/disputes/{id}", a_dispute),
    ("POST", "/disputes/{id}", lambda provider, call: dispute.answer(provider, a_dispute(provider, call), call.params)),
    ("GET", "/events", rows("event", "/v1/events", "type", "types")),
    ("GET", "/events/{id}", an_event),
]  # fmt: skip


def add_routes(app: web.Application, provider: Provider) -> None:
    """Hangs the wire into the application."""
    in_flight: set[str] = set()
    for verb, path, action in ROUTES:
        app.router.add_route(verb, f"/v1{path}", door(provider, action, in_flight))
    app.router.add_route("*", "/v1/{tail:.*}", door(provider, unknown, in_flight))
