import asyncio
from typing import Any
from uuid import UUID, uuid4

from contracts.mail_relay import ClaimDecided
from contracts.orders import OrderPlaced, OrderRefunded
from contracts.payments import PaymentRefunded

from services.orders.tests.integration.conftest import Shop, header, of_order, units_of


async def refund(
    shop: Shop,
    placed: OrderPlaced,
    units: list[UUID],
    *,
    staff: dict[str, str] | None = None,
    key: str | None = None,
    **why: Any,
) -> tuple[int, dict[str, Any]]:
    body = {"units": [str(unit) for unit in units], **(why or {"reason": "goodwill"})}
    return await shop.post(f"/orders/{placed.order}/refunds", body, staff or shop.staff("sales"), key)


def repaid(placed: OrderPlaced, amount: int, currency: str = "EUR") -> PaymentRefunded:
    facts: dict[str, Any] = {"repayment": uuid4(), "origin": "provider", "amount": amount, "currency": currency}
    return PaymentRefunded(**header(placed), **facts, reference="re_1", refunded_at=placed.ordered_at)


def granted(placed: OrderPlaced, *units: UUID, final: bool = True) -> ClaimDecided:
    """A claim that is decided for the buyer."""
    facts = {"tenant": placed.tenant, "order": placed.order, "units": units or units_of(placed), "final": final}
    return ClaimDecided.model_validate({**ClaimDecided.EXAMPLE, **facts})


async def bought(shop: Shop, skus: dict[str, int], *amounts: int) -> tuple[OrderPlaced, list[UUID]]:
    """A paid order, and the repayments of these amounts that somebody began at the provider."""
    placed = await shop.buy(uuid4(), shop.request(skus))
    back = [repaid(placed, amount) for amount in amounts]
    await shop.home.publish(shop.captured(placed), *back)
    await shop.home.settled()
    return placed, [one.repayment for one in back]


async def unexplained(shop: Shop, tenant: str = "kontor") -> list[str]:
    _, listed = await shop.get("/unexplained-refunds", shop.staff("bookkeeping", tenant=tenant))
    return [row["repayment"] for row in listed["items"]]


async def refunds_of(shop: Shop, placed: OrderPlaced) -> list[tuple[UUID, list[UUID], str, int]]:
    """The refunds of an order that were published."""
    await shop.home.settled()
    facts = [fact for fact in await shop.home.published(OrderRefunded, at_least=0) if fact.order == placed.order]
    return [(fact.refund, [unit.unit for unit in fact.units], str(fact.reason), fact.amount) for fact in facts]


async def test_F_P18_goodwill_takes_units_back_once(shop: Shop):  # ORD-6
    placed = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 2}))
    one, other = units_of(placed)
    assert (await refund(shop, placed, [one]))[0] == 409
    await shop.home.publish(shop.captured(placed))
    await shop.home.settled()
    status, view = await refund(shop, placed, [one])
    assert (status, view["amount"]) == (201, 21900)
    assert (await refund(shop, placed, [one]))[0] == 409
    assert (await refund(shop, placed, [one, other]))[0] == 409
    assert (await refund(shop, placed, [uuid4()]))[0] == 409
    (taken,) = await of_order(shop, OrderRefunded, placed)
    assert [(unit.unit, unit.net + unit.tax) for unit in taken.units] == [(one, 21900)]
    assert await shop.state(placed) == "partly_refunded"


async def test_K9_MAIL_8_what_a_claim_decides_for_the_buyer_is_refunded_once_whatever_is_known_first(shop: Shop):
    first, late, parted = [await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 2})) for _ in range(3)]
    one, other = units_of(parted)
    await shop.home.publish(shop.captured(first), granted(first), granted(first, final=False), granted(first))
    await shop.home.publish(granted(late), shop.captured(late), granted(late))
    await shop.home.publish(shop.captured(parted), granted(parted, other, final=False))
    for placed in (first, late):
        ((_, units, reason, amount),) = await refunds_of(shop, placed)
        assert (units, reason, amount) == (units_of(placed), "defect", placed.totals.gross)
        assert await shop.state(placed) == "refunded"
    # what can still be appealed refunds nothing, and what staff has refunded is not refunded again
    assert await refunds_of(shop, parted) == []
    await refund(shop, parted, [one])
    await shop.home.publish(granted(parted))
    assert [units for _, units, _, _ in await refunds_of(shop, parted)] == [[one], [other]]


async def test_F_P09_F_P20_a_refund_at_the_provider_takes_everything_back_even_before_the_payment(shop: Shop):
    placed = await shop.buy(uuid4())
    back = repaid(placed, placed.totals.gross)
    await shop.home.publish(back, shop.captured(placed), back)
    await shop.home.settled()
    assert await shop.state(placed) == "refunded"
    assert len(await of_order(shop, OrderRefunded, placed)) == 1


async def test_a_refund_that_fits_no_units_waits_for_staff(shop: Shop):
    placed, (one,) = await bought(shop, {"VISTA-HP-ESD": 2}, 1)
    assert str(one) in await unexplained(shop)
    assert str(one) not in await unexplained(shop, tenant="other")
    assert await refunds_of(shop, placed) == []


