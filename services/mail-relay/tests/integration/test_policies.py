"""What a tenant's policy does about messages, by the version that is in force when they come (MAIL-10, MAIL-18)."""

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from uuid import UUID, uuid4

from chassis_testing.harness import until
from contracts.mail_relay import MessageRefused

from .conftest import Relay
from .people import Conversation, placed

AWAY = "Schreiben Sie mir besser direkt an max.muster@gmx.de, dann wird es billiger."
DAY = timedelta(days=1)


async def test_MAIL_18_what_was_received_before_a_version_acts_is_judged_by_the_one_before(relay: Relay):
    talk = await relay.converse()
    now = relay.house.clock.now()
    block = {"measures": {"email": {"action": "block", "threshold": 0.5}}}
    assert (await publish(relay, talk, valid_from=now + 14 * DAY, **block))[0] == 422
    assert (await publish(relay, talk, valid_from=now - DAY, urgency="danger", **block))[0] == 422
    passing = {"measures": {"malware": {"action": "pass"}}}
    assert (await publish(relay, talk, valid_from=now + 16 * DAY, **passing))[0] == 422
    status, policy = await publish(relay, talk, valid_from=now + 15 * DAY + timedelta(minutes=1), **block)
    assert (status, policy["version"]) == (201, 1)
    assert (await talk.ask(AWAY))[0] == 250
    # K2: who writes is told of it before it acts, once; the seller has not written yet, and is told when it does
    assert [one for one in await notices(relay, talk, 2) if one[1] == "policy_announced"] == [
        ("buyer", "policy_announced")
    ]
    assert "Fassung 1 der Regeln" in (await told(relay, talk.buyer, "neue Regeln")).get_content()
    await talk.answer()
    await notices(relay, talk, 3)
    relay.house.shift_clock(15 * 86400 + 120)
    code, text = await talk.ask(AWAY)
    assert (code, "5.7.1" in text) == (550, True)
    assert await judged(relay, talk) == [("warn", 0, "email", "relayed"), ("block", 1, "email", "blocked")]
    assert sum(b"max.muster" in raw for raw in relay.next_server.to(talk.seller)) == 1
    # an urgent one acts at once
    urgent = {"valid_from": relay.house.clock.now() + timedelta(seconds=1), "urgency": "danger"}
    assert (await publish(relay, talk, **urgent, limits={"alias_per_minute": 1, "conversation_per_hour": 9}))[0] == 201
    relay.house.shift_clock(120)
    assert [(await talk.ask(AWAY))[0] for _ in range(2)] == [250, 450]
    status, found = await call(relay, talk, "GET", "/policies", "customer")
    assert [(one["version"], one["urgency"]) for one in found["items"]] == [(2, "danger"), (1, None)]


async def test_MAIL_10_K17_what_is_held_is_released_or_denied_by_a_reviewer_alone(relay: Relay, talk: Conversation):
    account = "Bitte überweisen Sie auf DE02 1203 0000 0000 2020 51, nicht im Shop."
    assert (await talk.answer(account))[0] == 250
    assert (await talk.answer(account))[0] == 250
    # the next one does not wait for them
    assert (await talk.answer("Es ist geprüft."))[0] == 250
    assert "geprüft" in (await relay.next_server.one(talk.buyer)).get_content()
    assert (await call(relay, talk, "GET", "/held-messages", "support"))[0] == 403
    _, held = await call(relay, talk, "GET", "/held-messages", "reviewer")
    assert [(one["kind"], one["side"], one["state"]) for one in held["items"]] == [("account", "seller", "held")] * 2
    first, second = (one["message"] for one in held["items"])
    assert (await call(relay, talk, "POST", f"/messages/{first}/release", "reviewer"))[0] == 200
    assert "DE02" in (await relay.next_server.one(talk.buyer, at_least=2)).get_content()
    status, _ = await call(relay, talk, "POST", f"/messages/{second}/denial", "reviewer", {"reason": "off_platform"})
    assert status == 200
    assert (await call(relay, talk, "POST", f"/messages/{second}/release", "reviewer"))[0] == 409
    assert (await call(relay, talk, "GET", "/held-messages", "reviewer"))[1]["items"] == []
    kinds = ["message_held", "message_held", "message_released", "message_denied"]
    assert [kind for _, kind in await notices(relay, talk, 5)] == [*kinds, "other_refused"]
    refused = await refusals(relay, talk)
    assert [(str(one.refusal), one.reason, one.side) for one in refused] == [(second, "off_platform", "seller")]
    proofs = await relay.house.sql("select fact from proofs where about = $1 order by number", UUID(second))
    assert [row["fact"] for row in proofs] == ["held", "denied"]
    text = str([dict(row) for row in await relay.house.sql("select * from judgements")])
    assert "DE02" not in text.replace(" ", "")
    acts = await relay.house.sql("select after from chassis.audit where object_id = any($1)", [first, second])
    assert len(acts) == 2
    assert all(str(talk.id) in act["after"] for act in acts)  # by which the log leads to the conversation


