"""What staff is shown, and who is not."""

from uuid import UUID, uuid4

import pytest
from chassis_testing import Harness

from .catcher import Catcher
from .sale import Sale, sent


# E16
async def test_staff_sees_an_orders_emails_and_the_servers_answers(relay: Harness, catcher: Catcher):
    sale = Sale(relay)
    await relay.publish(sale.placed(), sale.paid(), *sale.parts())
    (event,) = await sent(relay, sale)
    for role in ("support", "sales"):
        staff = relay.bearer(relay.accounts.token(uuid4(), role))
        async with relay.http.get(f"/orders/{sale.order}/emails", headers=staff) as answer:
            assert answer.status == 200
            (item,) = (await answer.json())["items"]
        assert (item["kind"], item["state"], item["attempts"], item["code"]) == ("delivery", "sent", 1, 250)
        assert item["message_id"] == event.message_id
        assert item["answer"].startswith("2.0.0 Ok")
        assert sorted(item["units"]) == sorted(str(unit) for unit in event.units)
        assert item["next_attempt_at"] is None


@pytest.mark.parametrize("path", ["/orders/{order}/emails", "/bounced-emails", "/emails/{email}/letter"])
async def test_reading_needs_a_role(relay: Harness, path: str):
    address = path.format(order=uuid4(), email=uuid4())
    async with relay.http.get(address) as answer:
        assert answer.status == 401
    for token in (relay.accounts.token(uuid4(), "customer"), relay.accounts.token(uuid4(), "files")):
        async with relay.http.get(address, headers=relay.bearer(token)) as answer:
            assert answer.status == 403


async def test_only_support_sends_again(relay: Harness):
    address = f"/emails/{uuid4()}/retry"
    async with relay.http.post(address) as answer:
        assert answer.status == 401
    async with relay.http.post(address, headers=relay.bearer(relay.accounts.token(uuid4(), "sales"))) as answer:
        assert answer.status == 403
    async with relay.http.post(address, headers=relay.bearer(relay.accounts.token(uuid4(), "support"))) as answer:
        assert answer.status == 404


# PLT-1
async def test_another_tenants_emails_are_not_there(relay: Harness, catcher: Catcher):
    sale = Sale(relay)
    await relay.publish(sale.placed(), sale.paid(), *sale.parts())
    (event,) = await sent(relay, sale)
    other = relay.bearer(relay.accounts.token(uuid4(), "support", "bookkeeping", tenant="elsewhere"))
    for address in (f"/orders/{sale.order}/emails", f"/emails/{event.email}/letter"):
        async with relay.http.get(address, headers=other) as answer:
            assert answer.status == 404
    async with relay.http.post(f"/emails/{event.email}/retry", headers=other) as answer:
        assert answer.status == 404
    async with relay.http.get("/bounced-emails", headers=other) as answer:
        assert (await answer.json())["items"] == []


@pytest.mark.parametrize("bad", ["0", "..%2f..", "%00", "x" * 300, str(2**31)])
async def test_what_is_no_id_is_refused(relay: Harness, bad: str):
    staff = relay.bearer(relay.accounts.token(uuid4(), "support", "bookkeeping"))
    async with relay.http.get(f"/orders/{bad}/emails", headers=staff) as answer:
        assert answer.status in (400, 404, 422)
    async with relay.http.post(f"/emails/{bad}/retry", headers=staff) as answer:
        assert answer.status in (400, 404, 422)


@pytest.mark.parametrize("cursor", ["x", "2026-01-01T00:00:00_x", f"2026-01-01T00:00:00_{UUID(int=1)}", "_", "\x00"])
async def test_a_cursor_of_ones_own_making_is_refused(relay: Harness, cursor: str):
    staff = relay.bearer(relay.accounts.token(uuid4(), "support"))
    async with relay.http.get("/bounced-emails", params={"cursor": cursor}, headers=staff) as answer:
        assert answer.status in (400, 422)
