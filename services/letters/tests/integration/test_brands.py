"""Letters are written under the brand of the shop that sells the order's channel (PLT-2)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from chassis.identity.sealing import seal
from chassis_testing import Harness
from chassis_testing.harness import until
from contracts.accounts import EmailConsentRequested, PasswordResetRequested
from contracts.storefront import Brand, ShopClosed, ShopOpened
from uuid_utils.compat import uuid7

from .catcher import Catcher
from .sale import Sale, line, sent


def opened(shop: str, *, channel: str = "north", tenant: str = "kontor", **brand: Any) -> ShopOpened:
    looks = Brand.model_validate({**ShopOpened.EXAMPLE["brand"], "name": shop.title(), **brand})
    return ShopOpened(tenant=tenant, shop=shop, channel=channel, hosts=[f"{shop}.example", "second"], brand=looks)


def closed(shop: str, channel: str = "north") -> ShopClosed:
    return ShopClosed(tenant="kontor", shop=shop, channel=channel)


async def bought(home: Harness, catcher: Catcher, channel: str = "north", tenant: str = "kontor") -> dict[str, Any]:
    """The letter of an order of this channel."""
    sale = Sale(home, [line()], tenant=tenant)
    sale.changes["channel"] = channel
    await home.publish(sale.placed(), sale.paid().model_copy(update={"channel": channel}), *sale.parts())
    await sent(home, sale)
    (mail,) = await catcher.mails(sale.email, 1)
    return mail


async def test_the_shop_of_the_channel_writes(home: Harness, calm: Catcher):
    await home.publish(opened("aurora"), opened("polar", channel="south"))
    await home.settled()
    mail = await bought(home, calm)
    assert mail["from"].startswith('"Aurora" <')
    assert "https://aurora.example/orders/" in mail["text"]
    assert "Kontor Software GmbH" in mail["text"]
    assert (await bought(home, calm, "south"))["from"].startswith('"Polar" <')
    assert (await bought(home, calm, "west"))["from"].startswith('"Kontor Software GmbH" <')


async def test_of_several_shops_the_first_opened_writes_and_who_is_closed_writes_no_more(home: Harness, calm: Catcher):
    await home.publish(opened("zenith", channel="sky"))
    await home.settled()
    await home.publish(opened("apex", channel="sky"))
    await home.settled()
    assert (await bought(home, calm, "sky"))["from"].startswith('"Zenith" <')
    await home.publish(closed("zenith", "sky"))
    await home.settled()
    assert (await bought(home, calm, "sky"))["from"].startswith('"Apex" <')
    await home.publish(opened("zenith", channel="sky"))
    await home.settled()
    assert (await bought(home, calm, "sky"))["from"].startswith('"Zenith" <')


async def test_a_shop_that_sells_another_channel_writes_for_that(home: Harness, calm: Catcher):
    await home.publish(opened("mover", channel="old"))
    await home.settled()
    await home.publish(opened("mover", channel="new", color="#7c3aed"))
    await home.settled()
    assert (await bought(home, calm, "old"))["from"].startswith('"Kontor Software GmbH" <')
    mail = await bought(home, calm, "new")
    assert mail["from"].startswith('"Mover" <')
    assert "#7c3aed" in mail["html"]


async def test_a_brands_own_sender_is_used_where_we_may_send_for_its_domain(home: Harness, calm: Catcher):
    await home.publish(
        opened("ours", channel="mine", mail_from="post@nordlicht.example"),
        opened("theirs", channel="yours", mail_from="post@elsewhere.example"),
    )
    await home.settled()
    assert (await bought(home, calm, "mine"))["from"] == '"Ours" <post@nordlicht.example>'
    assert (await bought(home, calm, "yours"))["from"] == '"Theirs" <shop@kontor.example>'


@pytest.mark.parametrize("shops", [1, 2])
async def test_what_belongs_to_no_order_is_under_the_brand_of_a_tenants_only_shop(
    home: Harness, calm: Catcher, shops: int
):
    tenant = f"house-{shops}"
    await home.open_tenants(tenant)
    await home.publish(*(opened(f"only{n}-{shops}", tenant=tenant, channel=f"c{n}") for n in range(shops)))
    await home.settled()
    address = f"reset{shops}@example.org"
    claims = home.accounts.person_claims("Erika", address)
    facts = {
        **PasswordResetRequested.EXAMPLE,
        "tenant": tenant,
        "reset": uuid7(),
        "shop": "The house",
        "name": claims["name_contact"],
        "email": claims["email_contact"],
        "code": claims["name_contact"],
        "expires_at": home.clock.now().replace(year=home.clock.now().year + 1),
    }
    await home.publish(PasswordResetRequested.model_validate(facts))
    (mail,) = await calm.mails(address, 1)
    assert mail["from"].startswith('"Only0-1" <' if shops == 1 else '"The house" <')


async def test_shops_converge_in_whatever_order_they_are_known(home: Harness):  # F-M29
    async def state(shop: str) -> list[Any]:
        return [
            (row["channel"], row["brand"] is None)
            for row in await home.sql("select channel, brand from shops where id = $1", shop)
        ]

    first, moved = opened("early", channel="a"), opened("early", channel="b")
    number = home.next_sequence(2)
    await home.publish(moved, sequence=number + 1)
    await home.publish(first, sequence=number)
    await home.settled()

    async def as_moved() -> bool:
        return await state("early") == [("b", False)]

    await until(as_moved, what="the newest state of a shop")
    number = home.next_sequence(2)
    await home.publish(closed("late"), sequence=number + 1)
    await asyncio.sleep(0)
    await home.publish(opened("late"), sequence=number)
    await home.settled()
    assert await state("late") == [("north", True)]
    number = home.next_sequence(2)
    await home.publish(opened("again"), sequence=number + 1)
    await home.settled()
    await home.publish(closed("again"), sequence=number)
    await home.settled()
    assert await state("again") == [("north", False)]


async def test_a_code_is_entered_on_a_page_to_which_its_letter_leads(home: Harness, calm: Catcher):
    sale, code = Sale(home, [line()], tenant="paged"), "ABCDE-FGHJK-LMNPQ-RSTUV"
    await home.publish(*(opened(f"paged{n}", channel=f"c{n}", tenant="paged") for n in range(2)))
    await home.settled()
    texts = {"name": sale.name, "email": sale.email, "code": code}
    boxes = {kind: seal(text, sale.contact, kind) for kind, text in texts.items()}
    facts = {
        "tenant": "paged",
        "shop": "Paged1",
        "consent": uuid7(),
        "expires_at": home.clock.now() + timedelta(days=4),
    }
    await home.publish(EmailConsentRequested.model_validate({**EmailConsentRequested.EXAMPLE, **facts, **boxes}))
    (letter,) = await calm.mails(sale.email)
    assert "://paged1.example/objection\n" in letter["text"].replace("\r", "")
    assert '://paged1.example/objection"' in letter["html"]
