"""Support sees on which devices a customer's key is active, and frees one, with a reason, after a question."""

import re
import secrets
from uuid import uuid4

import asyncpg
from journeys.seller import Shop
from journeys.shops import GENERATED
from journeys.suite import Suite
from journeys.trial.people import People
from journeys.trial.sale import buy

from .browser import Browser
from .test_desk import address, hired, sign_in, sit_down
from .visitor import visitor

NAME = "<b>Notebook</b>"
MANY = """
insert into activations (tenant, id, order_id, license_id, device, activated_at, seen_at)
select tenant, gen_random_uuid(), order_id, license_id, decode(md5(number::text), 'hex'), now(), now()
from activations
cross join generate_series(1, 50) as number
where order_id = $1
"""


async def active(shop: Shop, people: People) -> tuple[str, str, dict[str, str]]:
    """An order whose key is active on a device: the order, the page of its devices, and what its program asks."""
    customer = await people.arrive()
    order = (await buy(customer, {GENERATED: 1}))["order"]
    await customer.pay_by_card(order)
    await customer.wait_for_state(order, "delivered")
    call = customer.suite.call
    (key,) = (await call("licensing", "GET", f"/orders/{order}/licenses", token=customer.token))["items"]
    own = f"/orders/{order}/licenses/{key['license']}"
    opened = await call("licensing", "POST", f"{own}/opening", token=customer.token)
    asked = {"license_key": opened["license_key"], "tenant": shop.tenant, "device": secrets.token_hex(8)}
    assert (await call("licensing", "POST", "/activations", json={**asked, "name": NAME}))["activated"]
    return order, f"/orders/{order}/keys/{key['license']}/devices", asked


async def test_LIC_5_support_frees_a_device_for_a_customer(
    running: Suite, shop: Shop, people: People, chromium: Browser
):
    order, devices, asked = await active(shop, people)
    member = await hired(shop, "support")
    async with chromium.person("desk-devices", width=360) as person:
        await sit_down(person, running, shop, member)
        await person.open(f"{address(running)}/orders/{order}")
        assert NAME not in await person.text()  # it is read on the page that says so
        await person.page.get_by_role("link", name="1 aktiv").click()
        await person.page.wait_for_url(f"**{devices}")
        assert NAME in await person.text()
        await person.page.locator("summary", has_text="Freigeben").click()
        await person.look()
        await person.page.get_by_label("Grund").select_option("lost")
        async with person.page.expect_navigation():
            await person.page.get_by_role("button", name="Freigeben").click()
        assert "Das Gerät ist frei" in await person.text()
        assert "auf keinem Gerät aktiv" in await person.text()
        await person.look()
    assert (await running.call("licensing", "POST", "/validate", json=asked))["code"] == "not_activated"


async def test_sales_and_reviewers_see_devices_and_free_none(running: Suite, shop: Shop, people: People):
    order, devices, asked = await active(shop, people)
    member = await hired(shop, "sales", "reviewer")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
        status, text, _ = await guest.get(devices)
        assert (status, "/freeing" in text) == (200, False)
        found = await running.call("licensing", "GET", devices.replace("/keys/", "/licenses/"), token=member.token)
        path = f"{devices}/{found['items'][0]['device']}/freeing"
        await guest.get(f"/orders/{order}")
        assert (await guest.post(path, {"reason": "asked"}))[0] == 403
        status, _, headers = await guest.post(path, {"reason": "because"})
        assert headers["Location"] == f"{devices}?note=refused-no-reason"
        assert (await guest.get(devices.replace(order, str(uuid4()))))[0] == 404
    keeper = await hired(shop, "bookkeeping")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, keeper.email, keeper.password) == 303
        assert (await guest.get(devices))[0] == 403
    assert (await running.call("licensing", "POST", "/validate", json=asked))["code"] == "valid"


async def test_many_devices_are_shown_by_pages(running: Suite, shop: Shop, people: People):
    order, devices, _ = await active(shop, people)
    connection = await asyncpg.connect(running.state.databases["licensing"])
    try:
        await connection.execute(MANY, order)
    finally:
        await connection.close()
    member = await hired(shop, "support")
    async with visitor(address(running)) as guest:
        assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
        status, text, _ = await guest.get(devices)
        assert (status, text.count("/freeing"), "51 aktiv" in text) == (200, 50, True)
        (more,) = re.findall(r'href="([^"]+[?]cursor=[^"]+)"', text)
        status, text, _ = await guest.get(more)
        assert (status, text.count("/freeing"), f'href="{devices}"' in text) == (200, 1, True)