async def test_MAIL_10_the_writer_of_a_blocked_message_appeals_and_it_is_passed_on(relay: Relay):
    talk = await relay.converse()
    await strict(relay, talk)
    assert (await talk.ask(AWAY))[0] == 550
    assert (await call(relay, talk, "GET", "/held-messages", "reviewer"))[1]["items"] == []
    (row,) = await relay.house.sql("select customer_id from conversations where id = $1", talk.id)
    path, customer = f"/conversations/{talk.id}/appeal", row["customer_id"]
    assert (await call(relay, talk, "POST", path, "customer"))[0] == 404
    assert await call(relay, talk, "POST", path, "customer", subject=customer) == (200, {"messages": 1})
    assert (await call(relay, talk, "POST", path, "customer", subject=customer))[0] == 409
    (blocked,) = (await call(relay, talk, "GET", "/held-messages", "reviewer"))[1]["items"]
    await call(relay, talk, "POST", f"/messages/{blocked['message']}/release", "reviewer")
    assert "gmx.de" in (await relay.next_server.one(talk.seller, at_least=2)).get_content()


async def test_MAIL_14_the_other_side_is_told_of_what_is_blocked_once_a_day(relay: Relay, talk: Conversation):
    await strict(relay, talk)
    assert [(await talk.ask(AWAY))[0] for _ in range(2)] == [550, 550]
    notice = await told(relay, talk.seller, "wurde nicht zugestellt")
    assert "Nach den Regeln dieses Shops" in " ".join(notice.get_content().split())
    assert "gmx" not in notice.as_string()
    relay.house.shift_clock(86401)
    await talk.ask(AWAY)
    sides = [side for side, kind in await notices(relay, talk, 5) if kind == "other_refused"]
    assert sides == ["seller", "seller"]


async def test_MAIL_10_quotes_are_not_judged_and_links_behind_words_are(relay: Relay, talk: Conversation):
    await strict(relay, talk, kinds=("email", "link"))
    assert (await talk.answer(f"Nein, das geht nicht.\n\nAm 3.5.2026 schrieb Erika:\n> {AWAY}"))[0] == 250
    page = talk.message(talk.seller, talk.seller_writes_to)
    page.add_alternative('<p>Es geht <a href="https://billiger.shop/x">hier</a> weiter.</p>', subtype="html")
    assert (await talk.send(page, talk.seller, talk.seller_writes_to))[0] == 550


async def test_MAIL_10_an_answer_to_the_notice_is_an_appeal(relay: Relay, talk: Conversation):
    await strict(relay, talk)
    assert (await talk.answer(AWAY))[0] == 550
    notice = await told(relay, talk.seller, "nicht zugestellt")
    assert "eine E-Mail-Adresse" in notice.get_content()
    reply = talk.message(talk.seller, notice["Reply-To"], "Das ist die Adresse des Herstellers.")
    reply["In-Reply-To"] = notice["Message-ID"]
    assert (await talk.send(reply, talk.seller, notice["Reply-To"]))[0] == 250
    (blocked,) = (await call(relay, talk, "GET", "/held-messages", "reviewer"))[1]["items"]
    assert blocked["appealed_at"] is not None
    assert "Ihre Gründe" in (await told(relay, talk.seller, "sieht Ihre Nachricht an")).get_content()


