"""Consumers withdraw, signed in or not; what follows is the order's own, and strangers learn nothing. ORD-8"""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing import until
from chassis_testing.fixtures import ServiceHome
from contracts.orders import OrderCancelled, OrderPlaced, OrderRefunded
from contracts.withdrawals import WithdrawalDeclared
from orders.__main__ import service

from .conftest import Shop, of_order, open_shop, units_of

STATEMENTS = ["immediate_delivery", "withdrawal_lost"]


@pytest.fixture(scope="module")
async def shop(service_home: ServiceHome) -> AsyncGenerator[Shop]:
    settings = {"orders_per_minute": 10_000, "withdrawals_per_minute": 40, "withdrawals_per_hour": 3}
    async with service_home(service, **settings) as home:
        await open_shop(home)
        yield Shop(home)


class Buyer:
    """A consumer with a mailbox of their own."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.id = shop, uuid4()
        self.email = f"e{self.id.hex}@example.org"
        claims = shop.home.accounts.person_claims("Erika Musterfrau", self.email)
        self.headers = shop.home.bearer(shop.home.accounts.token(self.id, "customer", **claims))

    async def buys(self, skus: dict[str, int] | None = None, *, paid: bool = True, **changes: Any) -> OrderPlaced:
        status, order = await self.shop.post("/orders", self.shop.request(skus, **changes), self.headers)
        assert status == 201, order
        rows = await self.shop.home.sql("select placed from orders where id = $1", UUID(order["order"]))
        placed = OrderPlaced.model_validate_json(rows[0]["placed"])
        if paid:
            await self.shop.home.publish(self.shop.captured(placed))
            await self.shop.home.settled()
        return placed

    async def declares(self, placed: OrderPlaced | str, **changes: Any) -> tuple[int, dict[str, Any]]:
        number = placed if isinstance(placed, str) else placed.order_number
        body = {"tenant": "kontor", "channel": "direct", "withdrawal": str(uuid4()), "name": "Erika Musterfrau"}
        return await self.shop.post("/withdrawals", {**body, "number": number, "email": self.email, **changes}, {})

    async def withdraws(self, placed: OrderPlaced, *lines: UUID, key: str | None = None) -> tuple[int, dict[str, Any]]:
        body = {"lines": [str(line) for line in lines or [line.line for line in placed.lines]]}
        return await self.shop.post(f"/orders/{placed.order}/withdrawals", body, self.headers, key)


async def declared(shop: Shop, withdrawal: str) -> WithdrawalDeclared:
    async def there() -> WithdrawalDeclared | None:
        facts = await shop.home.published(WithdrawalDeclared, at_least=0)
        return next((fact for fact in facts if str(fact.withdrawal) == withdrawal), None)

    return await until(there, what="the declaration")


async def refunds(shop: Shop, placed: OrderPlaced) -> list[tuple[str, list[UUID]]]:
    await shop.home.settled()
    facts = await shop.home.published(OrderRefunded, at_least=0)
    return [(str(one.reason), [u.unit for u in one.units]) for one in facts if one.order == placed.order]


def outcomes(view: dict[str, Any]) -> list[str]:
    return [line["outcome"] for line in view["lines"]]


async def test_ORD_8_what_was_delivered_on_both_statements_is_declined_and_the_rest_refunded(shop: Shop):
    buyer = Buyer(shop)
    placed = await buyer.buys({"VISTA-HP-ESD": 1, "WORKS-9-ESD": 2})
    first, second = placed.lines
    await shop.home.publish(shop.sent(placed, list(first.units), consents=STATEMENTS))
    await shop.home.settled()
    key = str(uuid4())
    status, view = await buyer.withdraws(placed, key=key)
    assert (status, outcomes(view)) == (201, ["waived", "taken_back"])
    assert (await buyer.withdraws(placed, key=key))[1] == view
    assert await refunds(shop, placed) == [("withdrawal", second.units)]
    # again: what is taken back has ended, and no money goes twice
    assert outcomes((await buyer.withdraws(placed))[1]) == ["waived", "ended"]
    assert len(await refunds(shop, placed)) == 1
    _, listed = await shop.get(f"/orders/{placed.order}/withdrawals", buyer.headers)
    assert [outcomes(one) for one in listed["items"]] == [["waived", "taken_back"], ["waived", "ended"]]
    fact = await declared(shop, view["withdrawal"])
    assert (fact.order, fact.number, fact.email) == (placed.order, placed.order_number, placed.email_contact)


async def test_ORD_8_without_signing_in_the_receipt_of_an_order_goes_to_its_own_address(shop: Shop):
    buyer = Buyer(shop)
    placed = await buyer.buys()
    once = str(uuid4())
    for _ in range(2):  # the second is a repetition
        status, view = await buyer.declares(placed.order_number.lower(), withdrawal=once, name=" erika musterFRAU")
        assert (status, view) == (202, {"withdrawal": once})
    fact = await declared(shop, once)
    assert fact.email == placed.email_contact
    assert [(line.outcome, line.units) for line in fact.lines] == [("taken_back", units_of(placed))]
    assert await refunds(shop, placed) == [("withdrawal", units_of(placed))]
    assert len([f for f in await shop.home.published(WithdrawalDeclared) if str(f.withdrawal) == once]) == 1


async def test_ORD_8_what_is_not_paid_is_cancelled(shop: Shop):
    buyer = Buyer(shop)
    placed = await buyer.buys(paid=False)
    _, view = await buyer.declares(placed)
    await declared(shop, view["withdrawal"])
    (cancelled,) = await of_order(shop, OrderCancelled, placed)
    assert cancelled.units == units_of(placed)
    assert await refunds(shop, placed) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "thief@example.org"},
        {"name": "Max Mustermann"},
        {"number": "K-2026-999999"},
        {"name": "Erika Musterfrau\r\nBcc: all@example.org"},
    ],
)
async def test_ORD_8_what_does_not_fit_changes_nothing_and_says_nothing_but_is_kept_for_staff(
    shop: Shop, changes: dict[str, Any]
):
    buyer = Buyer(shop)
    placed = await buyer.buys()
    status, view = await buyer.declares(placed, **changes)
    assert (status, list(view)) == (202, ["withdrawal"])
    fact = await declared(shop, view["withdrawal"])
    assert (fact.order, fact.lines) == (None, [])
    assert fact.email != placed.email_contact
    assert await refunds(shop, placed) == []
    assert await shop.state(placed) == "paid"
    staff = shop.staff("support")
    _, waiting = await shop.get("/withdrawals?waiting=true", staff)
    assert view["withdrawal"] in [one["withdrawal"] for one in waiting["items"]]
    path = f"/withdrawals/{view['withdrawal']}/declarant"
    status, who = await shop.get(f"{path}?purpose=withdrawal", staff)
    assert (status, who["name"]) == (200, changes.get("name", "Erika Musterfrau"))
    assert (await shop.get(path, staff))[0] == 422
    assert (await shop.get(f"{path}?purpose=withdrawal", shop.staff("support", tenant="other")))[0] == 404
    assert (await shop.get(f"{path}?purpose=withdrawal", buyer.headers))[0] == 403


async def test_ORD_8_what_waits_for_staff_is_dealt_with_once_with_a_note(shop: Shop):
    buyer, staff = Buyer(shop), shop.staff("support")
    _, view = await buyer.declares("K-2026-999999")
    here = f"/withdrawals/{view['withdrawal']}"
    await declared(shop, view["withdrawal"])
    assert (await shop.get(here, staff))[1]["waiting"]
    done = {"note": "Found by the delivery date, refunded by hand."}
    assert (await shop.post(f"{here}/done", done, buyer.headers))[0] == 403
    assert (await shop.post(f"{here}/done", done, shop.staff("bookkeeping")))[0] == 403
    assert (await shop.post(f"{here}/done", done, shop.staff("support", tenant="other")))[0] == 404
    assert (await shop.get(here, shop.staff("sales", tenant="other")))[0] == 404
    assert (await shop.post(f"{here}/done", {"note": ""}, staff))[0] == 422
    status, ended = await shop.post(f"{here}/done", done, staff)
    assert (status, ended["waiting"], ended["note"]) == (200, False, done["note"])
    assert ended["done_at"]
    assert await shop.post(f"{here}/done", done, staff) == (200, ended)
    status, refused = await shop.post(f"{here}/done", {"note": "Something else."}, staff)
    assert (status, refused["type"]) == (409, "/problems/nothing-waiting")
    _, waiting = await shop.get("/withdrawals?waiting=true", staff)
    assert view["withdrawal"] not in [one["withdrawal"] for one in waiting["items"]]
    _, listed = await shop.get("/withdrawals", staff)
    assert ended in listed["items"]
    rows = await shop.home.sql("select kind, after from chassis.audit where object_id = $1", view["withdrawal"])
    assert [(row["kind"], done["note"] in row["after"]) for row in rows] == [("withdrawal", True)]


async def test_ORD_8_goods_that_are_sent_back_wait_for_staff_until_it_has_dealt_with_them(shop: Shop):
    buyer, staff = Buyer(shop), shop.staff("sales")
    placed = await buyer.buys({"VISTA-HP-BOX": 1}, consents=[])
    posted = {"units": [str(unit) for unit in units_of(placed)]}
    assert (await shop.post(f"/orders/{placed.order}/shipments", posted, staff))[0] in (200, 201, 204)
    _, view = await buyer.withdraws(placed)
    assert outcomes(view) == ["returning"]
    here = f"/withdrawals/{view['withdrawal']}"
    _, waiting = await shop.get("/withdrawals?waiting=true", staff)
    assert view["withdrawal"] in [one["withdrawal"] for one in waiting["items"]]
    assert (await shop.get(f"{here}/declarant?purpose=withdrawal", staff))[0] == 404  # who that is, the order says
    assert (await shop.post(f"{here}/done", {"note": "Arrived, refunded."}, staff))[1]["waiting"] is False
    _, waiting = await shop.get("/withdrawals?waiting=true", staff)
    assert view["withdrawal"] not in [one["withdrawal"] for one in waiting["items"]]
    _, listed = await shop.get(f"/orders/{placed.order}/withdrawals", buyer.headers)
    assert "note" not in listed["items"][0]  # staff's words are staff's


async def test_ORD_8_what_has_its_outcome_waits_for_nobody(shop: Shop):
    buyer, staff = Buyer(shop), shop.staff("sales")
    placed = await buyer.buys()
    _, view = await buyer.withdraws(placed)
    here = f"/withdrawals/{view['withdrawal']}"
    assert (await shop.get(here, staff))[1]["waiting"] is False
    assert (await shop.post(f"{here}/done", {"note": "Nothing to do."}, staff))[0] == 409


async def test_ORD_8_a_business_has_no_right_to_withdraw(shop: Shop):
    buyer = Buyer(shop)
    placed = await buyer.buys(customer_type="business", consents=[])
    assert outcomes((await buyer.withdraws(placed))[1]) == ["business"]
    _, view = await buyer.declares(placed)
    assert [line.outcome for line in (await declared(shop, view["withdrawal"])).lines] == ["business"]
    assert await refunds(shop, placed) == []


async def test_ORD_8_nobody_withdraws_for_others_or_from_lines_of_others(shop: Shop):
    buyer, other = Buyer(shop), Buyer(shop)
    placed, foreign = await buyer.buys(), await other.buys()
    assert (await other.withdraws(placed))[0] == 404
    assert (await buyer.withdraws(placed, foreign.lines[0].line))[0] == 422
    assert (await shop.get(f"/orders/{placed.order}/withdrawals", other.headers))[0] == 404
    assert await refunds(shop, placed) == []


async def test_ORD_8_a_mailbox_is_not_flooded(shop: Shop):
    buyer = Buyer(shop)
    answers = [await buyer.declares("K-1", email=buyer.email.upper() if n % 2 else buyer.email) for n in range(4)]
    assert [status for status, _ in answers] == [202, 202, 202, 429]
    assert answers[-1][1]["retry_after_seconds"] > 0


async def test_what_is_no_address_or_number_is_refused(shop: Shop):
    buyer = Buyer(shop)
    wrong: list[dict[str, Any]] = [{"email": "a@b\r\nBcc: c@example.org"}, {"number": "K-1\n"}, {"name": ""}]
    for changes in wrong:
        assert (await buyer.declares("K-1", **changes))[0] == 422
    assert (await buyer.declares("K-1", channel="nowhere"))[0] == 404


async def test_ORD_8_the_period_ends(shop: Shop):
    buyer = Buyer(shop)
    placed = await buyer.buys(consents=[])
    shop.home.shift_clock(20 * 86_400)
    claims = shop.home.accounts.person_claims("Erika Musterfrau", buyer.email)
    buyer.headers = shop.home.bearer(shop.home.accounts.token(buyer.id, "customer", **claims))
    assert outcomes((await buyer.withdraws(placed))[1]) == ["late"]
    assert await refunds(shop, placed) == []
