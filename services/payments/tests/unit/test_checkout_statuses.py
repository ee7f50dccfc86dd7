"""What a checkout has come to, as the provider answers when it is asked (PAY-2)."""

from itertools import product
from uuid import uuid4

import pytest
from aiohttp import web
from payments.clients.provider import Provider, inquire
from payments.clients.statuses import CHECKOUTS, INTENTS, of_checkout
from payments.domain.provider import Inquiry

KEY = "sk_test_checkouts"
SESSIONS, PAYMENTS = ("open", "complete", "expired"), ("paid", "unpaid", "no_payment_required")


def rule(session: str, payment: str, intent: str | None) -> str | None:
    """The same as the table says, said otherwise."""
    if payment == "paid" or intent == "succeeded":
        return "captured"
    if intent in ("processing", "requires_capture"):
        return "authorized"
    if session != "complete":
        return "expired" if session == "expired" else None
    waits = payment == "unpaid" and intent in ("requires_action", "requires_confirmation")
    return "authorized" if waits else "failed"


async def test_every_combination_of_statuses_is_read_at_the_wire_as_what_it_is():
    async def retrieve(request: web.Request) -> web.Response:
        session, payment, number = request.match_info["id"].removeprefix("cs_").split(".")
        status = INTENTS[int(number)]
        intent = status and {"id": "pi_1", "object": "payment_intent", "status": status}
        assert request.query.getall("expand[0]") == ["payment_intent"]
        facts = {"id": "cs_1", "object": "checkout.session", "amount_total": 21900, "currency": "eur"}
        return web.json_response({**facts, "status": session, "payment_status": payment, "payment_intent": intent})

    async def nothing(_: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [], "has_more": False, "url": "/v1"})

    app = web.Application()
    app.router.add_get("/v1/checkout/sessions/{id}", retrieve)
    app.router.add_get("/v1/{list}", nothing)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    read: dict[tuple[str, str, str | None], str | None] = {}
    try:
        async with Provider(f"http://127.0.0.1:{runner.addresses[0][1]}", KEY) as provider:
            for session, payment, (number, intent) in product(SESSIONS, PAYMENTS, enumerate(INTENTS)):
                name = f"cs_{session}.{payment}.{number}"
                answer = await inquire(Inquiry("kontor", uuid4(), uuid4(), name, False, None), provider)
                (found,) = answer or [None]
                read[session, payment, intent] = found and found.kind
                assert found is None or (found.amount, found.currency) == (21900, "EUR")
    finally:
        await runner.cleanup()
    assert read == {one: rule(*one) for one in product(SESSIONS, PAYMENTS, INTENTS)}
    assert len(read) == len(CHECKOUTS) * len(INTENTS) == 72


@pytest.mark.parametrize(
    ("session", "payment", "intent", "wanted"),
    [
        ("complete", "unpaid", "a new word", "authorized"),
        ("complete", "a new word", "requires_payment_method", "failed"),
        ("complete", None, "succeeded", "captured"),
        ("a new word", "unpaid", "requires_payment_method", None),
        (None, None, None, None),
    ],
)
def test_what_is_not_known_has_not_ended(
    session: str | None, payment: str | None, intent: str | None, wanted: str | None
):
    assert of_checkout(session, payment, intent) == wanted
