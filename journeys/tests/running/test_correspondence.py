"""A buyer and a seller write to each other over the whole suite."""

import secrets

from journeys.correspondent import Correspondent
from journeys.seller import Shop
from journeys.shops import KEYLESS
from journeys.suite import until
from journeys.trial.people import People
from journeys.trial.sale import buy


async def test_MAIL_15_an_answer_to_the_shops_letter_begins_a_conversation(shop: Shop, people: People):
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})

    async def opened() -> list[object]:
        return (await shop.suite.call("mail-relay", "GET", "/conversations", token=customer.token))["items"]

    await until(opened, "the order's conversation")  # a letter that goes out earlier is answered to the seller
    await customer.pay_by_card(order["order"])
    buyer = await Correspondent(shop.suite, "Erika Musterfrau", customer.email).arrive()
    seller = await Correspondent(shop.suite, "Vera Vertrieb", "service@kontor.example").arrive(afresh=True)
    letter = await buyer.read(order["number"])
    (alias,) = (found.addr_spec for found in letter["Reply-To"].addresses)
    assert alias.endswith("@mail.kontor.example")
    subject = f"Frage {secrets.token_hex(4)}"
    await buyer.write(alias, subject, "L\u00e4uft es auf ARM?", letter)
    question = await seller.read(subject)
    assert buyer.address not in question.as_string()
    assert "d=mail.kontor.example" in question["DKIM-Signature"].replace(" ", "")
    await seller.write(question["Reply-To"].addresses[0].addr_spec, f"Re: {subject}", "Ja.", question)
    answer = await buyer.read(f"Re: {subject}")
    assert seller.address not in answer.as_string()
    assert answer["In-Reply-To"].endswith(f"@{buyer.signer.domain}>")
