"""What can be read of a customer by whoever holds every table, every topic and the master key. ORD-2 M26"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import asyncpg
from chassis.identity import MasterKey, open_box
from contracts.event import Sealed
from journeys.customer import Customer
from journeys.download import download
from journeys.seller import Shop
from journeys.shops import KEYLESS
from journeys.suite import until
from journeys.topics import read_all
from journeys.trial.people import People
from journeys.trial.sale import assert_nowhere, buy

NAME, STREET = "Lena Löschmich-Eindeutig", "Heidestraße 17"
BOX = re.compile(r'{[^{}]*"box"[^{}]*}')
PRIVATE = """
select private_keys.key_id, private_keys.wrapped_key, subject_keys.kind
from private_keys
join subject_keys on subject_keys.tenant = private_keys.tenant and subject_keys.id = private_keys.key_id
where subject_keys.subject = $1
   or subject_keys.tenant = $2 and subject_keys.kind = 'records'
"""


async def boxes(shop: Shop) -> list[Sealed]:
    """Every sealed field in a table or topic."""
    texts = [event.event.model_dump_json() for event in await read_all(shop.suite.state.brokers)]
    for url in shop.suite.state.databases.values():
        connection = await asyncpg.connect(url)
        try:
            for table in await connection.fetch("select tablename from pg_tables where schemaname = 'public'"):
                rows = await connection.fetch(f'select * from "{table["tablename"]}"')
                texts += [text for row in rows for value in row for text in written(value)]
        finally:
            await connection.close()
    found = [json.loads(box) for text in texts for box in BOX.findall(text.replace('\\"', '"'))]
    return [Sealed.model_validate_json(json.dumps(box)) for box in found if box.keys() == {"key", "kind", "box"}]


def written(value: Any) -> Iterator[str]:
    """The texts of one column's value."""
    if isinstance(value, bytes):
        yield value.decode(errors="ignore")
    elif isinstance(value, list):
        for one in cast("list[Any]", value):
            yield from written(one)
    elif isinstance(value, str):
        yield value


async def readable(shop: Shop, customer: Customer) -> dict[str, set[str]]:
    """What opens with the customer's keys and those of the seller's records, by kind of key."""
    master = MasterKey.from_file(Path(shop.suite.state.home) / "secrets" / "master-key")
    accounts = await asyncpg.connect(shop.suite.state.databases["accounts"])
    try:
        rows = await accounts.fetch(PRIVATE, customer.id, shop.tenant)
    finally:
        await accounts.close()
    keys = {row["key_id"]: (row["kind"], master.unwrap(row["wrapped_key"], row["key_id"])) for row in rows}
    texts: dict[str, set[str]] = {}
    for box in await boxes(shop):
        if box.key in keys:
            kind, private = keys[box.key]
            texts.setdefault(kind, set()).add(open_box(box, private))
    return texts


async def erased(shop: Shop, customer: Customer, *kinds: str) -> None:
    """Ask for deletion, and wait until these keys are destroyed and every service has confirmed that."""
    await shop.suite.call(
        "accounts", "POST", "/me/deletion", token=customer.token, json={"password": customer.password}
    )

    async def confirmed() -> bool:
        report = await shop.seller.ask("accounts", "GET", f"/erasures/{customer.id}", expect=(200, 404))
        keys = [key for key in report.get("keys", ()) if key["destroyed_at"] and not key["missing"]]
        return {key["kind"] for key in keys} >= set(kinds)

    await until(confirmed, "every service to have confirmed", 90)


async def test_after_an_erasure_the_profile_opens_nowhere_and_the_law_keeps_its_records(
    shop: Shop, people: People
):  # ORD-2 M26
    customer = await people.arrive(NAME)
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    (mail,) = await customer.mailbox.wait(1)
    await download(shop.suite, mail.links[0])
    await customer.wait_for_state(order["order"], "delivered")
    before = await readable(shop, customer)
    assert before["profile"] >= {NAME, customer.email}
    assert any(STREET in text for text in before["records"])

    await erased(shop, customer, "profile")
    after = await readable(shop, customer)
    assert "profile" not in after
    assert not any(STREET in text for text in after.get("contact", ()))
    assert any(STREET in text for text in after["records"])
    await assert_nowhere(shop, [customer.email, "Löschmich-Eindeutig", STREET])
    statistics = (await shop.seller.ask("delivery", "GET", "/downloads"))["items"]
    (mine,) = [row for row in statistics if row["Artikel"] == KEYLESS]
    assert mine["Bestelldatum"]
    assert (mine["Name"], mine["eMail"]) == (None, None)


async def test_of_one_who_never_ordered_nothing_opens_at_once(shop: Shop, people: People):  # ORD-2 M26
    customer = await people.arrive(NAME)
    before = await readable(shop, customer)
    assert before["profile"] >= {NAME, customer.email}
    assert before["contact"] >= {NAME, customer.email}
    await erased(shop, customer, "profile", "contact")
    assert (await readable(shop, customer)).keys() <= {"records"}