async def test_K2_all_who_have_written_are_told_of_a_version_once(relay: Relay):
    talk, other = await relay.converse(), await relay.converse()
    for one in (talk, other):
        await one.ask()
        await one.answer()
    begins = relay.house.clock.now() + 20 * DAY
    await publish(relay, talk, valid_from=begins)
    assert sorted(await notices(relay, talk, 2)) == [("buyer", "policy_announced"), ("seller", "policy_announced")]
    await talk.ask()

    async def announced() -> bool:
        return (await call(relay, talk, "GET", "/policies/1", "customer"))[1]["announced_at"] is not None

    await until(announced, what="the announcement")
    assert len(await notices(relay, talk, 2)) == 2
    assert await notices(relay, other, 0) == []


async def test_K4_orders_open_no_conversation_where_first_contacts_alone_are_covered(relay: Relay, talk: Conversation):
    at = relay.house.clock.now() + timedelta(seconds=1)
    await publish(relay, talk, valid_from=at, urgency="danger", coverage="first_contact")
    claims = relay.house.accounts.person_claims("Erika Musterfrau", talk.buyer)
    before = placed(relay.house, talk.tenant, claims, uuid4(), uuid4())
    relay.house.shift_clock(2)
    after = placed(relay.house, talk.tenant, claims, uuid4(), uuid4())
    await relay.house.publish(before)
    await relay.house.publish(after)
    await relay.house.settled()
    rows = await relay.house.sql("select order_id from conversations where tenant = $1", talk.tenant)
    assert {row["order_id"] for row in rows} == {talk.order, before.order}
    # what was begun goes on, and a first contact is taken as before
    assert (await talk.ask())[0] == 250
    token = relay.house.accounts.token(uuid4(), "customer", tenant=talk.tenant, **claims)
    async with relay.house.http.post(
        "/conversations", json={"seller": "kontor"}, headers=relay.house.bearer(token)
    ) as answer:
        assert answer.status == 200


async def strict(relay: Relay, talk: Conversation, kinds: tuple[str, ...] = ("email",)) -> None:
    """Let a version that blocks these kinds act at once."""
    measures = {kind: {"action": "block", "threshold": 0.5} for kind in kinds}
    at = relay.house.clock.now() + timedelta(seconds=1)
    assert (await publish(relay, talk, valid_from=at, urgency="danger", measures=measures))[0] == 201
    relay.house.shift_clock(2)


async def publish(relay: Relay, talk: Conversation, **policy: Any) -> tuple[int, Any]:
    policy["valid_from"] = policy["valid_from"].isoformat()
    return await call(relay, talk, "POST", "/policies", "sales", policy)


async def call(
    relay: Relay, talk: Conversation, method: str, path: str, role: str, body: Any = None, subject: Any = None
) -> tuple[int, Any]:
    token = relay.house.accounts.token(subject or uuid4(), role, tenant=talk.tenant)
    headers = {**relay.house.bearer(token), "Idempotency-Key": str(uuid4())}
    async with relay.house.http.request(method, path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def judged(relay: Relay, talk: Conversation) -> list[tuple[str, int, str, str]]:
    async def settled() -> list[tuple[str, int, str, str]] | None:
        rows = await relay.house.sql(
            "select action, version, kind, state from judgements j join messages m on m.id = j.message_id "
            "where conversation_id = $1 order by number",
            talk.id,
        )
        found = [tuple(row) for row in rows]
        return found if found and all(state != "waiting" for *_, state in found) else None

    return await until(settled, what="judgements")


async def notices(relay: Relay, talk: Conversation, at_least: int) -> list[tuple[str, str]]:
    """Whom the relay has told what, in order."""

    async def enough() -> list[tuple[str, str]] | None:
        rows = await relay.house.sql("select side, kind from notices where conversation_id = $1 order by id", talk.id)
        return [tuple(row) for row in rows] if len(rows) >= at_least else None

    await relay.house.settled()
    return (await enough() or []) if at_least == 0 else await until(enough, what=f"{at_least} notices")


async def told(relay: Relay, address: str, subject: str) -> EmailMessage:
    """The notice with these words in its subject."""

    async def there() -> EmailMessage | None:
        read = [message_from_bytes(raw, policy=SMTP) for raw in relay.next_server.to(address)]
        return next((one for one in read if subject in one["Subject"]), None)

    return await until(there, what=subject)


async def refusals(relay: Relay, talk: Conversation) -> list[MessageRefused]:
    async def there() -> list[MessageRefused]:
        found = await relay.house.published(MessageRefused, at_least=0)
        return [one for one in found if one.conversation == talk.id]

    return await until(there, what="MessageRefused")
