"""Staff at the Work Center sees what was withdrawn from, finds out about what fits no order, and ends it. ORD-8."""

import re
from uuid import uuid4

from journeys.seller import Shop
from journeys.shops import BOXED
from journeys.suite import Suite, until
from journeys.trial.people import People
from journeys.trial.sale import buy

from .browser import DESK, PHONE, Browser, Person
from .test_desk import address, hired, sign_in, sit_down
from .visitor import visitor

NUMBER = "K-2026-999999"
ENGLISH = {"Accept_Language": "en"}


async def declare(suite: Suite, tenant: str) -> str:
    """Declare to withdraw from an order that there is not; return the declaration once it waits for staff."""
    withdrawal = str(uuid4())
    body = {"tenant": tenant, "channel": "direct", "withdrawal": withdrawal, "number": NUMBER, "language": "de"}
    body |= {"name": "Erika Musterfrau", "email": f"e{uuid4().hex[:8]}@example.org"}
    await suite.call("orders", "POST", "/withdrawals", json=body)
    return withdrawal


async def enter(person: Person, suite: Suite, shop: Shop, *roles: str) -> None:
    """Sign in at the Work Center with these roles."""
    await sit_down(person, suite, shop, await hired(shop, *roles))


async def test_ORD_8_what_fits_no_order_is_looked_into_and_ended_with_a_note(
    running: Suite, shop: Shop, chromium: Browser
):
    withdrawal = await declare(running, shop.tenant)
    staff = await hired(shop, "support")

    async def waits() -> bool:
        found = await staff.ask("orders", "GET", f"/withdrawals/{withdrawal}")
        return found["waiting"]

    await until(waits, "the declaration to wait for staff")
    async with chromium.person("withdrawals-desk", width=PHONE, language="en") as person:
        await enter(person, running, shop, "support")
        await person.look()
        assert "Withdrawals 1 wait for somebody" in " ".join((await person.text()).split())
        await person.open(f"{address(running)}/withdrawals")
        assert "Fits no order" in await person.text()
        await person.page.click("summary:has-text('Record as done')")
        await person.look()
        await person.press("Show who has withdrawn")
        text = await person.text()
        assert "Erika Musterfrau" in text
        assert NUMBER in text
        await person.write(**{f"note-{withdrawal}": "Written to; there is no such order."})
        await person.press("Record as done")
        text = await person.text()
        assert "waits no more" in text
        assert "No withdrawal waits for anybody." in text
        await person.open(f"{address(running)}/withdrawals?state=all")
        assert "Written to; there is no such order." in await person.text()
    reviewer = await hired(shop, "reviewer")
    acts = (await reviewer.ask("orders", "GET", f"/audit?object={withdrawal}"))["items"]
    assert [act["operation"].rpartition("/")[2] for act in acts] == ["done", "declarant"]


async def test_ORD_8_goods_that_came_back_are_refunded_from_the_order(
    running: Suite, shop: Shop, people: People, chromium: Browser
):
    customer = await people.arrive()
    order = await buy(customer, {BOXED: 1})
    here = f"/orders/{order['order']}"
    await customer.pay_by_card(order["order"])
    view = await customer.wait_for_state(order["order"], "paid")
    units = [unit["unit"] for line in view["lines"] for unit in line["units"]]
    await shop.seller.ask("orders", "POST", f"{here}/shipments", json={"units": units})
    lines = [line["line"] for line in view["lines"]]
    await running.call("orders", "POST", f"{here}/withdrawals", json={"lines": lines}, token=customer.token)
    async with chromium.person("withdrawals-goods", width=DESK, language="en") as person:
        await enter(person, running, shop, "sales")
        await person.open(f"{address(running)}/withdrawals")
        assert "refunded once the goods are back" in await person.text()
        await person.press("To the order, once the goods are here")
        await person.press("Refund what came back …")
        assert "Refund this?" in await person.text()
        await person.page.click("main button.bad")
        await person.page.wait_for_url(re.compile("done-refunded"))
        await person.look()
        text = await person.text()
        assert "Refund what came back" not in text
        assert "refunded once the goods are back" in text


async def test_ORD_8_only_sales_and_support_see_withdrawals(running: Suite, shop: Shop):
    withdrawal = await declare(running, shop.tenant)
    for role, status in (("bookkeeping", 403), ("files", 403), ("support", 200)):
        member = await hired(shop, role)
        async with visitor(address(running)) as guest:
            assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
            assert (await guest.get("/withdrawals", **ENGLISH))[0] == status, role
            await guest.get("/", **ENGLISH)
            if role != "support":
                assert (await guest.get(f"/withdrawals/{withdrawal}/declarant"))[0] == 403, role
                assert (await guest.post(f"/withdrawals/{withdrawal}/done", {"came_of_it": "x"}))[0] == 403, role