async def test_F_P20_refunds_at_the_provider_that_add_up_to_everything_take_everything_back_once(shop: Shop):
    placed = await shop.buy(uuid4(), shop.request({"VISTA-HP-ESD": 2}))
    first, last = repaid(placed, 20_000), repaid(placed, placed.totals.gross - 20_000)
    await shop.home.publish(first, shop.captured(placed), first, last, last)
    assert await refunds_of(shop, placed) == [(last.repayment, units_of(placed), "provider", placed.totals.gross)]
    assert await shop.state(placed) == "refunded"
    assert not {str(first.repayment), str(last.repayment)} & set(await unexplained(shop))


async def test_F_P20_refunds_at_the_provider_that_add_up_to_one_line_take_that_line_back(shop: Shop):
    placed, both = await bought(shop, {"VISTA-HP-ESD": 1, "WORKS-9-ESD": 2}, 3_000, 6_998)
    assert await refunds_of(shop, placed) == [(both[1], placed.lines[1].units, "provider", 9_998)]
    assert await shop.state(placed) == "partly_refunded"


async def test_money_in_another_currency_is_for_staff(shop: Shop):
    placed = await shop.buy(uuid4())
    back = repaid(placed, placed.totals.gross, "USD")
    await shop.home.publish(shop.captured(placed), back)
    assert await refunds_of(shop, placed) == []
    status, problem = await refund(shop, placed, units_of(placed), repayment=str(back.repayment))
    assert (status, problem["type"]) == (409, "/problems/repayment-differs")


async def test_staff_says_which_units_a_refund_at_the_provider_was_for(shop: Shop):
    placed, (back,) = await bought(shop, {"VISTA-HP-ESD": 2}, 21_900)
    _, other = units_of(placed)
    staff = shop.staff("sales")
    for _ in range(2):  # the second is a repetition
        status, view = await refund(shop, placed, [other], staff=staff, key=f"explain-{back}", repayment=str(back))
        assert (status, view["refund"], view["reason"], view["amount"]) == (201, str(back), "provider", 21_900)
    assert await refunds_of(shop, placed) == [(back, [other], "provider", 21_900)]
    assert str(back) not in await unexplained(shop)
    assert await shop.state(placed) == "partly_refunded"


async def test_a_refund_at_the_provider_is_explained_once_only(shop: Shop):
    placed, (back,) = await bought(shop, {"VISTA-HP-ESD": 3}, 21_900)
    raced = await asyncio.gather(*(refund(shop, placed, [unit], repayment=str(back)) for unit in units_of(placed)))
    assert sorted(status for status, _ in raced) == [201, 409, 409]
    assert {problem["type"] for status, problem in raced if status == 409} == {"/problems/repayment-explained"}
    assert len(await refunds_of(shop, placed)) == 1


async def test_a_refund_that_was_understood_is_not_explained_again(shop: Shop):
    placed, (back,) = await bought(shop, {"VISTA-HP-ESD": 1, "WORKS-9-ESD": 1}, 4_999)
    status, problem = await refund(shop, placed, units_of(placed)[:1], repayment=str(back))
    assert (status, problem["type"]) == (409, "/problems/repayment-explained")


async def test_only_a_refund_of_this_order_and_of_this_amount_explains_units(shop: Shop):
    placed, (small, right) = await bought(shop, {"VISTA-HP-ESD": 3}, 1_000, 21_900)
    other, (foreign,) = await bought(shop, {"VISTA-HP-ESD": 3}, 21_900)
    one, two, _ = units_of(placed)
    for units, named, refused in [
        ([one], uuid4(), (404, "/problems/repayment-unknown")),
        ([one], foreign, (404, "/problems/repayment-unknown")),
        ([one], small, (409, "/problems/repayment-differs")),
        ([one, two], right, (409, "/problems/repayment-differs")),
        ([units_of(other)[0]], right, (409, "/problems/not-refundable")),
    ]:
        status, problem = await refund(shop, placed, units, repayment=str(named))
        assert (status, problem["type"]) == refused
    assert (await refund(shop, placed, [one], staff=shop.staff("support"), repayment=str(right)))[0] == 403
    foreign_staff = shop.staff("sales", tenant="other")
    assert (await refund(shop, placed, [one], staff=foreign_staff, repayment=str(right)))[0] == 404
    assert await refunds_of(shop, placed) == []
    assert {str(small), str(right), str(foreign)} <= set(await unexplained(shop))


async def test_units_are_not_taken_back_without_a_reason_or_a_repayment(shop: Shop):
    placed, _ = await bought(shop, {"VISTA-HP-ESD": 1})
    causes: list[dict[str, Any]] = [{"repayment": None}, {"reason": "provider"}]
    for nothing in causes:
        assert (await refund(shop, placed, units_of(placed), **nothing))[0] == 422
    assert await shop.state(placed) == "paid"


async def test_why_money_went_back_is_read_afterwards(shop: Shop):
    placed, _ = await bought(shop, {"VISTA-HP-ESD": 2})
    one, other = units_of(placed)
    await refund(shop, placed, [one], reason="defect")
    await refund(shop, placed, [other], reason="goodwill")
    path, own = f"/orders/{placed.order}/refunds", shop.home.bearer(shop.token(placed.customer))
    for headers in (own, *(shop.staff(role) for role in ("sales", "support", "bookkeeping", "reviewer"))):
        status, listed = await shop.get(path, headers)
        assert (status, [row["reason"] for row in listed["items"]]) == (200, ["defect", "goodwill"])
    for headers in (shop.home.bearer(shop.token(uuid4())), shop.staff("sales", tenant="other")):
        assert (await shop.get(path, headers))[0] == 404
    assert (await shop.get(path, shop.staff("files")))[0] == 403
