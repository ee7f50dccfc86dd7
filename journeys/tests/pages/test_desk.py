"""Staff at the Work Center: they see what is theirs, find an order, and give money back."""

import re
import secrets

import pytest
from journeys.seller import Shop, Staff
from journeys.shops import KEYLESS
from journeys.suite import Suite
from journeys.trial.people import People
from journeys.trial.sale import buy

from .browser import DESK, PHONE, Browser, Person
from .signing_in import back, come
from .test_looks import crawl
from .visitor import Visitor, visitor

ROLES = ("sales", "files", "bookkeeping", "support", "reviewer", "operator", "administrator")
PARTS = (
    "/orders",
    "/articles",
    "/withdrawals",
    "/withdrawals?state=all",
    "/articles/missing-files",
    "/downloads",
    "/downloads/attempts",
    "/money",
    "/money/payments",
    "/money/payments?by=month&sort=amount&find=x",
    "/cases?sort=judged_at&find=x",
    "/articles/missing-files?sort=sku&find=x",
    "/acts?sort=at&find=x",
    "/services?sort=dead&find=x",
    "/services/orders?sort=topic&find=x",
    "/money/review",
    "/money/payouts",
    "/cases",
    "/cases/claims",
    "/cases/exports",
    "/rewards",
    "/emails",
    "/erasures",
    "/partners",
    "/acts",
    "/acts?service=accounts&check=0",
    "/services",
    "/services/orders",
    "/services/orders?state=waiting",
    "/staff",
    "/rewards/rules",
    "/orders?sort=gross&descending=true&number=K-1",
    "/erasures?sort=erased_at&find=x",
    "/emails?sort=attempts&find=x",
    "/cases/claims?sort=due_at&find=x",
    "/downloads?sort=Artikel",
    "/skus/WORKS-9-ESD",
    "/search?q=WORKS-9-ESD",
    "/search?q=nobody%40example.org",
)


def address(suite: Suite) -> str:
    return f"http://localhost:{suite.state.ports['workcenter']}"


async def hired(shop: Shop, *roles: str) -> Staff:
    name = secrets.token_hex(4)
    return await Staff(shop.suite, shop.tenant, roles, f"{name}@kontor.example", f"Sam {name}").hire()


async def sign_in(guest: Visitor, tenant: str, email: str, password: str) -> int:
    """Sign in on the pages of accounts; return the status of their answer, 303 where one is back at the desk."""
    there, place = await come(guest, f"/sign-in?tenant={tenant}")
    answer = await there.post(place, {"email": email, "password": password})
    if answer[0] == 303:
        assert (await back(guest, answer))[0] == 303
    return answer[0]


@pytest.mark.parametrize("role", ROLES)
async def test_every_role_sees_its_own_pages_and_no_other(running: Suite, shop: Shop, people: People, role: str):
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    member = await hired(shop, role)
    async with visitor(address(running)) as guest:
        assert (await guest.get("/orders"))[0] == 303
        assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
        seen = await crawl(guest)
        assert not {path: status for path, status in seen.items() if status not in (200, 303)}
        asked = {path: (await guest.get(path))[0] for path in (*PARTS, f"/orders/{order['order']}")}
        assert not {path: status for path, status in asked.items() if status not in (200, 303, 403, 404)}
        hidden = {path for path, status in asked.items() if status in (403, 404)}
        assert hidden or role == "sales"


async def test_M18_a_customer_has_no_place_at_the_desk(running: Suite, shop: Shop, people: People):
    customer = await people.arrive()
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, customer.email, customer.password) in (401, 403)
        assert (await guest.get("/orders"))[0] == 303


async def test_staff_of_one_tenant_sees_nothing_of_another(running: Suite, shop: Shop, people: People):
    from journeys.demo.opening import open_shop

    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1}, method="transfer")
    other = await open_shop(running, f"t{secrets.token_hex(4)}")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, other.tenant, other.seller.email, other.seller.password) == 303
        assert (await guest.get(f"/orders/{order['order']}"))[0] == 404
        for path, fields in (("cancellation", {}), ("refunds", {"units": "x", "reason": "goodwill"})):
            await guest.get("/orders")
            status, _, headers = await guest.post(f"/orders/{order['order']}/{path}", fields)
            assert status in (303, 404, 422), headers
    assert (await customer.order_view(order["order"]))["state"] == "open"


async def sit_down(person: Person, suite: Suite, shop: Shop, member: Staff) -> None:
    """Sign in at the Work Center as people do: on the pages of accounts, for no password passes the desk."""
    await person.open(address(suite))
    await person.write(tenant=shop.tenant)
    await person.page.click("main form button")
    await person.look()
    assert "/authorize/sign-in" in person.page.url
    await person.write(email=member.email, password=member.password)
    await person.page.click("main form button")
    await person.page.wait_for_url(re.compile(r"/$"))


@pytest.mark.parametrize(("width", "language"), [(PHONE, "de"), (DESK, "en")])
async def test_ORD_11_an_order_is_found_by_its_number_and_shows_its_whole_chain(
    running: Suite, shop: Shop, people: People, chromium: Browser, width: int, language: str
):  # E14 E16 E30
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    member = await hired(shop, "sales", "support", "files")
    async with chromium.person(f"desk-{width}", width=width, language=language) as person:
        await sit_down(person, running, shop, member)
        await person.look()
        await person.page.fill("#q", order["number"])
        await person.page.press("#q", "Enter")
        await person.page.wait_for_url(re.compile(f"/orders/{order['order']}"))
        await person.look()
        text = await person.text()
        assert order["number"] in text
        assert f"{KEYLESS.lower()}.exe" in text
        for path in ("/orders", "/articles", "/downloads", f"/skus/{KEYLESS}", "/emails", "/rewards", "/partners"):
            await person.open(address(running) + path)
