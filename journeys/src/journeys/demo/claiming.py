"""Step 10: a seller is silent, and silence decides a claim; about another one a reviewer is to decide."""

from functools import partial
from typing import Any

from journeys.correspondent import Correspondent
from journeys.demo.sale import Sale
from journeys.download import open_link
from journeys.suite import expect, until

SKU = "WORKS-9-ESD"
# a demo does not wait for days: nobody has time to answer the first claim
AT_ONCE = {"contact": 0, "statement": 0, "appeal": 0, "answer": 0, "weekends_count": True}
# then the seller has the usual time, but about the second order one may ask at once
USUAL = {"contact": 0, "statement": 72, "appeal": 120, "answer": 24, "weekends_count": False}
# whoever tries the demo asks for a decision after an hour, not after two days
AFTERWARDS = USUAL | {"contact": 1}


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
    await sale.shop.seller.ask("mail-relay", "PUT", "/claim-terms", json=USUAL)
    await _disagree(sale, buyer)
    await sale.shop.seller.ask("mail-relay", "PUT", "/claim-terms", json=AFTERWARDS)


async def _disagree(sale: Sale, buyer: Correspondent) -> None:
    """Leave a claim that the seller has answered: whoever signs in as reviewer decides it by hand."""
    customer = sale.first
    seller = await Correspondent(sale.suite, "Vera Vertrieb", "service@kontor.example").arrive()
    order = await customer.order({SKU: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    number = order["number"]
    letter = await buyer.read(number)
    await buyer.write(_answered(letter), f"Frage zu {number}", "Es druckt nicht.", letter)
    await buyer.read(f"{number}: Sie können eine Klärung verlangen")
    mine = partial(sale.suite.call, "mail-relay", token=customer.token)
    known = await mine("GET", "/conversations?limit=100")
    (talk,) = [one for one in known["items"] if one["order"] == order["order"]]
    body = {"reason": "not_as_described", "text": "Laut Beschreibung druckt es. Ich möchte mein Geld zurück."}
    await mine("POST", f"/conversations/{talk['conversation']}/claims", json=body)
    asked = await seller.read(f"{number}: Ein Kunde verlangt eine Klärung")
    await seller.write(_answered(asked), f"Re: {asked['Subject']}", "Drucken kann es, siehe Handbuch.", asked)
    await buyer.read(f"{number}: Der Anbieter hat Stellung genommen")
    sale.show.saw(f"about {number} they disagree: it waits for a reviewer, who decides in the Work Center")


def _answered(mail: Any) -> str:
    return mail["Reply-To"].addresses[0].addr_spec
