"""Conversations are opened with an order by themselves, and before one when a customer asks (MAIL-1, MAIL-2)."""

from typing import Any
from uuid import UUID

from chassis.identity import seal
from contracts.accounts import EmailChanged, KeyDestroyed
from contracts.event import SubjectKey
from contracts.mail_relay import ConversationOpened
from uuid_utils.compat import uuid7

from .conftest import Relay
from .people import Conversation, open_tenant, opened_for, placed


async def test_MAIL_2_a_first_contact_goes_on_as_the_conversation_about_the_order(relay: Relay):
    house, tenant, customer, order = relay.house, f"t-{uuid7().hex[-12:]}", uuid7(), uuid7()
    await open_tenant(house, tenant, "sales@seller.example")
    await house.settled()
    claims = house.accounts.person_claims("Erika Musterfrau", "erika@buyer.example")
    token = house.accounts.token(customer, "customer", tenant=tenant, **claims)
    asked = {"seller": "kontor", "sku": "VISTA-HP-ESD"}
    first = await _post(relay, token, "/conversations", asked)
    assert await _post(relay, token, "/conversations", asked) == first
    await house.publish(placed(house, tenant, claims, customer, order))
    opened = await opened_for(house, order)
    assert str(opened.conversation) == first["conversation"]
    assert opened.buyer_writes_to == first["write_to"]
    # the next first contact is another conversation
    assert (await _post(relay, token, "/conversations", asked))["conversation"] != first["conversation"]


async def test_MAIL_1_an_order_that_is_published_again_opens_nothing(relay: Relay, talk: Conversation):
    house = relay.house
    claims = house.accounts.person_claims("Erika Musterfrau", talk.buyer)
    await house.publish(placed(house, talk.tenant, claims, uuid7(), talk.order))
    await house.settled()
    assert len([one for one in await house.published(ConversationOpened) if one.order == talk.order]) == 1


async def test_MAIL_1_what_is_older_than_a_change_of_address_does_not_undo_it(relay: Relay):
    house, tenant, customer, order = relay.house, f"t-{uuid7().hex[-12:]}", uuid7(), uuid7()
    former, now = (f"{name}.{tenant}@buyer.example" for name in ("former", "now"))
    await open_tenant(house, tenant, "sales@seller.example")
    claims = house.accounts.person_claims("Erika Musterfrau", former)
    contact = SubjectKey.model_validate(claims["keys"]["contact"])
    changed = {**EmailChanged.EXAMPLE, "tenant": tenant, "customer": customer, "changed_at": house.clock.now()}
    await house.publish(EmailChanged.model_validate({**changed, "email_contact": seal(now, contact, "email")}))
    await house.settled()
    await house.publish(placed(house, tenant, claims, customer, order))
    opened = await opened_for(house, order)
    token = house.accounts.token(customer, "customer", tenant=tenant, **claims)
    first = await _post(relay, token, "/conversations", {"seller": "kontor"})
    for to in (opened.buyer_writes_to, first["write_to"]):
        talk = Conversation(house, relay.door, tenant, order, former, "", to, "", opened.conversation)
        assert [(await talk.send(talk.message(sender, to), sender, to))[0] for sender in (former, now)] == [550, 250]


async def test_MAIL_17_a_customer_closes_a_conversation_and_opens_it_again(relay: Relay):
    house, tenant, customer = relay.house, f"t-{uuid7().hex[-12:]}", uuid7()
    await open_tenant(house, tenant, "sales@seller.example")
    await house.settled()
    claims = house.accounts.person_claims("Erika Musterfrau", "erika@buyer.example")
    token = house.accounts.token(customer, "customer", tenant=tenant, **claims)
    first = await _post(relay, token, "/conversations", {"seller": "kontor"})
    row = (
        await house.sql(
            "select local_part from aliases where conversation_id = $1 and side = 'buyer'", UUID(first["conversation"])
        )
    )[0]
    talk = Conversation(
        house,
        relay.door,
        tenant,
        uuid7(),
        "erika@buyer.example",
        "sales@seller.example",
        first["write_to"],
        f"{row['local_part']}@mail.shop.example",
        UUID(first["conversation"]),
    )
    assert (await talk.answer())[0] == 250
    closed = await _post(relay, token, f"/conversations/{talk.id}/closing", None)
    assert closed["seller_may_write"] is False
    assert (await talk.answer())[0] == 550
    await _post(relay, token, f"/conversations/{talk.id}/reopening", None)
    assert (await talk.answer())[0] == 250
    other = house.accounts.token(uuid7(), "customer", tenant=tenant, **claims)
    async with house.http.post(f"/conversations/{talk.id}/closing", headers=house.bearer(other)) as answer:
        assert answer.status == 404


async def test_M26_after_an_erasure_nobody_can_write_or_read(relay: Relay, talk: Conversation):
    await talk.ask()
    await relay.next_server.one(talk.seller)
    (row,) = await relay.house.sql("select customer_id, contact_key_id from conversations where id = $1", talk.id)
    destroyed = KeyDestroyed(
        tenant=talk.tenant,
        customer=row["customer_id"],
        key=row["contact_key_id"],
        kind="contact",  # pyright: ignore[reportArgumentType] -- pydantic reads it
        destroyed_at=relay.house.clock.now(),
    )
    await relay.house.publish(destroyed)
    await relay.house.settled()
    assert (await talk.answer())[0] == 550
    assert (await talk.ask())[0] == 550
    (kept,) = await relay.house.sql(
        "select contact_key_box, original_id_box, records_key_box from messages where conversation_id = $1", talk.id
    )
    assert (kept["contact_key_box"], kept["original_id_box"]) == (None, None)
    assert kept["records_key_box"] is not None


async def _post(relay: Relay, token: str, path: str, body: Any) -> dict[str, Any]:
    async with relay.house.http.post(path, json=body, headers=relay.house.bearer(token)) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()
