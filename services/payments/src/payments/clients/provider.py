"""The payment provider, called through its own SDK; what is sent holds ids and amounts only (PAY-1).

Every call ends within 5 seconds, else it raises ProviderAway. What creates something carries an idempotency key derived
from our own id of it, so that a repeated call creates it once.
"""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any, Self, TypeVar, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from uuid import UUID

import stripe
from aiohttp import ClientError, ClientTimeout
from chassis.telemetry import SpanKind, span

from payments.clients import statuses
from payments.domain.payments import ProviderAway, ProviderRefuses
from payments.domain.provider import (
    Checkout,
    CustomerDeletion,
    HostedPage,
    Inquiry,
    Notice,
    NoticeKind,
    ProviderDispute,
    ProviderRefund,
    RefundRefusal,
    RefundTask,
    ReturnAddresses,
)

T = TypeVar("T")
L = TypeVar("L", bound=stripe.StripeObject)
SECONDS = 5.0
PAGE = 100  # the most that the provider lists at once
MISSING = "resource_missing"


@dataclass(slots=True)
class Provider:
    """The provider's API, while it is open."""

    url: str
    api_key: str = field(repr=False)
    methods: tuple[str, ...] = ("card",)
    _http: stripe.AIOHTTPClient | None = None
    _client: stripe.StripeClient | None = None

    async def __aenter__(self) -> Self:
        """Make the client."""
        # The SDK logs addresses with ids at every call, and whole forms where debugging is on.
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._http = stripe.AIOHTTPClient(timeout=ClientTimeout(total=SECONDS), proxy=_proxy(self.url))
        self._client = stripe.StripeClient(
            self.api_key, base_addresses={"api": self.url}, http_client=self._http, max_network_retries=0
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its connections."""
        if self._http is not None:
            await self._http.close_async()

    @property
    def api(self) -> stripe.StripeClient:
        """The client of the provider's API."""
        if self._client is None:
            raise ProviderAway
        return self._client


async def create_customer(tenant: str, customer_id: UUID, provider: Provider) -> str:
    """Create a customer, who is nobody but this id there, and return the provider's id."""
    created = await answer(
        provider.api.v1.customers.create_async(
            params={"metadata": {"tenant": tenant, "customer": str(customer_id)}},
            options={"idempotency_key": f"customer-{tenant}-{customer_id}"},
        )
    )
    return created.id


async def open_page(
    checkout: Checkout, addresses: ReturnAddresses, provider_customer_id: str | None, provider: Provider
) -> HostedPage:
    """Open a hosted page on which an order can be paid; raises ProviderRefuses, ProviderAway."""
    metadata = _metadata(checkout)
    product = {"name": checkout.order_number}
    price = {"currency": checkout.currency.lower(), "unit_amount": checkout.amount, "product_data": product}
    intent: dict[str, Any] = {"metadata": metadata}
    if provider_customer_id is not None and checkout.saves_card:
        intent["setup_future_usage"] = "on_session"
    params: Any = {
        "mode": "payment",
        "allowed_payment_method_types": list(provider.methods),
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": str(checkout.order_id),
        "success_url": addresses.success_url,
        "locale": checkout.language,
        "metadata": metadata,
        "payment_intent_data": intent,
    }
    if addresses.cancel_url is not None:
        params["cancel_url"] = addresses.cancel_url
    if provider_customer_id is not None:
        params["customer"] = provider_customer_id
    # The same payment may be asked for again with other addresses, which is another request to the provider.
    variant = hashlib.sha256(repr(sorted(params.items())).encode()).hexdigest()[:16]
    session = await answer(
        provider.api.v1.checkout.sessions.create_async(
            params=params, options={"idempotency_key": f"payment-{checkout.payment_id}-{variant}"}
        )
    )
    return HostedPage(session.id, session.url, _id(session.payment_intent))


async def inquire(inquiry: Inquiry, provider: Provider) -> list[Notice]:
    """Return what the provider knows of a checkout, its refunds and disputes, as its webhooks would say it.

    A checkout that shall be closed is closed before. Raises ProviderRefuses, ProviderAway.
    """
    if inquiry.close:
        # One that is not open any more refuses; what it is comes next.
        with contextlib.suppress(ProviderRefuses):
            await answer(provider.api.v1.checkout.sessions.expire_async(inquiry.session_id))
    about = Notice(
        NoticeKind.CHANGED, inquiry.tenant, inquiry.order_id, inquiry.payment_id, session_id=inquiry.session_id
    )
    try:
        params: Any = {"expand": ["payment_intent"]}
        session = await answer(provider.api.v1.checkout.sessions.retrieve_async(inquiry.session_id, params=params))
    except ProviderRefuses as error:
        if str(error) != MISSING:
            raise
        return [replace(about, kind=NoticeKind.EXPIRED)]
    intent = cast("stripe.PaymentIntent | None", session.payment_intent)
    intent_id = _id(intent)
    about = replace(about, intent_id=intent_id)
    notices: list[Notice] = []
    kind = statuses.of_checkout(session.status, session.payment_status, intent and intent.status)
    if kind is not None:
        amount, currency = session.amount_total, (session.currency or "").upper()
        notices.append(replace(about, kind=kind, amount=amount, currency=currency))
    if intent_id is not None:
        refunds = await _refunds(intent_id, provider)
        notices += [replace(about, kind=NoticeKind.REFUND, refund=refund) for refund in refunds]
        disputes = await _disputes(intent_id, provider)
        notices += [replace(about, kind=NoticeKind.DISPUTE, dispute=dispute) for dispute in disputes]
    return notices


async def with_intent(notice: Notice, provider: Provider) -> Notice | None:
    """Return a notice with the intent of the charge that it is about; None where that has none.

    Raises ProviderAway.
    """
    if notice.charge_id is None:
        return notice
    try:
        charge = await answer(provider.api.v1.charges.retrieve_async(notice.charge_id))
    except ProviderRefuses as error:
        _missing(error)
        return None
    intent_id = _id(charge.payment_intent)
    return replace(notice, intent_id=intent_id, charge_id=None) if intent_id is not None else None


async def send_refund(task: RefundTask, provider: Provider) -> ProviderRefund | RefundRefusal:
    """Send money back once, whatever became of earlier attempts (F-P19); raises ProviderAway."""
    if task.repeated:
        # The provider forgets idempotency keys after a day, its refunds never.
        for known in await _refunds(task.intent_id, provider):
            if known.refund_id == task.refund_id:
                return known
    try:
        created = await answer(
            provider.api.v1.refunds.create_async(
                params={
                    "payment_intent": task.intent_id,
                    "amount": task.amount,
                    "metadata": {**_metadata(task), "refund": str(task.refund_id)},
                },
                # By the amount too: of a refund that is refused for being too much, the rest is another request.
                options={"idempotency_key": f"refund-{task.refund_id}-{task.amount}"},
            )
        )
    except ProviderRefuses as error:
        return RefundRefusal(str(error))
    return _refund(created)


async def delete_customer(deletion: CustomerDeletion, provider: Provider) -> None:
    """Delete a customer with all saved cards; one that may have been created unnoticed is found by its key."""
    customer_id = deletion.provider_customer_id
    if customer_id is None:
        customer_id = await create_customer(deletion.tenant, deletion.customer_id, provider)
    try:
        await answer(provider.api.v1.customers.delete_async(customer_id))
    except ProviderRefuses as error:
        if str(error) != MISSING:
            raise


async def _refunds(intent_id: str, provider: Provider) -> list[ProviderRefund]:
    try:
        refunds = await every(provider.api.v1.refunds.list_async, payment_intent=intent_id)
    except ProviderRefuses as error:
        _missing(error)
        return []
    return [_refund(refund) for refund in refunds]


async def _disputes(intent_id: str, provider: Provider) -> list[ProviderDispute]:
    try:
        disputes = await every(provider.api.v1.disputes.list_async, payment_intent=intent_id)
    except ProviderRefuses as error:
        _missing(error)
        return []
    facts = [(one, statuses.of_dispute(one.status)) for one in disputes]
    return [ProviderDispute(one.id, one.amount, one.currency.upper(), status) for one, status in facts]


def _missing(error: ProviderRefuses) -> None:
    """Let a refusal pass that says that there is no such thing; any other says nothing: raises ProviderAway."""
    if str(error) != MISSING:
        raise ProviderAway(str(error)) from None


def _proxy(url: str) -> str | None:
    """Return the proxy by which the environment reaches this address, if any (HTTPS_PROXY, NO_PROXY).

    It is found once: a session that trusts the environment reads it, and .netrc, in two threads at every call.
    """
    to = urlsplit(url)
    proxy = None if proxy_bypass(to.hostname or "") else getproxies().get(to.scheme)
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


async def answer(call: Awaitable[T]) -> T:
    """Return the provider's answer in time; its refusals name a code, never what was sent.

    Raises ProviderRefuses, ProviderAway.
    """
    try:
        with span("ask the payment provider", SpanKind.CLIENT):
            async with asyncio.timeout(SECONDS):
                return await call
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        refusal = ProviderRefuses(str(error.code or cast("Any", error).param or "refused"))
    except (stripe.StripeError, ClientError, TimeoutError) as error:
        raise ProviderAway(type(error).__name__) from None
    raise refusal


async def every(pages: Callable[..., Awaitable[stripe.ListObject[L]]], *of: str, **sought: str) -> list[L]:
    """Return all that a list of the provider has, newest first, however many pages it takes.

    Raises ProviderRefuses, ProviderAway.
    """
    found: list[L] = []
    more = True
    while more:
        behind = {"starting_after": cast("Any", found[-1]).id} if found else {}
        page = await answer(pages(*of, params={**sought, **behind, "limit": PAGE}))
        found += page.data
        more = page.has_more and bool(page.data)
    return found


def _metadata(of: Checkout | RefundTask) -> dict[str, str]:
    return {"tenant": of.tenant, "order": str(of.order_id), "payment": str(of.payment_id)}


def _refund(refund: stripe.Refund) -> ProviderRefund:
    metadata: Any = refund.metadata
    ours = metadata["refund"] if metadata and "refund" in metadata else None
    status = statuses.of_refund(refund.status)
    return ProviderRefund(refund.id, refund.amount, refund.currency.upper(), status, _uuid(ours))


def _id(thing: Any) -> str | None:
    return thing if thing is None or isinstance(thing, str) else str(thing.id)


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
