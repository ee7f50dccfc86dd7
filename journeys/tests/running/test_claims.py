"""Two people with ordinary mail programs settle a claim; the reviewer alone uses a page (MAIL-8, MAIL-15, DEL-12)."""

import secrets
from email.message import EmailMessage

from journeys.correspondent import Correspondent
from journeys.download import open_link
from journeys.seller import Shop, Staff
from journeys.shops import KEYLESS
from journeys.suite import until
from journeys.trial.people import People
from journeys.trial.sale import buy

TERMS = {"contact": 0, "statement": 72, "appeal": 0, "answer": 24, "weekends_count": True}


def answered(mail: EmailMessage) -> str:
    """To whom an answer goes."""
    return mail["Reply-To"].addresses[0].addr_spec


async def test_MAIL_8_MAIL_15_a_claim_from_the_first_question_to_the_money(shop: Shop, people: People):
    await shop.seller.ask("mail-relay", "PUT", "/claim-terms", json=TERMS)
    who = (f"{secrets.token_hex(4)}@kontor.example", "Renate Richter")
    reviewer = await Staff(shop.suite, shop.tenant, ("reviewer",), *who).hire()
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    (link,) = [link for mail in await customer.mailbox.mails() for link in mail.links]
    buyer = await Correspondent(shop.suite, "Erika Musterfrau", customer.email).arrive()
    seller = await Correspondent(shop.suite, "Vera Vertrieb", "service@kontor.example").arrive(afresh=True)
    number = order["number"]

    async def opens(status: int) -> bool:
        return (await open_link(shop.suite, link)).status == status

    assert await opens(200)
    letter = await buyer.read(number)
    await buyer.write(answered(letter), f"Frage {number}", "Es startet nicht.", letter)
    possible = await buyer.read(f"{number}: Sie können eine Klärung verlangen")
    await buyer.write(answered(possible), f"Re: {possible['Subject']}", "Läuft nicht\n\nauf ARM.", possible)
    asked = await seller.read(f"{number}: Ein Kunde verlangt eine Klärung")
    await until(lambda: opens(410), "the link to be suspended")
    await seller.write(answered(asked), f"Re: {asked['Subject']}", "Auf ARM nicht, das stand dort.", asked)
    stated = await buyer.read(f"{number}: Der Anbieter hat Stellung genommen")
    for mail, hidden in ((possible, seller), (stated, seller), (asked, buyer)):
        assert hidden.address not in mail.as_string()
    (claim,) = (await reviewer.ask("mail-relay", "GET", "/claims"))["items"]
    verdict = {"outcome": "for_buyer", "grounds": "shown_by_buyer"}
    await reviewer.ask("mail-relay", "POST", f"/claims/{claim['claim']}/decision", json=verdict)
    await buyer.read(f"{number}: Der Antrag ist abgeschlossen")
    await seller.read(f"{number}: Der Antrag ist abgeschlossen")
    await customer.wait_for_state(order["order"], "refunded")
    control = f"{shop.suite.state.provider_url}/_control/payments?reference={order['order']}"

    async def returned() -> bool:
        return [one["refunded"] == one["received"] for one in await shop.suite.call("provider", "GET", control)] == [
            True
        ]

    await until(returned, "the provider to show the money returned")
    assert await opens(410)
