"""A saved card is removed by choice or on request, and the customer stays (PAY-11 M26)."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import pytest
from chassis_testing.harness import until
from contracts.orders import OrderPlaced

from .house import KEY, House
from .people import bought, chosen, confirmed, destroyed, erased, saved

LIST = {"path": "/v1/customers", "method": "GET"}
DETACH = {"path": "/v1/payment_methods", "method": "POST"}


async def customer(house: House, order: OrderPlaced) -> dict[str, Any]:
    (row,) = await house.harness.sql(
        "select provider_customer_id, deletion_requested_at, deleted_at, card_removals_requested, card_removals_done"
        " from customers where id = $1",
        order.customer,
    )
    return dict(row)


async def cards_removed(house: House, order: OrderPlaced) -> None:
    async def nothing() -> bool:
        known = await customer(house, order)
        return await saved(house, order) == 0 and known["card_removals_requested"] == known["card_removals_done"]

    await until(nothing, timeout=15, what="the provider to keep nothing")


async def try_again(house: House, order: OrderPlaced) -> None:
    """The lease of the last attempt has ended."""
    await house.harness.sql("update customers set card_removal_claimed_until = null where id = $1", order.customer)


async def events(house: House, kind: str, name: str) -> int:
    params, headers = {"type": kind, "limit": "100"}, {"Authorization": f"Bearer {KEY}"}
    async with house.provider.get("/v1/events", params=params, headers=headers) as answer:
        listed = (await answer.json())["data"]
    customers = [one["data"]["object"]["customer"] or one["data"]["previous_attributes"]["customer"] for one in listed]
    return customers.count(name)


async def test_a_choice_removes_the_card_and_the_next_one_may_save_again(house: House):
    order = await bought(house, keep_data=True)
    before = await customer(house, order)
    assert await saved(house, order) == 1
    await house.harness.publish(chosen(house, order, keep_data=False))
    await cards_removed(house, order)
    known = await customer(house, order)
    assert (known["provider_customer_id"], known["deletion_requested_at"], known["deleted_at"]) == (
        before["provider_customer_id"],
        None,
        None,
    )
    refunded = house.refunded(order)
    await house.harness.publish(refunded)
    (repaid,) = await house.published("PaymentRefunded", order)
    assert (repaid.refund, repaid.amount) == (refunded.refund, 21900)
    await house.harness.publish(chosen(house, order, keep_data=True))
    again = await house.placed(customer=order.customer)
    view = await house.opened(again, save_card=True)
    assert await house.pay(view["url"]) == 303
    await house.published("PaymentCaptured", again)
    assert await saved(house, order) == 1
    assert (await customer(house, order))["provider_customer_id"] == before["provider_customer_id"]


@pytest.mark.parametrize(
    "fault",
    [
        {"refuse": {"status": 500, **LIST}},
        {"refuse": {"status": 500, **DETACH}},
        {"refuse": {"status": 500, "at": "after", "times": 1, **DETACH}},
        {"refuse": {"status": 404, **DETACH}},
        {"refuse": {"status": 400, **DETACH}},
    ],
    ids=["list fails", "detach fails", "answer lost", "not found", "refused"],
)
async def test_a_provider_in_trouble_removes_the_card_later(house: House, fault: dict[str, Any]):
    order = await bought(house, keep_data=True)
    await house.control("switches", api=fault)
    await house.harness.publish(chosen(house, order, keep_data=False))
    await house.harness.settled()
    known = await customer(house, order)
    assert known["card_removals_requested"] > known["card_removals_done"]
    await asyncio.sleep(0.3)
    await house.control("reset")
    await try_again(house, order)
    await cards_removed(house, order)


async def test_F_P23_a_hanging_provider_holds_no_transaction_and_removes_the_card_later(house: House):
    order = await bought(house, keep_data=True)
    await house.control("switches", api={"hang": {"seconds": "forever", "times": 1, **LIST}})
    began = time.monotonic()
    await house.harness.publish(chosen(house, order, keep_data=False))
    await house.harness.settled()
    await asyncio.sleep(0.5)
    assert await house.stuck() == []
    assert await saved(house, order) == 1
    await try_again(house, order)
    await cards_removed(house, order)
    assert time.monotonic() - began < 15


async def test_a_customer_deleted_at_the_provider_has_nothing_to_remove(house: House):
    order = await bought(house, keep_data=True)
    name = (await customer(house, order))["provider_customer_id"]
    async with house.provider.delete(f"/v1/customers/{name}", headers={"Authorization": f"Bearer {KEY}"}) as answer:
        assert answer.status == 200
    await house.harness.publish(chosen(house, order, keep_data=False))
    await house.harness.settled()
    await cards_removed(house, order)
    status, listed = await house.get("/me/saved-cards", **house.as_customer(order))
    assert (status, listed["items"]) == (200, [])


async def test_choosing_to_keep_again_before_it_was_done_keeps_the_card(house: House):
    order = await bought(house, keep_data=True)
    await house.control("switches", api={"refuse": {"status": 503, **LIST}})
    await house.harness.publish(chosen(house, order, keep_data=False))
    await house.harness.settled()
    await house.harness.publish(chosen(house, order, keep_data=True))
    await house.harness.settled()
    await asyncio.sleep(0.3)
    await house.control("reset")
    await try_again(house, order)
    await asyncio.sleep(1.5)
    assert await saved(house, order) == 1
    await house.harness.publish(chosen(house, order, keep_data=False))
    await cards_removed(house, order)


async def test_an_older_choice_that_comes_late_removes_nothing(house: House):
    order = await bought(house, keep_data=True)
    first = house.harness.next_sequence(2)
    await house.harness.publish(chosen(house, order, keep_data=True), sequence=first + 1)
    await house.harness.settled()
    await house.harness.publish(chosen(house, order, keep_data=False), sequence=first)
    await house.harness.settled()
    await asyncio.sleep(1.5)
    assert await saved(house, order) == 1


@pytest.mark.parametrize("by_webhook", [True, False], ids=["webhook", "inquired"])
async def test_a_page_open_before_the_choice_saves_a_card_for_a_moment_only(house: House, by_webhook: bool):
    order = await bought(house, keep_data=True)
    open_page = await house.placed(customer=order.customer)
    view = await house.opened(open_page, save_card=True)
    await house.harness.publish(chosen(house, order, keep_data=False))
    await cards_removed(house, order)
    name = (await customer(house, order))["provider_customer_id"]
    attached = await events(house, "payment_method.attached", name)
    if not by_webhook:
        await house.control("switches", webhooks={"drop": {}})
    assert await house.pay(view["url"]) == 303
    assert await events(house, "payment_method.attached", name) == attached + 1
    if not by_webhook:
        assert await saved(house, order) == 1
        await house.harness.sql(
            "update payments set inquire_at = now() - interval '1 day' where order_id = $1", open_page.order
        )
    await house.published("PaymentCaptured", open_page)
    await cards_removed(house, order)
    assert await events(house, "payment_method.detached", name) == 2


async def test_a_debit_under_way_leaves_no_account_either(house: House):
    await house.control("switches", settle_after=None)
    order = await bought(house, keep_data=True)
    open_page = await house.placed(customer=order.customer)
    view = await house.opened(open_page, save_card=True)
    await house.harness.publish(chosen(house, order, keep_data=False))
    await cards_removed(house, order)
    assert await house.pay(view["url"], method="sepa_debit", iban="DE89370400440532013000", name="E. M.") == 303
    await house.published("PaymentAuthorized", open_page)
    await cards_removed(house, order)
    await house.control("settle", session=view["url"].rpartition("/")[2])
    assert len(await house.published("PaymentCaptured", open_page)) == 1


async def test_a_card_saved_while_the_provider_was_answering_is_removed_too(house: House):
    order = await bought(house, keep_data=True)
    open_page = await house.placed(customer=order.customer)
    view = await house.opened(open_page, save_card=True)
    await house.harness.publish(chosen(house, order, keep_data=False))
    await cards_removed(house, order)
    await house.control("switches", api={"hang": {"seconds": 60.0, "at": "after", "times": 1, **LIST}})
    await house.harness.publish(chosen(house, order, keep_data=False))
    await house.used("hang")
    assert await house.pay(view["url"]) == 303
    await house.published("PaymentCaptured", open_page)
    assert await saved(house, order) == 1
    await house.control("reset")
    await cards_removed(house, order)


@pytest.mark.parametrize("erased_first", [True, False])
async def test_erasure_in_between_leaves_nothing_and_confirms(house: House, erased_first: bool):
    order = await bought(house, keep_data=True)
    key = uuid4()
    published = [chosen(house, order, keep_data=False), erased(house, order), destroyed(house, order, key)]
    await house.control("switches", api={"refuse": {"status": 503, **LIST}})
    for event in published[::-1] if erased_first else published:
        await house.harness.publish(event)
        await house.harness.settled()

    async def is_confirmed() -> bool:
        return bool(confirmed(house, key))

    await until(is_confirmed, what="the confirmation")
    assert await saved(house, order) == 0
    assert (await customer(house, order))["deleted_at"] is not None


async def test_customers_see_and_delete_what_they_saved(house: House):
    order = await bought(house, keep_data=True)
    mine = house.as_customer(order)
    status, listed = await house.get("/me/saved-cards", **mine)
    (card,) = listed["items"]
    assert (status, set(card), card["kind"]) == (200, {"card", "kind"}, "card")
    path = f"/me/saved-cards/{card['card']}"
    async with house.harness.http.delete(path, headers=mine) as answer:
        assert answer.status == 204
    assert (await house.get("/me/saved-cards", **mine))[1]["items"] == []
    assert await saved(house, order) == 0
    async with house.harness.http.delete(path, headers=mine) as answer:
        assert (answer.status, (await answer.json())["type"]) == (404, "/problems/saved-card-unknown")
    await house.harness.publish(house.refunded(order))
    assert len(await house.published("PaymentRefunded", order)) == 1
    again = await house.placed(customer=order.customer)
    assert await house.pay((await house.opened(again, save_card=True))["url"]) == 303
    assert await saved(house, order) == 1


async def test_F_P28_another_customers_saved_card_is_not_there(house: House):
    order, other = await bought(house, keep_data=True), await bought(house, keep_data=True)
    newcomer = house.order()
    (card,) = (await house.get("/me/saved-cards", **house.as_customer(order)))[1]["items"]
    elsewhere = order.model_copy(update={"tenant": "elsewhere"})
    for somebody in (other, newcomer, elsewhere):
        headers = house.as_customer(somebody)
        assert card not in (await house.get("/me/saved-cards", **headers))[1]["items"]
        async with house.harness.http.delete(f"/me/saved-cards/{card['card']}", headers=headers) as answer:
            assert answer.status == 404
    assert await saved(house, order) == 1
    for headers, wanted in (({}, 401), (house.as_staff("support"), 403)):
        assert (await house.get("/me/saved-cards", **headers))[0] == wanted
        async with house.harness.http.delete(f"/me/saved-cards/{card['card']}", headers=headers) as answer:
            assert answer.status == wanted
    for wrong in ("4242424242424242", "pm_%2F..%2Fx", "pm_" + "x" * 300, "pm_nobody"):
        async with house.harness.http.delete(f"/me/saved-cards/{wrong}", headers=house.as_customer(order)) as answer:
            assert answer.status in (404, 422), wrong
    assert await saved(house, order) == 1


async def test_saved_cards_wait_for_a_provider_that_is_away(house: House):
    order = await bought(house, keep_data=True)
    mine = house.as_customer(order)
    (card,) = (await house.get("/me/saved-cards", **mine))[1]["items"]
    await house.control("switches", api={"refuse": {"status": 500}})
    assert (await house.get("/me/saved-cards", **mine))[0] == 503
    async with house.harness.http.delete(f"/me/saved-cards/{card['card']}", headers=mine) as answer:
        assert answer.status == 503
    await house.control("reset")
    assert await saved(house, order) == 1
