"""The payment provider, called through its own SDK; what is sent holds ids and amounts only (PAY-1)."""

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from uuid import UUID

import stripe
from aiohttp import ClientError, ClientTimeout

from payments.domain.payments import ProviderAway, ProviderRefuses, SavedCardUnknown
from payments.domain.provider import (
    GiveUp,
    Goodbye,
    Notice,
    NoticeKind,
    Onward,
    Opened,
    Question,
    RefundRefused,
    RefundSeen,
    RefundStatus,
    RefundWish,
    SavedCard,
    Wish,
)

T = TypeVar("T")
SECONDS = 5.0
MISSING = "resource_missing"
STATUSES = {"succeeded": RefundStatus.SUCCEEDED, "failed": RefundStatus.FAILED, "canceled": RefundStatus.FAILED}


@dataclass(slots=True)
class Provider:
    """Opens checkouts, asks about them, sends money back, forgets cards and customers.

    Every call ends within 5 seconds, else `ProviderAway`; what makes something carries an idempotency key derived
    from our own id of it, so that a repeated call makes it once.
    """

    url: str
    api_key: str = field(repr=False)
    methods: tuple[str, ...] = ("card",)
    _http: stripe.AIOHTTPClient | None = None
    _client: stripe.StripeClient | None = None

    async def __aenter__(self) -> Self:
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
        if self._http is not None:
            await self._http.close_async()

    @property
    def _api(self) -> stripe.StripeClient:
        if self._client is None:
            raise ProviderAway
        return self._client

    async def make_customer(self, tenant: str, customer: UUID) -> str:
        """The provider's id of a customer, who is nobody but this id there."""
        made = await _answer(
            self._api.v1.customers.create_async(
                params={"metadata": {"tenant": tenant, "customer": str(customer)}},
                options={"idempotency_key": f"customer-{tenant}-{customer}"},
            )
        )
        return made.id

    async def open(self, wish: Wish, onward: Onward, provider_customer: str | None) -> Opened:
        """A hosted page on which this order can be paid; raises ProviderRefuses, ProviderAway."""
        metadata = {"tenant": wish.tenant, "order": str(wish.order), "payment": str(wish.payment)}
        price = {"currency": wish.currency.lower(), "unit_amount": wish.amount, "product_data": {"name": wish.number}}
        intent: dict[str, Any] = {"metadata": metadata}
        if provider_customer is not None and wish.saves_card:
            intent["setup_future_usage"] = "on_session"
        params: Any = {
            "mode": "payment",
            "payment_method_types": list(self.methods),
            "line_items": [{"quantity": 1, "price_data": price}],
            "client_reference_id": str(wish.order),
            "success_url": onward.success_url,
            "metadata": metadata,
            "payment_intent_data": intent,
        }
        if onward.cancel_url is not None:
            params["cancel_url"] = onward.cancel_url
        if provider_customer is not None:
            params["customer"] = provider_customer
        # The same payment may be asked for again with another way onward, which is another request to the provider.
        variant = hashlib.sha256(repr(sorted(params.items())).encode()).hexdigest()[:16]
        session = await _answer(
            self._api.v1.checkout.sessions.create_async(
                params=params, options={"idempotency_key": f"payment-{wish.payment}-{variant}"}
            )
        )
        return Opened(session.id, session.url, _id(session.payment_intent))

    async def look(self, question: Question) -> list[Notice]:
        """What the provider knows of a checkout and its refunds, as the webhooks would tell it; closes it on wish."""
        if question.close:
            # One that is not open any more refuses; what it is comes next.
            with contextlib.suppress(ProviderRefuses):
                await _answer(self._api.v1.checkout.sessions.expire_async(question.session))
        known = Notice(NoticeKind.LOOK, question.tenant, question.order, question.payment, session=question.session)
        try:
            session = await _answer(self._api.v1.checkout.sessions.retrieve_async(question.session))
        except ProviderRefuses as error:
            if str(error) != MISSING:
                raise
            return [_with(known, NoticeKind.EXPIRED)]
        intent = _id(session.payment_intent)
        money = {"intent": intent, "amount": session.amount_total, "currency": (session.currency or "").upper()}
        told: list[Notice] = []
        if session.status == "expired":
            told.append(_with(known, NoticeKind.EXPIRED))
        elif session.status == "complete":
            paid = session.payment_status == "paid"
            told.append(_with(known, NoticeKind.CAPTURED if paid else NoticeKind.AUTHORIZED, **money))
        if intent is not None:
            told += [_with(known, NoticeKind.REFUND, intent=intent, refund=one) for one in await self._refunds(intent)]
        return told

    async def pay_back(self, wish: RefundWish) -> RefundSeen | RefundRefused:
        """Send money back once, whatever became of earlier attempts (F-P19); raises ProviderAway."""
        if wish.tried:
            # The provider forgets idempotency keys after a day, its refunds never.
            for known in await self._refunds(wish.intent):
                if known.refund == wish.refund:
                    return known
        metadata = {"tenant": wish.tenant, "order": str(wish.order), "payment": str(wish.payment)}
        try:
            made = await _answer(
                self._api.v1.refunds.create_async(
                    params={
                        "payment_intent": wish.intent,
                        "amount": wish.amount,
                        "metadata": {**metadata, "refund": str(wish.refund)},
                    },
                    options={"idempotency_key": f"refund-{wish.refund}"},
                )
            )
        except ProviderRefuses as error:
            return RefundRefused(str(error))
        return _seen(made)

    async def forget(self, goodbye: Goodbye) -> None:
        """Delete the customer with all cards kept; one that may have been made unnoticed is found by its key."""
        customer = goodbye.provider_customer or await self.make_customer(goodbye.tenant, goodbye.customer)
        try:
            await _answer(self._api.v1.customers.delete_async(customer))
        except ProviderRefuses as error:
            if str(error) != MISSING:
                raise

    async def give_up(self, wish: GiveUp) -> None:
        """Give up everything saved for a customer, who stays known; raises ProviderAway while something is left."""
        saved = await self.saved(wish.provider_customer)
        for one in saved:
            # What refuses was given up by somebody else meanwhile, or is found again below.
            with contextlib.suppress(ProviderRefuses):
                await self._detach(one.card)
        if saved and await self.saved(wish.provider_customer):
            raise ProviderAway

    async def saved(self, provider_customer: str) -> list[SavedCard]:
        """What is saved for a customer, up to 100, newest first; nothing of one who was deleted there."""
        try:
            page = await _answer(
                self._api.v1.customers.payment_methods.list_async(provider_customer, params={"limit": 100})
            )
        except ProviderRefuses as error:
            if str(error) != MISSING:
                raise
            return []
        return [SavedCard(one.id, one.type) for one in page.data]

    async def remove(self, provider_customer: str, card: str) -> None:
        """Give up one saved card of this customer; raises SavedCardUnknown for anybody else's."""
        try:
            await _answer(self._api.v1.customers.payment_methods.retrieve_async(provider_customer, card))
        except ProviderRefuses as error:
            if str(error) != MISSING:
                raise
            raise SavedCardUnknown from None
        await self._detach(card)

    async def _detach(self, card: str) -> None:
        # No idempotency key: the provider would repeat a kept error for a day, while to detach is the same every time.
        await _answer(self._api.v1.payment_methods.detach_async(card))

    async def _refunds(self, intent: str) -> list[RefundSeen]:
        try:
            page = await _answer(self._api.v1.refunds.list_async(params={"payment_intent": intent, "limit": 100}))
        except ProviderRefuses:
            return []
        return [_seen(refund) for refund in page.data]


