"""A customer buys, and gets one file with all that every service knows of them, and of nobody else. GDPR 15, 20"""

import asyncio
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from chassis.config.clock import Clock
from journeys.customer import Customer
from journeys.download import download
from journeys.seller import DATA, Shop
from journeys.shops import GENERATED, KEYLESS
from journeys.suite import until
from journeys.trial.people import People
from journeys.trial.sale import buy

HOUR = timedelta(hours=1)
SERVICES = ("accounts", "delivery", "letters", "licensing", "mail-relay", "orders", "payments", "rewards")


async def bought(people: People, name: str) -> tuple[Customer, dict[str, Any], list[str]]:
    """A customer who has bought, paid, downloaded and earned points, with the order and the links."""
    customer = await people.arrive(name)
    order = await buy(customer, {GENERATED: 1, KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    (mail,) = await customer.mailbox.wait(1)
    await download(customer.suite, mail.links[0])
    await customer.wait_for_state(order["order"], "delivered")
    return customer, order, mail.links


async def earn(shop: Shop, *customers: Customer) -> None:
    """Let customers take part in the rewards programme, and hold a meeting within the hour that passes."""
    await shop.suite.stack_run("rewards", "load", str(DATA / "rewards.yaml"), "--tenant", shop.tenant)
    for customer in customers:
        await shop.suite.call("rewards", "POST", "/members", json={"time_zone": "Europe/Berlin"}, token=customer.token)
    now = Clock(Path(shop.suite.state.clock_file)).now()
    await asyncio.to_thread(shop.suite.stack.shift_clock, HOUR.total_seconds())
    await asyncio.gather(*(one.sign_in() for one in (shop.seller, *customers)))
    for customer in customers:
        body = {
            "meeting": str(uuid4()),
            "source": "conferencing/example",
            "host": customer.id,
            "status": "held",
            "started_at": (now + timedelta(minutes=5)).isoformat(),
            "ended_at": (now + timedelta(minutes=50)).isoformat(),
            "participants": 4,
        }
        await shop.seller.ask("rewards", "POST", "/meetings", json=body)

    async def credited() -> bool:
        views = [await shop.suite.call("rewards", "GET", "/members/me", token=one.token) for one in customers]
        return all(view["balance"] > 0 for view in views)

    await until(credited, "the points")


async def exported(shop: Shop, customer: Customer) -> dict[str, Any]:
    """The files of an export, once every service has answered."""
    made = await shop.suite.call(
        "accounts", "POST", "/me/exports", json={"password": customer.password}, token=customer.token
    )
    path = f"/me/exports/{made['export']}"

    async def ready() -> bool:
        return (await shop.suite.call("accounts", "GET", path, token=customer.token))["state"] == "ready"

    await until(ready, "every service to have answered", 30)
    headers = {"Authorization": f"Bearer {customer.token}"}
    async with shop.suite.http.get(shop.suite.url("accounts", f"{path}/file"), headers=headers) as answer:
        assert answer.status == 200
        assert answer.content_type == "application/zip"
        data = await answer.read()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    return {name.partition(".")[0]: json.loads(text) if name != "README.txt" else text for name, text in texts.items()}


async def test_the_file_has_what_each_service_knows_of_the_customer_and_nothing_of_another(
    shop: Shop, people: People
):  # M25
    customer, order, links = await bought(people, "Erika Musterfrau")
    other, others, _ = await bought(people, "Max Mustermann")
    await earn(shop, customer, other)
    files = await exported(shop, customer)
    assert set(files) == {"README", *SERVICES}
    id_ = order["order"]
    assert files["accounts"]["account"][0]["email"].lower() == customer.email.lower()
    assert [one["order"] for one in files["orders"]["orders"]] == [id_]
    assert files["orders"]["orders"][0]["name"] == "Erika Musterfrau"
    (payment,) = files["payments"]["payments"]
    assert (payment["order"], payment["captured_amount"]) == (id_, order["totals"]["gross"])
    assert any(one["completed_at"] for one in files["delivery"]["downloads"])
    assert {one["order"] for one in files["delivery"]["orders"]} == {id_}
    assert {one["order"] for one in files["licensing"]["licenses"]} == {id_}
    letters = files["letters"]["letters"]
    assert {one["order"] for one in letters} == {id_}
    assert any(order["number"] in (one["content"] or "") for one in letters)
    assert sum(one["points"] for one in files["rewards"]["points"]) > 0
    assert {one["order"] for one in files["mail-relay"]["conversations"]} == {id_}
    text = json.dumps(files, ensure_ascii=False)
    assert not [one for one in (other.email, other.id, "Mustermann", others["order"], others["number"]) if one in text]
    assert not [link for link in links if link.rpartition("/")[2] in text]


async def test_another_customer_does_not_fetch_it(shop: Shop, people: People):
    customer, other = await people.arrive("Erika Musterfrau"), await people.arrive("Max Mustermann")
    made = await shop.suite.call(
        "accounts", "POST", "/me/exports", json={"password": customer.password}, token=customer.token
    )
    for path in (f"/me/exports/{made['export']}", f"/me/exports/{made['export']}/file"):
        await shop.suite.call("accounts", "GET", path, token=other.token, expect=404)
    assert (await shop.suite.call("accounts", "GET", "/me/exports", token=other.token))["items"] == []
