"""No personal data in clear: logs, spans, topics and tables are searched for what customers entered (M23, F-A07)."""

from pathlib import Path
from typing import Any

from journeys.customer import GOOD_CARD
from journeys.download import download
from journeys.seller import Shop
from journeys.shops import GENERATED, KEYLESS, SERIALS
from journeys.suite import until
from journeys.topics import read_all
from journeys.trial.people import People
from journeys.trial.sale import assert_nowhere, buy, written

NAME = "Xaverina Zwölfender-Prüfstein"


async def test_F_A07_what_a_customer_enters_is_nowhere_in_clear(shop: Shop, people: People):
    customer = await people.arrive(NAME, company="Prüfstein & Töchter KG")
    order = await buy(customer, {SERIALS: 1, GENERATED: 1})
    page = await customer.payment_page(order["order"])
    assert await customer.enter_card(page, GOOD_CARD)
    (mail,) = await customer.mailbox.wait(1)
    await download(shop.suite, mail.links[0])
    tokens = [link.rpartition("/")[2] for link in mail.links]
    secrets = ["Zwölfender", customer.email, "Prüfstein & Töchter", GOOD_CARD, customer.password, *tokens]
    await assert_nowhere(shop, secrets)
    published = await read_all(shop.suite.state.brokers)
    assert any(event.key == order["order"] for event in published)
    for event in published:
        assert not [secret for secret in secrets if secret in event.event.model_dump_json()], event.topic
    for file, text in written(Path(shop.suite.state.home) / "logs"):
        assert not [secret for secret in secrets if secret in text], file


async def test_choosing_anew_gives_up_a_saved_card_and_not_the_customer(shop: Shop, people: People):  # PAY-11 M26
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    page = await customer.payment_page(order["order"], save_card=True)
    assert await customer.enter_card(page, GOOD_CARD)

    async def saved() -> list[Any]:
        return (await shop.suite.call("payments", "GET", "/me/saved-cards", token=customer.token))["items"]

    async def nothing_saved() -> bool:
        return not await saved()

    await until(saved, "a saved card")
    # An order that is still open keeps the choice from becoming an erasure at once.
    await buy(customer, {KEYLESS: 1}, method="transfer")
    choice = {"keep_data": False, "password": customer.password}
    await shop.suite.call("accounts", "PUT", "/me/choice", token=customer.token, json=choice)
    await until(nothing_saved, "the saved card to be given up")
    known = await shop.suite.call("accounts", "GET", "/me", token=customer.token)
    assert (known["name"], known["keep_data"]) == (customer.name, False)