def _proxy(url: str) -> str | None:
    """The proxy by which the environment reaches this address, if any (HTTPS_PROXY, NO_PROXY).

    Found once: a session that trusts the environment reads it, and .netrc, in two threads at every call.
    """
    to = urlsplit(url)
    proxy = None if proxy_bypass(to.hostname or "") else getproxies().get(to.scheme)
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


async def _answer(call: Awaitable[T]) -> T:
    """The provider's answer in time; its refusals name a code, never what was sent."""
    try:
        async with asyncio.timeout(SECONDS):
            return await call
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        refusal = ProviderRefuses(str(error.code or cast("Any", error).param or "refused"))
    except (stripe.StripeError, ClientError, TimeoutError) as error:
        raise ProviderAway(type(error).__name__) from None
    raise refusal


def _with(known: Notice, kind: NoticeKind, **facts: Any) -> Notice:
    return Notice(kind, known.tenant, known.order, known.payment, session=known.session, **facts)


def _seen(refund: stripe.Refund) -> RefundSeen:
    metadata: Any = refund.metadata
    ours = metadata["refund"] if metadata and "refund" in metadata else None
    status = STATUSES.get(refund.status or "", RefundStatus.PENDING)
    return RefundSeen(refund.id, refund.amount, refund.currency.upper(), status, _uuid(ours))


def _id(thing: Any) -> str | None:
    return thing if thing is None or isinstance(thing, str) else str(thing.id)


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
