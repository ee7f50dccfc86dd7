"""A partner is a house of its own on the same platform: own staff, prices, customers, brand and letters (PLT-2)."""

import asyncio
import re
from pathlib import Path

from journeys.customer import Customer
from journeys.demo.picturing import hang_pictures
from journeys.demo.sale import Sale
from journeys.download import download
from journeys.seller import DATA, Shop, Staff, hire
from journeys.shops import offers, shop_file, until_open
from journeys.suite import Suite, expect, until

TENANT = CHANNEL = "nordlicht"
SERIALS, KEYLESS = "VISTA-HP-ESD", "WORKS-9-ESD"
SKUS = [SERIALS, "OFFICE-HS-ESD", KEYLESS]
FROM = '"Nordlicht" <shop@nordlicht.example>'
BODY = 200_000


async def open_partner(suite: Suite) -> Shop:
    """Open the partner's tenant, hire its staff, load its few articles, and open its shop while all services run."""
    await suite.stack_run("accounts", "tenant", "open", "--file", str(DATA / TENANT / "tenant.yaml"))
    await until_open(suite, TENANT)
    roles = ("sales", "files", "support")
    seller = Staff(suite, TENANT, roles, "laden@nordlicht.example", "Nils Nord")
    bookkeeper = Staff(suite, TENANT, ("bookkeeping",), "kasse@nordlicht.example", "Kaja Kasse")
    await hire(seller, bookkeeper)
    shop = Shop(suite, TENANT, seller, bookkeeper)
    await suite.stack_run("catalog", "load", str(DATA / TENANT / "assortment.yaml"), "--tenant", TENANT)
    hashes = await asyncio.gather(*(seller.upload(sku, BODY) for sku in SKUS))
    shop.hashes.update(zip(SKUS, hashes, strict=True))
    await seller.import_serials(SERIALS, 20)
    await shop.ready_to_sell(SKUS, CHANNEL)

    async def offered() -> bool:
        return await offers(suite.state.databases["orders"], TENANT) >= len(SKUS)

    await until(offered, "orders to know the partner's offers")
    await hang_pictures(shop, CHANNEL)
    file = await asyncio.to_thread(shop_file, Path(suite.state.home), TENANT, suite.state.ports["storefront"])
    await suite.stack_run("storefront", "shop", "open", "--file", str(file))
    return shop


def customer_of(suite: Suite) -> Customer:
    """Return somebody who has never been a customer of Kontor's."""
    return Customer(suite, TENANT, "Nora Nord", "nora@example.org")


async def sell_beside(sale: Sale) -> None:
    """The shop opens, sells to a customer of its own, and writes under its own name; neither knows the other's."""
    suite, show = sale.suite, sale.show
    sale.partner = await open_partner(suite)
    nora = sale.partners_customer = customer_of(suite)
    show.saw(f"tenant {TENANT} opened with staff, {len(SKUS)} articles and a shop, while everything runs")
    await nora.arrive()
    for somebody, elsewhere in ((nora, sale.shop.tenant), (sale.first, TENANT)):
        body = {"tenant": elsewhere, "email": somebody.email, "password": somebody.password}
        await suite.call("accounts", "POST", "/sign-in", json=body, expect=401)
    show.saw(f"the customers of {sale.shop.tenant} are unknown to {TENANT}, and the other way round")
    theirs = (await nora.shop_window(CHANNEL))[SERIALS]["price"]
    ours = (await sale.first.shop_window("direct"))[SERIALS]["price"]
    expect(theirs != ours, "a price of its own")
    order = await nora.order({SERIALS: 1, KEYLESS: 1}, channel=CHANNEL)
    await nora.pay_by_card(order["order"])
    (mail,) = await nora.mailbox.wait(1)
    found = await suite.call("mail", "GET", f"{suite.state.mail_url}/api/mails?to={nora.email}")
    expect(found[-1]["from"] == FROM, f"a letter from {FROM}, not {found[-1]['from']}")
    page = re.search(rf"http://nordlicht\.localhost:\d+/orders/{order['order']}", mail.text)
    expect(page is not None, "a link to the order in the partner's shop")
    await download(suite, mail.links[0])
    show.saw(
        f"{SERIALS} at {theirs / 100:.2f} instead of {ours / 100:.2f} EUR, paid and fetched; the letter is from {FROM}"
    )
    sales = (await sale.partner.seller.ask("orders", "GET", "/orders"))["items"]
    expect([one["number"] for one in sales] == [order["number"]], "the partner to see its own order and no other")
    await sale.shop.seller.ask("orders", "GET", f"/orders/{order['order']}", expect=404)
    show.saw(f"the partner's staff see {order['number']} and nothing else; Kontor's do not see it")
