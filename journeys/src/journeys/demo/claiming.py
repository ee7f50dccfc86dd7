"""Step 10: a seller is silent; the customer opens a claim by mail, and silence decides it."""

from typing import Any

from journeys.correspondent import Correspondent
from journeys.demo.sale import Sale
from journeys.download import open_link
from journeys.suite import expect, until

SKU = "WORKS-9-ESD"
# a demo does not wait for days: nobody has time to answer here
AT_ONCE = {"contact": 0, "statement": 0, "appeal": 0, "answer": 0, "weekends_count": True}


async def claim(sale: Sale) -> None:
    """No page is opened: a question, silence, an answer to a notice, and the money comes back."""
    show, suite, customer = sale.show, sale.suite, sale.first
    before = len(await customer.mailbox.mails())
    order = await customer.order({SKU: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    (link,) = [link for mail in (await customer.mailbox.wait(before + 1))[before:] for link in mail.links]
    await sale.shop.seller.ask("mail-relay", "PUT", "/claim-terms", json=AT_ONCE)
    buyer = await Correspondent(suite, "Erika Musterfrau", customer.email).arrive()
    letter = await buyer.read(order["number"])
    await buyer.write(_answered(letter), f"Frage zu {order['number']}", "Es startet nicht.", letter)
    notice = await buyer.read(f"{order['number']}: Sie können eine Klärung verlangen")
    show.saw(f"the seller is silent; a notice comes from {notice['From'].addresses[0].display_name!r}")
    await buyer.write(_answered(notice), f"Re: {notice['Subject']}", "Läuft nicht\n\nauf meinem Rechner.", notice)

    async def suspended() -> bool:
        return (await open_link(suite, link)).status == 410

    await until(suspended, "the link to be suspended")
    await buyer.read(f"{order['number']}: Der Antrag ist abgeschlossen")
    await customer.wait_for_state(order["order"], "refunded")
    claims: dict[str, Any] = await sale.shop.seller.ask("mail-relay", "GET", f"/orders/{order['order']}/claims")
    (found,) = claims["items"]
    expect((found["state"], found["grounds"]) == ("final", "silence"), "silence to decide the claim")
    show.saw("the answer opened a claim: link suspended, still no answer, decided for the customer, refunded")


def _answered(mail: Any) -> str:
    return mail["Reply-To"].addresses[0].addr_spec
