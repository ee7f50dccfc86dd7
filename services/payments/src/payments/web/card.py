"""Paying by card, and what the provider sends about it."""

from dataclasses import replace
from functools import partial
from uuid import UUID

import structlog
from aiohttp import web
from chassis.db import Begin, Once, Read
from chassis.identity import Caller
from chassis.web import Listing, Problem, Routes, raw_body
from contracts.organisations import looker

from payments.clients import webhooks
from payments.clients.provider import Provider, create_customer, inquire, open_page, with_intent
from payments.domain.payments import Payment, PaymentUnknown, ProviderAway
from payments.domain.provider import Checkout, CheckoutRules, ReturnAddresses
from payments.store import checkouts, disputes, payments
from payments.usecases import notices, paying
from payments.web import bodies, views
from payments.web.limits import PaymentRate

CUSTOMER = "customer"
STAFF = ("sales", "bookkeeping", "support", "reviewer")
# anybody may send so much before the signature can be looked at; what we hear of has some thousand bytes
WEBHOOK_LIMIT = 2**17
ATTEMPTS = 5

log = structlog.get_logger(__name__)
routes = Routes()


def not_yet() -> Problem:
    """Return the answer while an order that was placed a moment ago is not known here yet."""
    title = "The order is not known here yet; ask again in a moment."
    return Problem(202, "order-not-known-yet", title, {"Retry-After": "1"})


@routes.get("/payments/{payment}", allow=(CUSTOMER, *STAFF))
async def view_payment(read: Read, caller: Caller, payment: UUID) -> views.PaymentView:
    """A card payment: of the customer's own orders, or any of the tenant for its staff.

    Owners and auditors who act for an organisation see those of all its orders, and get no page to pay at.
    """
    by = looker(caller.subject, caller.claims) if CUSTOMER in caller.roles else None
    found = await payments.readable(read, caller.tenant, payment, by and by.customer)
    if found is None and by is not None and by.seen_whole is not None:
        others = await payments.readable(read, caller.tenant, payment, None, by.seen_whole)
        found = others and replace(others, url=None)
    if found is None:
        raise PaymentUnknown
    return views.payment_view(found, await disputes.of_payment(read, caller.tenant, payment))


@routes.get("/payments", allow=(CUSTOMER, *STAFF))
async def list_payments(read: Read, caller: Caller, order: UUID) -> Listing[views.PaymentView]:
    """The card payments of an order, the first one first: of the customer's own, or any of the tenant for its staff.

    Owners and auditors who act for an organisation see those of all its orders, and get no page to pay at.
    """
    by = looker(caller.subject, caller.claims) if CUSTOMER in caller.roles else None
    found = await payments.readable_of_order(read, caller.tenant, order, by and by.customer)
    if not found and by is not None and by.seen_whole is not None:
        others = await payments.readable_of_order(read, caller.tenant, order, None, by.seen_whole)
        found = [replace(one, url=None) for one in others]
    disputed = [await disputes.of_payment(read, caller.tenant, payment.id) for payment in found]
    return Listing(items=[views.payment_view(*both) for both in zip(found, disputed, strict=True)])


@routes.post("/payments", allow=CUSTOMER, creates=view_payment, also={202: Problem}, limit_caller=PaymentRate)
async def pay(
    read: Read, once: Once, begin: Begin, caller: Caller, body: bodies.Pay, provider: Provider, rules: CheckoutRules
) -> UUID:
    """Open the provider's page for an order; 202 with Retry-After where the order is not known here within a second.

    From there customers are sent to the shop's own pages only.
    """
    for address in (body.success_url, body.cancel_url):
        if address is not None and not rules.leads_home(address):
            raise Problem(422, "foreign-address", "Customers are sent to pages of the shop only.")
    for _ in range(ATTEMPTS):
        look = partial(paying.payable, read, caller.tenant, body.order, UUID(caller.subject))
        ledger = await paying.arrived(read, caller.tenant, body.order, look)
        if ledger is None:
            raise not_yet()
        payment = ledger.undecided
        if payment is not None and payment.session_id is not None:
            if await _is_undecided(begin, provider, rules, payment, payment.session_id):
                return payment.id
        elif (checkout := await paying.begin(once, ledger, save_card=body.save_card)) is not None:
            success_url = body.success_url or f"{rules.storefront_url}/orders/{body.order}"
            await _open(once, provider, rules, checkout, ReturnAddresses(success_url, body.cancel_url))
            return checkout.payment_id
    raise ProviderAway


@routes.post("/webhooks/provider", takes=("application/json",))
async def hear_provider(
    begin: Begin, request: web.Request, secrets: webhooks.WebhookSecrets, provider: Provider
) -> views.Received:
    """What the provider sends, signed (PAY-4); any order and any number of times end the same."""
    try:
        body = await raw_body(request, WEBHOOK_LIMIT)
        webhooks.check(body, request.headers.get("Stripe-Signature"), secrets)
        webhook = webhooks.read(body)
    except (Problem, webhooks.WebhookForged, webhooks.WebhookUnreadable) as error:
        # The provider shows that it was refused; why can only be seen here. Nothing of the webhook is logged.
        log.warning("a webhook is refused", reason=error.kind if isinstance(error, Problem) else type(error).__name__)
        raise
    says = webhook.says
    if not isinstance(says, webhooks.Ignored):
        says = await with_intent(says, provider) or webhooks.Ignored.NOT_UNDERSTOOD
    if isinstance(says, webhooks.Ignored):
        if says is webhooks.Ignored.NOT_UNDERSTOOD:
            log.warning("a webhook is not understood", webhook=webhook.id)
        return views.Received(ignored=says)
    async with begin() as tx:
        await notices.receive(tx, webhook.id, says)
    return views.Received()


async def _is_undecided(
    begin: Begin, provider: Provider, rules: CheckoutRules, payment: Payment, session_id: str
) -> bool:
    """Ask the provider whether a page can still be used, or its money is still on its way, and take its answer."""
    inquiry = paying.inquiry(payment, session_id)
    answer = await inquire(inquiry, provider)
    async with begin() as tx:
        await notices.record_answer(tx, inquiry, answer, rules)
    return not any(notice.decides for notice in answer)


async def _open(
    once: Once, provider: Provider, rules: CheckoutRules, checkout: Checkout, addresses: ReturnAddresses
) -> None:
    customer_id = checkout.provider_customer_id
    if customer_id is None and not checkout.customer_erased:
        customer_id = await create_customer(checkout.tenant, checkout.customer_id, provider)
        # A customer known there must be known here at once: that is what erasure deletes.
        await checkouts.meet(once, checkout, customer_id)
    page = await open_page(checkout, addresses, customer_id, provider)
    await checkouts.opened(once, checkout, page, rules.inquire_after)
