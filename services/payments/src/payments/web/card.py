"""Paying by card, and what the provider tells about it."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from aiohttp import web
from chassis.db import Begin, Tx
from chassis.identity.tokens import Caller
from chassis.web import Problem, Routes

from payments.clients import webhooks
from payments.clients.provider import Provider
from payments.domain.payments import PaymentUnknown
from payments.domain.provider import Onward, Wish
from payments.store import payments
from payments.usecases import checkout, telling
from payments.web import bodies, raw, views

CUSTOMER = "customer"
STAFF = ("sales", "bookkeeping", "support", "reviewer")
WEBHOOK_LIMIT = 2**20


def not_yet() -> Problem:
    """The order was placed a moment ago and has not been heard of here: nothing is wrong, ask again."""
    title = "The order is not known here yet; ask again in a moment."
    return Problem(202, "order-not-known-yet", title, {"Retry-After": "1"})


def add(routes: Routes, provider: Provider, webhook_secrets: Sequence[str], onward: str, ask_after: timedelta) -> None:
    """The routes of card payments."""

    @routes.get("/payments/{payment}", allow=(CUSTOMER, *STAFF))
    async def view_payment(tx: Tx, caller: Caller, payment: UUID) -> views.PaymentView:
        """A card payment: of the customer's own orders, or any of the tenant for its staff."""
        customer = UUID(caller.subject) if CUSTOMER in caller.roles else None
        found = await payments.readable(tx, caller.tenant, payment, customer)
        if found is None:
            raise PaymentUnknown
        return views.payment_view(found)

    @routes.post("/payments", allow=CUSTOMER, creates=view_payment)
    async def pay(begin: Begin, caller: Caller, body: bodies.Pay) -> UUID:
        """Open the provider's page for an order; 202 with Retry-After while the order is not known here yet."""
        wish = await _wish(begin, caller, body)
        if wish.session is not None and not wish.under_way:
            if await _still_open(begin, wish, wish.session):
                return wish.payment
            wish = await _wish(begin, caller, body)
        if wish.session is None:
            where = Onward(
                success_url=body.success_url or f"{onward}/orders/{body.order}",
                cancel_url=body.cancel_url,
            )
            await _open(begin, wish, where)
        return wish.payment

    @routes.post("/webhooks/provider")
    async def hear_provider(begin: Begin, request: web.Request) -> views.Received:
        """What the provider tells, signed (PAY-4); any order and any number of times end the same."""
        body = await raw.content(request, WEBHOOK_LIMIT)
        webhooks.check(body, request.headers.get("Stripe-Signature"), webhook_secrets)
        told = webhooks.read(body)
        if told.notice is not None:
            async with begin() as tx:
                await telling.hear(tx, told.event, told.notice)
        return views.Received()

    async def _wish(begin: Begin, caller: Caller, body: bodies.Pay) -> Wish:
        async with begin() as tx:
            customer = UUID(caller.subject)
            wish = await checkout.wish(tx, caller.tenant, customer, body.order, save_card=body.save_card)
        if wish is None:
            raise not_yet()
        return wish

    async def _still_open(begin: Begin, wish: Wish, session: str) -> bool:
        """Ask before sending somebody to a page that may have expired or been paid."""
        question = checkout.question(wish, session)
        answer = await provider.look(question)
        async with begin() as tx:
            await telling.learn(tx, question, answer, ask_after)
        return not answer

    async def _open(begin: Begin, wish: Wish, where: Onward) -> None:
        known = wish.provider_customer
        if known is None and not wish.erased:
            known = await provider.make_customer(wish.tenant, wish.customer)
            # Whoever is known there must be known here at once: that is what erasure forgets.
            async with begin() as tx:
                await checkout.met(tx, wish, known)
        opened = await provider.open(wish, where, known)
        async with begin() as tx:
            await checkout.opened(tx, wish, opened, ask_after)
