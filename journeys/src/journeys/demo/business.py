"""Steps 5 and 6: a business buys from a partner by bank transfer; the seller looks at it all."""

import asyncio

from journeys.demo.goods import completed
from journeys.demo.sale import BUSINESS_SKU, SERIAL_SKU, Sale
from journeys.download import download
from journeys.statement import Credit
from journeys.suite import expect, until
from journeys.topics import milliseconds, read_all

COLUMNS = ["Zeitpunkt", "SessionId", "Artikel", "Bestelldatum", "Name", "Firma", "eMail"]


async def sell_by_transfer(sale: Sale) -> None:
    """Another price, a coupon, an acknowledgement at once, delivery when the money is there."""
    show, suite, customer = sale.show, sale.suite, sale.business
    await customer.arrive()
    direct, partner = await customer.shop_window("direct"), await customer.shop_window("nordlicht")
    prices = direct[BUSINESS_SKU]["price"], partner[BUSINESS_SKU]["price"]
    expect(prices[0] != prices[1], "another price in the partner channel")
    refused = await customer.order({BUSINESS_SKU: 1}, coupon="NORD10", expect=422)
    show.saw(f"direct {prices[0] / 100:.2f}, partner {prices[1] / 100:.2f} EUR; the direct channel: {refused['title']}")
    sale.business_order = await customer.order(
        {BUSINESS_SKU: 1}, channel="nordlicht", method="transfer", coupon="NORD10"
    )
    order, total = sale.business_order["order"], sale.business_order["totals"]["gross"]
    (asked,) = await customer.mailbox.wait(1)
    transfer = await suite.call("payments", "GET", f"/orders/{order}/transfer", token=customer.token)
    reference = transfer["reference"]
    expect(reference in asked.text.replace(" ", ""), "the reference in the acknowledgement")
    show.saw(f"acknowledged at once: {total / 100:.2f} EUR with reference {reference} to {transfer['iban']}")
    await asyncio.sleep(0.5)
    expect(len(await customer.mailbox.mails()) == 1, "nothing delivered before the money is there")
    iban = transfer["iban"]
    booked = await sale.shop.bookkeeper.import_statement(iban, Credit(total, reference, debtor=customer.company or ""))
    show.saw(f"statement imported: {booked['matched']} of {booked['entries']} entries matched")
    delivered = (await customer.mailbox.wait(2))[1]
    await customer.wait_for_state(order, "delivered")
    expect(len(delivered.links) == 1, "a link")
    took = milliseconds(await read_all(suite.state.brokers), order, "OrderPaid", "EmailSent")
    show.saw(f"delivered, without a waiting period; OrderPaid to the mail server's acceptance: {took:.0f} ms")
    await download(suite, delivered.links[0])


async def look_at_it(sale: Sale) -> None:
    """The list of orders, the download statistics, and the proof."""
    show, seller = sale.show, sale.shop.seller
    orders = (await seller.ask("orders", "GET", "/orders"))["items"]
    expect({sale.order["number"], sale.business_order["number"]} <= {row["number"] for row in orders}, "both orders")
    show.table(
        ["number", "ordered", "channel", "state", "gross"],
        [[r["number"], r["ordered_at"][:19], r["channel"], r["state"], f"{r['gross'] / 100:.2f}"] for r in orders],
    )

    async def enough() -> list[dict[str, str]]:
        rows = await completed(sale)
        return rows if len(rows) >= 3 else []

    rows = await until(enough, "three downloads")
    expect(all(list(row) == COLUMNS for row in rows), f"exactly the columns {COLUMNS}")
    times = [row["Zeitpunkt"] for row in rows]
    expect(times == sorted(times, reverse=True), "newest first")
    expect(sum(row["Firma"] == sale.business.company for row in rows) == 1, "one row with a company")
    show.table(COLUMNS, [[(row[column] or "")[:24] for column in COLUMNS] for row in rows])
    sheet = await seller.ask("delivery", "GET", "/downloads.csv")
    heading = sheet.lstrip("\ufeff").splitlines()[0].replace('"', "")
    expect(heading.split(";") == COLUMNS, f"the same as CSV, not {heading}")
    show.saw(f"CSV: {heading}")
    path = f"/customers/{sale.first.id}/skus/{SERIAL_SKU}/downloads"
    answer = await seller.ask("delivery", "GET", path)
    proof = [entry for entry in answer["downloads"] if entry["completed_at"]]
    expect(answer["received"] and proof[0]["sha256"] == sale.shop.hashes[SERIAL_SKU], "the proof of receipt")
    show.saw(
        f"did this customer receive {SERIAL_SKU}? yes, {proof[0]['completed_at']}, SHA-256 {proof[0]['sha256'][:16]}…"
    )
