"""Whole sales over all services."""

import asyncio

from journeys.customer import DECLINED_CARD, GOOD_CARD
from journeys.download import download, open_link, sha256
from journeys.seller import Shop
from journeys.shops import BOXED, GENERATED, KEYLESS, SERIALS
from journeys.statement import Credit
from journeys.suite import until
from journeys.trial.people import People
from journeys.trial.sale import buy


async def test_a_card_sale_ends_in_one_e_mail_with_links_and_keys(
    shop: Shop, people: People
):  # E7 E8 E10 DEL-3 E3 M19 PLT-16
    customer = await people.arrive()
    order = await buy(customer, {SERIALS: 2, GENERATED: 1, KEYLESS: 1})
    page = await customer.payment_page(order["order"])
    assert not await customer.enter_card(page, DECLINED_CARD)
    assert await customer.enter_card(page, GOOD_CARD)
    await customer.wait_for_state(order["order"], "delivered")
    (mail,) = await customer.mailbox.mails()
    assert len(mail.links) == 3
    for link in mail.links:
        body, landing = await download(shop.suite, link)
        assert sha256(body) == landing.sha256
    licenses = await shop.seller.ask("licensing", "GET", f"/orders/{order['order']}/licenses")
    assert len(licenses["items"]) == 3


async def test_a_transfer_delivers_when_the_statement_says_so(shop: Shop, people: People):  # PAY-5 PAY-6 E4 M20
    customer = await people.arrive(company="Musterfirma KG")
    order = await buy(customer, {KEYLESS: 1}, channel="nordlicht", method="transfer", coupon="NORD10")
    (acknowledgement,) = await customer.mailbox.wait(1)
    path = f"/orders/{order['order']}/transfer"
    transfer = await shop.suite.call("payments", "GET", path, token=customer.token)
    assert transfer["reference"] in acknowledgement.text.replace(" ", "")
    gross = order["totals"]["gross"]
    short = await shop.bookkeeper.import_statement(transfer["iban"], Credit(gross - 1, transfer["reference"]))
    assert short["matched"] == 0
    assert len(await customer.mailbox.mails()) == 1
    await shop.bookkeeper.import_statement(transfer["iban"], Credit(gross, transfer["reference"]))
    (_, delivered) = await customer.mailbox.wait(2)
    assert len(delivered.links) == 1


async def test_a_refunded_line_is_dead_within_a_second_and_the_other_lives(shop: Shop, people: People):  # ORD-6 DEL-12
    customer = await people.arrive()
    order = await buy(customer, {GENERATED: 1, KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    (mail,) = await customer.mailbox.wait(1)
    view = await customer.wait_for_state(order["order"], "delivered")
    line = next(line for line in view["lines"] if line["sku"] == GENERATED)
    await shop.seller.refund(order["order"], [unit["unit"] for unit in line["units"]])

    async def statuses() -> bool:
        return sorted([(await open_link(shop.suite, link)).status for link in mail.links]) == [200, 410]

    await until(statuses, "one dead link", 2)
    (_, notice) = await customer.mailbox.wait(2)
    assert order["number"] in notice.subject + notice.text


async def test_a_boxed_product_is_sold_while_delivery_is_switched_off(shop: Shop, people: People):  # E1 DEL-16 M5
    await asyncio.to_thread(shop.suite.stack.stop, "delivery")
    try:
        customer = await people.arrive()
        order = await buy(customer, {BOXED: 1})
        await customer.pay_by_card(order["order"])
        view = await customer.wait_for_state(order["order"], "paid")
        units = [unit["unit"] for line in view["lines"] for unit in line["units"]]
        await shop.seller.ask("orders", "POST", f"/orders/{order['order']}/shipments", json={"units": units})
        assert (await customer.order_view(order["order"]))["state"] == "delivered"
    finally:
        await asyncio.to_thread(shop.suite.stack.start, "delivery")
