"""Steps 1 to 4: the assortment, the first sale, its e-mail, its download."""

import asyncio

from journeys.customer import DECLINED_CARD, GOOD_CARD
from journeys.demo.picturing import hang_pictures
from journeys.demo.sale import ESD, GENERATED_SKU, SERIAL_SKU, STOCKED, Sale
from journeys.download import Landing, fetch, fetch_part, open_link, press, sha256, take_headers_only
from journeys.seller import DATA
from journeys.suite import expect, until
from journeys.topics import milliseconds, read_all


async def load_assortment(sale: Sale) -> None:
    """Load the brief's assortment, and a file for each of its downloads."""
    show, suite, shop = sale.show, sale.suite, sale.shop
    load = ("load", str(DATA / "assortment.yaml"), "--tenant", shop.tenant)
    show.saw((await suite.stack_run("catalog", *load)).strip().splitlines()[-1])
    before = await suite.call("catalog", "GET", f"/products?channel=direct&tenant={shop.tenant}&limit=100")
    await shop.ready_to_sell(ESD[:5])
    await shop.stock(ESD, big=SERIAL_SKU)
    for sku in STOCKED:
        await shop.seller.import_serials(sku, 20)
    show.saw(f"{len(ESD)} files uploaded, one of 50 MB; 20 serials imported for each of {len(STOCKED)} articles")
    show.saw(f"{await hang_pictures(shop)} pictures drawn and hung")
    for product in before["items"]:
        span = product["price_ranges"][0]
        prices = f"{span['lowest'] / 100:.2f} to {span['highest'] / 100:.2f} EUR"
        show.saw(f"{product['family']} {product['version']}: {prices}")
    vista = next(product for product in before["items"] if product["version"] == "Vista")
    span = (vista["price_ranges"][0]["lowest"], vista["price_ranges"][0]["highest"])
    expect(span == (21900, 30900), f"Vista at 219 to 309 EUR, not {span}")


async def sell(sale: Sale) -> None:
    """A customer orders two products, one of them twice; delivery dies between payment and e-mail."""
    show, suite, customer = sale.show, sale.suite, sale.first
    await customer.arrive()
    show.saw("registered (data kept) and signed in")

    async def sellable() -> dict[str, object]:
        return await customer.order({SERIAL_SKU: 2, GENERATED_SKU: 1})

    sale.order = await until(sellable, "orders to know the assortment")
    order, total = sale.order["order"], sale.order["totals"]["gross"]
    show.saw(f"ordered {sale.order['number']}: 2 x {SERIAL_SKU}, 1 x {GENERATED_SKU}, {total / 100:.2f} EUR")
    page = await customer.payment_page(order)
    expect(not await customer.enter_card(page, DECLINED_CARD), "the declined card to be declined")
    expect((await customer.order_view(order))["state"] == "open", "a declined card to pay nothing")
    show.saw("the first card was declined on the provider's page; nothing is paid")
    program = suite.stack.program_of("delivery")
    await asyncio.to_thread(suite.stack.freeze, program)
    expect(await customer.enter_card(page, GOOD_CARD), "the good card to be accepted")
    if program == "delivery":
        await customer.wait_for_state(order, "paid")
    expect(not await customer.mailbox.mails(), "no e-mail before delivery has granted the downloads")
    await asyncio.to_thread(suite.stack.kill, program)
    await asyncio.to_thread(suite.stack.wait_ready, program)
    if program == "delivery":
        show.saw("paid; delivery was killed with -9 before the e-mail, and is back")
    else:
        show.saw("paid at the provider; delivery and all other services, in one process, were killed with -9 before")
        show.saw("they knew, and are back")


async def read_mail(sale: Sale) -> None:
    """That one e-mail: links, keys, content, consents, notice."""
    show, customer = sale.show, sale.first
    (sale.mail, *more) = await customer.mailbox.wait(1)
    expect(not more, "one e-mail")
    await customer.wait_for_state(sale.order["order"], "delivered")
    expect(len(await customer.mailbox.mails()) == 1, "still one e-mail")
    mail = sale.the_mail
    show.text(mail.text)
    show.saw(f"stored as {mail.path}")
    expect(len(mail.links) == 2, f"a link per product, not {len(mail.links)}")
    for words in ("Widerruf", "verlange ausdrücklich", "Mir ist bekannt", sale.order["number"]):
        expect(words in " ".join(mail.text.split()), f"{words!r} in the e-mail")
    events = [event for event in await read_all(sale.suite.state.brokers) if event.key == sale.order["order"]]
    keys = sum(event.topic == "LicenseIssued" for event in events)
    expect(keys == 3, f"a key per unit, not {keys}")
    took = milliseconds(events, sale.order["order"], "OrderPaid", "EmailSent")
    kill = "" if sale.suite.state.one_process else ", the kill included"
    show.saw(f"OrderPaid to the mail server's acceptance: {took:.0f} ms{kill}")


async def download(sale: Sale) -> None:
    """Cut at 40 %, resumed; and a reader that never reads."""
    show, suite = sale.show, sale.suite
    big = await _landing_of(sale, sale.shop.hashes[SERIAL_SKU])
    address = await press(suite, big)
    head, etag = await fetch_part(suite, address, 0.4)
    show.saw(f"cut after {len(head) / 1e6:.1f} MB")
    tail, headers = await fetch(suite, address, **{"Range": f"bytes={len(head)}-", "If-Range": etag})
    expect(headers["Content-Range"].startswith(f"bytes {len(head)}-"), "the rest, not the whole file again")
    digest = sha256(head + tail)
    expect(digest == big.sha256 == sale.shop.hashes[SERIAL_SKU], "the SHA-256 of the landing page")
    show.saw(f"resumed: SHA-256 {digest} as on the landing page")

    async def complete() -> bool:
        return len(await completed(sale)) == 1

    await until(complete, "one completed download")
    small = await _landing_of(sale, sale.shop.hashes[GENERATED_SKU])
    await take_headers_only(await press(suite, await open_link(suite, sale.the_mail.links[0])))

    async def attempted() -> bool:
        page = await sale.shop.seller.ask("delivery", "GET", "/attempts")
        return len(page["items"]) >= 1

    await until(attempted, "an attempt")
    expect(len(await completed(sale)) == 1, "the reader that never reads not to count")
    show.saw("one completed download; the reader that took the headers and left is an attempt")
    body, _ = await fetch(suite, await press(suite, small))
    expect(sha256(body) == sale.shop.hashes[GENERATED_SKU], "the second product's hash")


async def completed(sale: Sale) -> list[dict[str, str]]:
    """The rows of the download statistics."""
    return (await sale.shop.seller.ask("delivery", "GET", "/downloads"))["items"]


async def _landing_of(sale: Sale, digest: str) -> Landing:
    for link in sale.the_mail.links:
        landing = await open_link(sale.suite, link)
        if landing.sha256 == digest:
            return landing
    raise AssertionError(digest)
