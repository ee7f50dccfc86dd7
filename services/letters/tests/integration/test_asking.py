"""What staff is shown, and who is not."""

from uuid import UUID, uuid4

import pytest
from chassis.telemetry import metrics
from chassis_testing import Harness

from .catcher import Catcher
from .sale import Sale, sent


# E16
async def test_staff_sees_an_orders_emails_and_the_servers_answers(house: Harness, catcher: Catcher):
    sale = Sale(house)
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    (event,) = await sent(house, sale)
    assert metrics.of("letters").registry.get_sample_value("kontor_delivery_email_seconds_count")
    for role in ("support", "sales", "bookkeeping"):
        staff = house.bearer(house.accounts.token(uuid4(), role))
        async with house.http.get(f"/orders/{sale.order}/emails", headers=staff) as answer:
            assert answer.status == 200
            (item,) = (await answer.json())["items"]
        assert (item["kind"], item["state"], item["attempts"], item["code"]) == ("delivery", "sent", 1, 250)
        assert item["message_id"] == event.message_id
        assert item["answer"].startswith("2.0.0 Ok")
        assert sorted(item["units"]) == sorted(str(unit) for unit in event.units)
        assert item["next_attempt_at"] is None


@pytest.mark.parametrize(
    "path", ["/orders/{order}/emails", "/bounced-emails", "/bounced-notifications", "/emails/{email}/letter"]
)
async def test_reading_needs_a_role(house: Harness, path: str):
    address = path.format(order=uuid4(), email=uuid4())
    async with house.http.get(address) as answer:
        assert answer.status == 401
    for token in (house.accounts.token(uuid4(), "customer"), house.accounts.token(uuid4(), "files")):
        async with house.http.get(address, headers=house.bearer(token)) as answer:
            assert answer.status == 403


async def test_only_support_sends_again(house: Harness):
    address = f"/emails/{uuid4()}/retry"
    async with house.http.post(address) as answer:
        assert answer.status == 401
    async with house.http.post(address, headers=house.bearer(house.accounts.token(uuid4(), "sales"))) as answer:
        assert answer.status == 403
    async with house.http.post(address, headers=house.bearer(house.accounts.token(uuid4(), "support"))) as answer:
        assert answer.status == 404


# PLT-1
async def test_another_tenants_emails_are_not_there(house: Harness, catcher: Catcher):
    sale = Sale(house)
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    (event,) = await sent(house, sale)
    other = house.bearer(house.accounts.token(uuid4(), "support", "bookkeeping", tenant="elsewhere"))
    for address in (f"/orders/{sale.order}/emails", f"/emails/{event.email}/letter"):
        async with house.http.get(address, headers=other) as answer:
            assert answer.status == 404
    async with house.http.post(f"/emails/{event.email}/retry", headers=other) as answer:
        assert answer.status == 404
    async with house.http.get("/bounced-emails", headers=other) as answer:
        assert (await answer.json())["items"] == []


@pytest.mark.parametrize("bad", ["0", "..%2f..", "%00", "x" * 300, str(2**31)])
async def test_what_is_no_id_is_refused(house: Harness, bad: str):
    staff = house.bearer(house.accounts.token(uuid4(), "support", "bookkeeping"))
    async with house.http.get(f"/orders/{bad}/emails", headers=staff) as answer:
        assert answer.status in (400, 404, 422)
    async with house.http.post(f"/emails/{bad}/retry", headers=staff) as answer:
        assert answer.status in (400, 404, 422)


@pytest.mark.parametrize("cursor", ["x", "2026-01-01T00:00:00_x", f"2026-01-01T00:00:00_{UUID(int=1)}", "_", "\x00"])
async def test_a_cursor_of_ones_own_making_is_refused(house: Harness, cursor: str):
    staff = house.bearer(house.accounts.token(uuid4(), "support"))
    async with house.http.get("/bounced-emails", params={"cursor": cursor}, headers=staff) as answer:
        assert answer.status in (400, 422)
