"""Events of the provider as versions of its API write them, at the real door: see the corpus beside these tests."""

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until
from contracts.orders import OrderPlaced

from .house import SECRET, House, signature

FILES = sorted((Path(__file__).parents[1] / "corpus" / "provider").glob("*.json"))
CORPUS = {file.stem: json.loads(file.read_text())["cases"] for file in FILES}
EUROS: dict[str, Any] = {"currency": "EUR", "gross": 21900}
PUBLISHED = ("PaymentAuthorized", "PaymentCaptured", "PaymentFailed", "PaymentRefunded")


async def answer(house: House, event: Any, order: OrderPlaced, payment: UUID) -> str:
    """Send an event of the corpus, and return how the door answers, in the words of the corpus."""
    text = json.dumps(event)
    for name, value in {"tenant": order.tenant, "order": order.order.hex, "payment": payment.hex}.items():
        text = text.replace(f"${name}", value)
    signed = {"Stripe-Signature": signature(text.encode(), SECRET, int(time.time()))}
    async with house.harness.http.post("/webhooks/provider", data=text.encode(), headers=signed) as answered:
        view = await answered.json(content_type=None)
        if answered.status == 200:
            return view["ignored"] or "taken"
        return "refused" if answered.status == 400 else str(answered.status)


async def end(house: House, order: OrderPlaced, payment: UUID) -> dict[str, Any]:
    """What has become of a payment and its order, in the words of the corpus."""
    status, view = await house.get(f"/payments/{payment}", **house.as_customer(order))
    listed = "select reason from review_entries where order_id = $1 and closed_at is null order by reason"
    return {
        "state": view["state"] if status == 200 else "unknown",
        "published": [event for event in PUBLISHED for _ in house.so_far(event, order)],
        "review": [row["reason"] for row in await house.harness.sql(listed, order.order)],
    }


@pytest.mark.parametrize("version", CORPUS)
async def test_F_P10_F_P25_events_of_each_version_release_what_they_should_and_nothing_else(house: House, version: str):
    cases = CORPUS[version]
    sold = [{**EUROS, **case.get("order", {})} for case in cases]
    orders = [house.order(currency=one["currency"], prices=(one["gross"],)) for one in sold]
    await house.harness.publish(*orders)
    await house.harness.settled()

    async def play(case: Any, order: OrderPlaced) -> dict[str, Any]:
        payment = uuid4()
        answers = [await answer(house, step["event"], order, payment) for step in case["steps"]]

        async def as_expected() -> bool:
            return await end(house, order, payment) == case["ends"]

        with contextlib.suppress(AssertionError):  # the comparison of all cases below shows more
            await until(as_expected, timeout=5)
        await house.harness.settled()
        return {"answers": answers, **await end(house, order, payment)}

    found = await asyncio.gather(*map(play, cases, orders))
    wanted = [{"answers": [step["answer"] for step in case["steps"]], **case["ends"]} for case in cases]
    names = [case["case"] for case in cases]
    assert dict(zip(names, found, strict=True)) == dict(zip(names, wanted, strict=True))
