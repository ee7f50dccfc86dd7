"""What becomes of an e-mail between us, the mail server and the keys."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.accounts import KeyDestroyed, TenantOpened
from contracts.letters import EmailBounced, EmailSent
from contracts.shared import ErasureConfirmed
from letters.__main__ import service

from .catcher import Catcher
from .conftest import settings
from .sale import Sale, buy, failed, line, sent, settled_as, states, swept

HOUR = 3600
IDLE = """
select pid, xact_start
from pg_stat_activity
where datname = current_database()
  and application_name = 'letters'
  and state like 'idle in trans%'
"""


async def bounced(home: Harness, sale: Sale) -> EmailBounced:
    async def found() -> EmailBounced | None:
        events = await home.published(EmailBounced, at_least=0)
        return next((event for event in events if event.order == sale.order), None)

    return await until(found, what="EmailBounced")


async def test_F_M26_a_refusal_for_now_is_tried_again_with_ever_longer_pauses(home: Harness, calm: Catcher):
    await calm.faults(refuse={"code": 451, "text": "Greylisted", "times": 2})
    sale = await buy(home)
    await failed(home, sale)
    home.shift_clock(16)
    await failed(home, sale, 2)
    home.shift_clock(16)
    await settled_as(home, sale, ("delivery", "waiting"))
    home.shift_clock(16)
    (mail,) = await calm.mails(sale.email)
    (event,) = await sent(home, sale)
    assert event.message_id == mail["message_id"]
    assert event.units == sale.lines[0].units


async def test_a_mailbox_that_is_refused_for_now_holds_up_no_other(home: Harness, calm: Catcher):
    held = f"held-{uuid4().hex}@example.org"
    await calm.faults(refuse={"code": 450, "text": "Mailbox busy", "at": "rcpt", "to": held})
    waiting = await buy(home, email=held)
    for _ in range(3):
        await calm.mails((await buy(home)).email)
    await failed(home, waiting)
    await calm.calm()
    home.shift_clock(16)
    await calm.mails(held)


async def test_after_two_days_of_refusals_it_is_given_up(home: Harness, calm: Catcher):
    await calm.faults(refuse={"code": 451, "text": "Not today"})
    sale = await buy(home)
    await failed(home, sale)
    home.shift_clock(49 * HOUR)
    event = await bounced(home, sale)
    assert event.code == 451
    await settled_as(home, sale, ("delivery", "bounced"))


async def test_a_server_that_is_closed_bounces_nobody(home: Harness, calm: Catcher):
    await calm.faults(refuse={"code": 554, "text": "No service", "at": "connect"})
    sale = await buy(home)
    await failed(home, sale)
    home.shift_clock(16)
    await failed(home, sale, 2)
    await settled_as(home, sale, ("delivery", "waiting"))
    await calm.calm()
    home.shift_clock(31)
    assert len(await calm.mails(sale.email)) == 1


@pytest.mark.torture
async def test_a_server_that_reads_byte_by_byte_costs_an_attempt_and_no_transaction(home: Harness, calm: Catcher):
    await calm.faults(seconds_per_byte=0.5)
    sale = await buy(home)

    async def idle() -> set[tuple[Any, ...]]:
        return {tuple(row) for row in await home.sql(IDLE)}

    async def underway() -> bool:
        return await states(home, sale) == [("delivery", "sending")]

    await until(underway, what="the attempt")
    at_first = await idle()
    await asyncio.sleep(0.3)  # the jobs' own transactions are over by then
    assert not at_first & await idle()
    await failed(home, sale)
    await calm.calm()
    home.shift_clock(16)
    await calm.mails(sale.email)


async def test_a_refusal_for_good_is_a_bounce_that_staff_sees_and_may_try_again(home: Harness, calm: Catcher):
    sale = Sale(home, [line()])
    await calm.faults(refuse={"code": 550, "text": f"No such user {sale.email}", "at": "rcpt", "to": sale.email})
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    event = await bounced(home, sale)
    assert (event.code, event.units) == (550, sale.lines[0].units)
    await calm.calm()
    support = home.bearer(home.accounts.token(uuid4(), "support"))
    async with home.http.get("/bounced-emails", headers=support) as answer:
        listed = [item for item in (await answer.json())["items"] if item["order"] == str(sale.order)]
    assert [item["answer"] for item in listed] == ["No such user ***"]
    async with home.http.post(f"/emails/{event.email}/retry", headers=support) as answer:
        assert answer.status == 200, await answer.text()
    (mail,) = await calm.mails(sale.email)
    assert mail["message_id"] == listed[0]["message_id"]
    assert [one.units for one in await sent(home, sale)] == [sale.lines[0].units]
    async with home.http.post(f"/emails/{event.email}/retry", headers=support) as answer:
        assert answer.status == 409


async def test_what_came_while_an_empty_email_waited_is_sent_on(home: Harness, calm: Catcher):
    first, second = line(), line("WORKS-9-ESD", price=4999)
    sale = Sale(home, [first, second])
    short = [sale.granted(first), sale.backordered(first, first.units[0])]
    await home.publish(sale.placed(), sale.paid(lines=[first]), *short)
    await calm.mails(sale.email)
    await calm.faults(refuse={"code": 550, "text": "No", "at": "rcpt", "to": sale.email})
    await home.publish(sale.issued(first, first.units[0]))
    event = await bounced(home, sale)
    await calm.calm()
    # the e-mail of the second payment takes over the key that bounced
    short = [sale.granted(second), sale.backordered(second, second.units[0])]
    await home.publish(sale.paid(lines=[second]), *short)
    assert sale.key(first.units[0]) in (await calm.mails(sale.email, 2))[1]["text"]
    # staff tries the bounced one again, and before its turn comes the other key
    again = "update emails set state = 'waiting', send_at = $2 where id = $1"
    await home.sql(again, event.email, home.clock.now() + timedelta(seconds=60))
    await home.publish(sale.issued(second, second.units[0]))
    await home.settled()
    home.shift_clock(61)
    assert sale.key(second.units[0]) in (await calm.mails(sale.email, 3))[2]["text"]
    assert [state for _, state in await states(home, sale)][:3] == ["sent", "withdrawn", "sent"]


# M23
async def test_the_servers_answer_is_kept_without_addresses(home: Harness, calm: Catcher):
    sale = Sale(home, [line()])
    await calm.faults(refuse={"code": 451, "text": f"<{sale.email}> is busy, ask postmaster@example.net", "times": 1})
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    await failed(home, sale)
    rows = await home.sql("select answer from emails where order_id = $1", sale.order)
    assert rows[0]["answer"] == "<***> is busy, ask ***"


# M26 ORD-2
async def test_a_destroyed_key_ends_what_was_to_be_sent(home: Harness, calm: Catcher):
    sale = Sale(home, [line()])
    home.accounts.erased.add(sale.contact.key)
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    await settled_as(home, sale, ("delivery", "erased"))
    destroyed = {"customer": uuid4(), "key": sale.contact.key, "kind": "contact", "destroyed_at": home.clock.now()}
    await home.publish(KeyDestroyed.model_validate({"tenant": "kontor", **destroyed}))

    async def confirmed() -> bool:
        events = await home.published(ErasureConfirmed, at_least=0)
        return [one.service for one in events if one.key == sale.contact.key] == ["letters"]

    await until(confirmed, what="ErasureConfirmed")
    boxes = """
    select email_box, name_box, token, license_key
    from orders join links on links.order_id = orders.id join license_keys on license_keys.order_id = orders.id
    where orders.id = $1
    """
    assert [tuple(row) for row in await home.sql(boxes, sale.order)] == [(None, None, None, None)]
    await home.publish(sale.granted(sale.lines[0], "anew"))
    await home.settled()
    assert await calm.mails(sale.email, 0) == []
    assert not [event for event in await home.published(EmailBounced, at_least=0) if event.order == sale.order]


async def test_keys_that_cannot_be_had_hold_the_email(home: Harness, calm: Catcher):
    home.accounts.away = True
    sale = await buy(home)

    async def tried() -> bool:
        rows = await home.sql("select attempts, state from emails where order_id = $1", sale.order)
        return bool(rows) and rows[0]["attempts"] > 0 and rows[0]["state"] == "waiting"

    await until(tried, what="an attempt")
    assert (await home.sql("select failures from emails where order_id = $1", sale.order))[0]["failures"] == 0
    home.accounts.away = False
    home.shift_clock(6)
    await calm.mails(sale.email)


async def test_F_M26_a_key_that_accounts_does_not_know_is_tried_for_two_days_and_given_up(home: Harness, calm: Catcher):
    sale = Sale(home, [line()])
    private = home.accounts.private_halves.pop(sale.contact.key)
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    await failed(home, sale)
    home.shift_clock(6)
    await swept(home)
    rows = await home.sql("select failures, code, answer from emails where order_id = $1", sale.order)
    assert tuple(rows[0]) == (1, 451, "accounts does not know the key of this letter")
    home.shift_clock(49 * HOUR)
    assert (await bounced(home, sale)).code == 451
    home.accounts.private_halves[sale.contact.key] = private
    support = home.bearer(home.accounts.token(uuid4(), "support"))
    (event,) = [one for one in await home.published(EmailBounced) if one.order == sale.order]
    async with home.http.post(f"/emails/{event.email}/retry", headers=support) as answer:
        assert answer.status == 200, await answer.text()
    await calm.mails(sale.email)


# PITFALLS 39
@pytest.mark.parametrize(
    "name",
    [
        "=?utf-8?q?hi=0D=0ABcc=3A_victim=40example.org?=",
        "Eve\r\nBcc: victim@example.org\r\n\r\nHello",
        "Eve\x00\u2028\u202eX-Evil: 1",
        '<script>alert("1")</script><img src=x>',
        "{number} {{ letter.seller }} %s",
        "Win at https://evil.example/now",
    ],
)
async def test_hostile_names_stay_words(home: Harness, calm: Catcher, name: str):
    storable = name.replace("\x00", "")
    hostile = line(name=f"Soft {storable}")
    seller = {"legal_name": f"Shop {storable}", "address": storable, "vat_id": storable}
    sale = Sale(home, [hostile], name=name, changes={"seller_details": seller})
    await home.publish(sale.placed(order_number=storable), sale.paid(), *sale.parts())
    (mail,) = await calm.mails(sale.email)
    assert mail["to"] == [sale.email]
    async with calm.http.get(f"/mails/{mail['id']}.eml") as answer:
        raw = (await answer.read()).partition(b"\r\n\r\n")[0]
    head = [row.split(b":")[0] for row in raw.split(b"\r\n") if not row.startswith((b" ", b"\t"))]
    head = [name for name in head if name != b"Reply-To"]  # it is there once the seller's own address is known
    ours = b"Content-Type MIME-Version From To Subject Date Message-ID Auto-Submitted Content-Language".split()
    assert head[-len(ours) :] == ours
    assert len(head) == len(ours) + 3
    assert "<script" not in mail["html"]
    assert "<img" not in mail["html"]
    assert "evil.example" not in mail["text"].splitlines()[0]
    assert mail["links"].count(f"https://downloads.example/d/{sale.token(hostile)}") == 1


async def test_an_address_that_is_none_bounces_without_asking_the_server(home: Harness, calm: Catcher):
    sale = await buy(home, email="a@example.org\r\nRCPT TO:<victim@example.org>")
    assert (await bounced(home, sale)).code == 553
    assert await calm.mails("victim@example.org", 0) == []


# FEATURES part 2: sent e-mails are records
async def test_what_was_sent_is_kept_sealed_and_masked_for_bookkeeping(home: Harness, calm: Catcher):
    tenant = TenantOpened.model_validate(TenantOpened.EXAMPLE)
    keys = [
        {"year": year, "records": home.accounts.new_key().model_dump(mode="json")}
        for year in range(home.clock.now().year, home.clock.now().year + 2)
    ]
    seller = {**tenant.sellers[0].model_dump(mode="json"), "records_keys": keys}
    await home.publish(TenantOpened.model_validate({"tenant": "kontor", "name": "Kontor", "sellers": [seller]}))
    await home.settled()
    sale = await buy(home)
    (event,) = await sent(home, sale)
    kept = (await home.sql("select sealed_copy from emails where id = $1", event.email))[0]["sealed_copy"]
    assert "Erika" not in kept
    clerk = home.bearer(home.accounts.token(uuid4(), "bookkeeping"))
    async with home.http.get(f"/emails/{event.email}/letter", headers=clerk) as answer:
        assert answer.status == 200, await answer.text()
        letter = (await answer.json())["letter"]
    assert "Guten Tag Erika Musterfrau" in letter
    assert event.message_id in letter
    assert sale.token(sale.lines[0]) not in letter
    assert sale.key(sale.lines[0].units[0]) not in letter
    readings = await home.sql("select purpose, after from chassis.audit where object_id = $1", str(event.email))
    assert [(row["purpose"], str(sale.order) in row["after"]) for row in readings] == [("archive", True)]


async def test_F_M29_history_before_the_date_is_recorded_and_sends_nothing(service_home: ServiceHome, catcher: Catcher):
    since = datetime.now(UTC)
    async with service_home(service, **settings(catcher, effects_since=since)) as home:
        old = Sale(home, [line(units=2)])
        await home.publish(old.placed(), old.paid(), *old.parts()[:2], at=since - timedelta(days=1))
        await home.settled()
        assert await states(home, old) == []
        await home.publish(old.parts()[2])
        (late,) = await catcher.mails(old.email)
        assert old.key(old.lines[0].units[1]) in late["text"]
        assert old.key(old.lines[0].units[0]) not in late["text"]
        assert [event.units for event in await home.published(EmailSent)] == [[old.lines[0].units[1]]]
