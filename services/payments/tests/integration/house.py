"""Payments under test with everything that talks to it: customers, staff, the other services, the real provider."""

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast
from uuid import UUID, uuid4

import aiohttp
from chassis_testing import Harness
from chassis_testing.harness import until
from contracts.accounts import BankAccount, RecordsKey, Seller, TenantOpened
from contracts.orders import (
    CancelReason,
    Line,
    OrderCancelled,
    OrderPlaced,
    OrderRefunded,
    PaymentMethod,
    RefundedUnit,
    RefundReason,
    Totals,
)
from contracts.wire import decode
from uuid_utils.compat import uuid7

KEY, SECRET, OLD_SECRET = "sk_test_payments", "whsec_payments", "whsec_payments_before"
GOOD, BAD, REFUND_PENDING, REFUND_FAILS = (
    "4242424242424242",
    "4000000000000002",
    "4000000000007726",
    "4000000000005126",
)
IBAN = "DE89370400440532013000"
TENANT = "kontor"


@dataclass
class House:
    """A service, its provider, and how tests talk to both."""

    harness: Harness
    provider: aiohttp.ClientSession
    records: dict[str, RecordsKey] = field(default_factory=dict[str, RecordsKey])
    numbers: int = 0

    async def open_tenant(self, tenant: str = TENANT, iban: str = IBAN) -> None:
        await self.harness.publish(self.tenant(tenant, iban))
        await self.harness.settled()

    def tenant(self, tenant: str, iban: str = IBAN) -> TenantOpened:
        if tenant not in self.records:
            key = self.harness.accounts.new_key()
            self.records[tenant] = RecordsKey(year=date.today().year, records=key)  # noqa: DTZ011 -- the year of the seller
        seller = Seller.model_validate(TenantOpened.EXAMPLE["sellers"][0])
        account = BankAccount(iban=iban, bic="COBADEFFXXX", payee="Kontor Software GmbH")
        seller = seller.model_copy(update={"bank_account": account, "records_keys": [self.records[tenant]]})
        return TenantOpened(tenant=tenant, name=tenant, sellers=[seller])

    def order(
        self,
        *,
        method: str = "card",
        prices: Sequence[int] = (21900,),
        quantity: int = 1,
        tenant: str = TENANT,
        customer: UUID | None = None,
        currency: str = "EUR",
    ) -> OrderPlaced:
        self.numbers += 1
        example = Line.model_validate_json(json.dumps(OrderPlaced.EXAMPLE["lines"][0]))
        lines = [
            example.model_copy(
                update={
                    "line": uuid4(),
                    "units": [uuid4() for _ in range(quantity)],
                    "price": price,
                    "gross": price * quantity,
                }
            )
            for price in prices
        ]
        gross = sum(line.gross for line in lines)
        placed = OrderPlaced.model_validate_json(json.dumps(OrderPlaced.EXAMPLE))
        now = self.harness.clock.now()
        return placed.model_copy(
            update={
                "tenant": tenant,
                "order": uuid7(),
                "order_number": f"K-{now.year}-{self.numbers:06d}",
                "ordered_at": now,
                "customer": customer or uuid4(),
                "payment_method": PaymentMethod(method),
                "lines": lines,
                "totals": Totals(net=gross, tax=0, gross=gross, currency=currency),
                "pay_until": now.replace(year=now.year + 1),
            }
        )

    async def placed(self, **how: Any) -> OrderPlaced:
        order = self.order(**how)
        await self.harness.publish(order)
        await self.harness.settled()
        return order

    def cancelled(self, order: OrderPlaced) -> OrderCancelled:
        return OrderCancelled(
            **order.header, units=units(order), reason=CancelReason.UNPAID, cancelled_at=self.harness.clock.now()
        )

    def refunded(
        self, order: OrderPlaced, amount: int | None = None, reason: RefundReason = RefundReason.GOODWILL
    ) -> OrderRefunded:
        line = order.lines[0]
        amount = order.totals.gross if amount is None else amount
        unit = RefundedUnit(unit=line.units[0], line=line.line, net=amount, tax=0, gross=amount)
        return OrderRefunded(
            **order.header,
            refund=uuid4(),
            customer=order.customer,
            units=[unit],
            reason=reason,
            amount=amount,
            currency=order.totals.currency,
            refunded_at=self.harness.clock.now(),
        )

    def as_customer(self, order: OrderPlaced, key: str | None = None, **more: str) -> dict[str, str]:
        token = self.harness.accounts.token(order.customer, "customer", tenant=order.tenant)
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": key or uuid4().hex, **more}

    def as_staff(self, role: str = "bookkeeping", tenant: str = TENANT, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.harness.accounts.token('staff-1', role, tenant=tenant)}", **more}

    async def ask_to_pay(self, order: OrderPlaced, key: str | None = None, **body: Any) -> tuple[int, Any]:
        headers = self.as_customer(order, key)
        async with self.harness.http.post(
            "/payments", json={"order": str(order.order), **body}, headers=headers
        ) as got:
            return got.status, await got.json(content_type=None)

    async def opened(self, order: OrderPlaced, **body: Any) -> Any:
        status, view = await self.ask_to_pay(order, **body)
        assert status == 201, view
        return view

    async def pay(self, url: str, number: str = GOOD, **fields: str) -> int:
        form = {"method": "card", "number": number, "expiry": "12/40", "cvc": "123", "email": "erika@example.org"}
        async with self.provider.post(url, data={**form, **fields}, allow_redirects=False) as answer:
            return answer.status

    async def paid(self, number: str = GOOD, **how: Any) -> tuple[OrderPlaced, Any]:
        order = await self.placed(**how)
        view = await self.opened(order)
        assert await self.pay(view["url"], number) == 303
        await self.published("PaymentCaptured", order)
        return order, view

    async def control(self, name: str, **body: Any) -> Any:
        async with self.provider.post(f"/_control/{name}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def used(self, fault: str) -> None:
        """Wait until a fault of the provider has met as many calls as it should; `reset` lets go on what hangs."""

        async def spent() -> bool:
            return (await self.control("switches"))["api"][fault]["times"] == 0

        await until(spent, what=f"a call to meet {fault}")

    async def at_provider(self, order: OrderPlaced) -> list[Any]:
        async with self.provider.get("/_control/payments", params={"reference": str(order.order)}) as answer:
            return await answer.json()

    def so_far(self, event: str, order: OrderPlaced) -> list[Any]:
        events = [decode(event, record.value) for record in self.harness.log.get(event, [])]
        return [one for one in cast("list[Any]", events) if one.order == order.order]

    async def published(self, event: str, order: OrderPlaced, at_least: int = 1) -> list[Any]:
        async def enough() -> list[Any] | None:
            events = self.so_far(event, order)
            return events if len(events) >= at_least else None

        return await until(enough, timeout=15, what=f"{at_least} {event}")

    async def get(self, path: str, **headers: str) -> tuple[int, Any]:
        async with self.harness.http.get(path, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        async with self.harness.http.post(path, json=body, headers=headers) as answer:
            return answer.status, await answer.json(content_type=None)

    async def review(self, order: OrderPlaced) -> list[str]:
        reasons = "select reason from review_entries where order_id = $1 order by reason"
        return [row["reason"] for row in await self.harness.sql(reasons, order.order)]

    async def stuck(self) -> list[int]:
        """Transactions of the service that have been idle for a while."""
        rows = await self.harness.sql(
            "select pid from pg_stat_activity where datname = current_database()"
            " and state like 'idle in transaction%' and state_change < clock_timestamp() - interval '0.3 seconds'"
        )
        return [row["pid"] for row in rows]

    async def webhook(
        self,
        body: bytes | dict[str, Any],
        *,
        secret: str = SECRET,
        age: int = 0,
        header: str | None = None,
    ) -> int:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sign = {"Stripe-Signature": header or signature(raw, secret, int(time.time()) - age)}
        async with self.harness.http.post("/webhooks/provider", data=raw, headers=sign) as answer:
            return answer.status


def signature(body: bytes, secret: str, at: int) -> str:
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def units(order: OrderPlaced) -> list[UUID]:
    return [unit for line in order.lines for unit in line.units]


def session_event(
    order: OrderPlaced,
    payment: UUID,
    kind: str = "checkout.session.completed",
    *,
    event: str | None = None,
    amount: int | None = None,
    currency: str = "eur",
    payment_status: str = "paid",
) -> dict[str, Any]:
    """What the provider sends about a checkout, with the payer's details it always has."""
    return {
        "id": event or f"evt_{uuid4().hex}",
        "object": "event",
        "type": kind,
        "data": {
            "object": {
                "id": f"cs_{payment.hex}",
                "object": "checkout.session",
                "payment_intent": f"pi_{payment.hex}",
                "payment_status": payment_status,
                "amount_total": order.totals.gross if amount is None else amount,
                "currency": currency,
                "customer_details": {"email": "erika@example.org", "name": "Erika Musterfrau"},
                "metadata": {"tenant": order.tenant, "order": str(order.order), "payment": str(payment)},
            }
        },
    }


def intent_event(order: OrderPlaced, payment: UUID, kind: str = "payment_intent.payment_failed") -> dict[str, Any]:
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": kind,
        "data": {
            "object": {
                "id": f"pi_{payment.hex}",
                "object": "payment_intent",
                "status": "requires_payment_method",
                "amount": order.totals.gross,
                "currency": "eur",
                "metadata": {"tenant": order.tenant, "order": str(order.order), "payment": str(payment)},
            }
        },
    }


def refund_event(
    payment: UUID, amount: int, status: str, kind: str = "refund.updated", name: str = ""
) -> dict[str, Any]:
    return {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": kind,
        "data": {
            "object": {
                "id": f"re_{payment.hex}{name}",
                "object": "refund",
                "payment_intent": f"pi_{payment.hex}",
                "status": status,
                "amount": amount,
                "currency": "eur",
                "metadata": {},
            }
        },
    }
