"""Steps 9, 11 and 12: a refund, an erasure, and the events of the first order."""

import asyncio
import time
from typing import Any

from contracts import partner_view
from journeys.demo.goods import completed
from journeys.demo.sale import BUSINESS_SKU, SERIAL_SKU, Sale
from journeys.download import download, open_link
from journeys.suite import expect, until
from journeys.topics import PublishedEvent, read_all

WINDOWS = 120 * 86_400
CACHE_SECONDS = 61


async def refund(sale: Sale) -> None:
    """One line goes back: money, link, key; the other lives."""
    show, suite, seller = sale.show, sale.suite, sale.shop.seller
    order = await sale.first.order_view(sale.order["order"])
    line = next(line for line in order["lines"] if line["sku"] == SERIAL_SKU)
    dead: list[str] = []
    alive: list[str] = []
    for link in sale.the_mail.links:
        (dead if sale.shop.hashes[SERIAL_SKU] == (await open_link(suite, link)).sha256 else alive).append(link)
    refunded = time.monotonic()
    await seller.refund(order["order"], [unit["unit"] for unit in line["units"]])

    async def gone() -> str:
        landing = await open_link(suite, dead[0])
        return landing.text if landing.status == 410 else ""

    await until(gone, "the link to be gone")
    seconds = time.monotonic() - refunded
    show.saw(f"its link answers 410 after {seconds * 1000:.0f} ms; the other product's still opens")
    expect((await open_link(suite, alive[0])).status == 200, "the other line to live")

    async def revoked() -> bool:
        licenses = (await seller.ask("licensing", "GET", f"/orders/{order['order']}/licenses"))["items"]
        states = {entry["unit"]: entry["state"] for entry in licenses}
        return all(states[unit["unit"]] == "revoked" for unit in line["units"]) and "issued" in states.values()

    await until(revoked, "the keys to be revoked")
    control = f"{suite.state.provider_url}/_control/payments?reference={order['order']}"

    async def returned() -> dict[str, Any]:
        payments = await suite.call("provider", "GET", control)
        found = [payment for payment in payments if payment["refunded"] == line["gross"]]
        return found[0] if found else {}

    money = await until(returned, "the provider to show the money returned")
    show.saw(
        f"both keys revoked; the provider shows {money['refunded'] / 100:.2f} of {money['received'] / 100:.2f} returned"
    )
    notice = (await sale.first.mailbox.wait(3))[2]
    show.saw(f"notice sent: {notice.subject}")


async def erase(sale: Sale) -> None:
    """A customer who chose deletion right after the order becomes unreadable, except for what the law keeps."""
    show, suite, customer = sale.show, sale.suite, sale.leaver
    await customer.arrive()
    order = (await customer.order({"WORKS-9-ESD": 1}))["order"]
    page = await customer.payment_page(order)
    await customer.enter_card(page, "4242424242424242")
    (mail,) = await customer.mailbox.wait(1)
    await download(suite, mail.links[0])

    async def unreadable() -> bool:
        rows = await completed(sale)
        mine = [row for row in rows if row["Artikel"] == "WORKS-9-ESD"]
        return bool(mine) and not (mine[0]["Name"] or mine[0]["eMail"] or mine[0]["Firma"])

    await until(unreadable, "the statistics row to have blanks", 90)
    others = [row for row in await completed(sale) if row["Artikel"] == BUSINESS_SKU]
    expect(others and others[0]["Name"] == sale.business.name, "the other customers' rows to stay readable")
    body = {"tenant": customer.tenant, "email": customer.email, "password": customer.password}
    await suite.call("accounts", "POST", "/sign-in", json=body, expect=401)
    show.saw("profile and statistics are unreadable at once; the row stands with blanks; nobody can sign in")
    await asyncio.to_thread(suite.stack.shift_clock, WINDOWS)
    await asyncio.gather(sale.shop.seller.sign_in(), sale.shop.bookkeeper.sign_in())

    async def confirmed() -> dict[str, Any]:
        report = await sale.shop.seller.ask("accounts", "GET", f"/erasures/{customer.id}")
        destroyed = [key for key in report["keys"] if key["destroyed_at"] and not key["missing"]]
        return report if len(destroyed) == 2 else {}

    report = await until(confirmed, "every service to have confirmed", 60)
    expect(not report["complete"], "the report to wait until no cache can hold a key any more")
    await asyncio.to_thread(suite.stack.shift_clock, CACHE_SECONDS)

    async def complete() -> bool:
        return (await sale.shop.seller.ask("accounts", "GET", f"/erasures/{customer.id}"))["complete"]

    await until(complete, "the report to be complete", 5)
    kinds = sorted(key["kind"] for key in report["keys"])
    expect(kinds == ["contact", "profile"], "both keys destroyed")
    for key in report["keys"]:
        show.saw(f"{key['kind']} destroyed; confirmed by {', '.join(sorted(key['confirmed']))}")
    tokens = await suite.call("provider", "GET", f"{suite.state.provider_url}/_control/tokens")
    expect(str(customer.id) not in str(tokens), "the provider's customer to be gone")
    await sale.shop.seller.ask("orders", "GET", f"/orders/{order}/billing?purpose=invoice", expect=403)
    billing = await sale.shop.bookkeeper.ask("orders", "GET", f"/orders/{order}/billing?purpose=invoice")
    expect(billing["billing_address"]["name"] == customer.name, "the billing record to open for bookkeeping")
    show.saw("the token at the provider is gone; the billing record opens for bookkeeping only")


async def tell_the_story(sale: Sale) -> None:
    """Every event of the first order, its topic, its time after OrderPaid, one trace, and what a partner may see."""
    show = sale.show
    events = [event for event in await read_all(sale.suite.state.brokers) if event.key == sale.order["order"]]
    paid = next(event for event in events if event.topic == "OrderPaid")
    show.table(
        ["event = topic", "published by", "after OrderPaid", "trace", "a partner may see beside the order"],
        [
            [event.topic, event.attributes.source, _after(event, paid), event.trace[:8], _seen(event)]
            for event in events
        ],
    )
    sale_itself = {"OrderPlaced", "PaymentCaptured", "OrderPaid", "DownloadGranted", "LicenseIssued", "EmailSent"}
    until_mail = [
        event for event in events if event.topic in sale_itself and event.at <= _first(events, "EmailSent").at
    ]
    expect({event.topic for event in until_mail} == sale_itself, f"all of {sorted(sale_itself)}")
    expect(len({event.trace for event in until_mail}) == 1, "one trace from checkout to e-mail")
    one = f"one trace from checkout to e-mail: {paid.trace}"
    show.saw(one if paid.trace else "no traces: this installation sends them to no collector")


def _first(events: list[PublishedEvent], topic: str) -> PublishedEvent:
    return next(event for event in events if event.topic == topic)


def _after(event: PublishedEvent, paid: PublishedEvent) -> str:
    return f"{(event.at - paid.at).total_seconds():+.3f} s"


def _seen(event: PublishedEvent) -> str:
    hidden = {"tenant", "channel", "market", "seller", "order", "order_number", "ordered_at"}
    return ", ".join(name for name in partner_view(event.event) if name not in hidden)[:60]
