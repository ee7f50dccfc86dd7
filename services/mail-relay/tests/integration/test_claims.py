"""A claim is settled by two people with ordinary mail programs and a reviewer (MAIL-8, MAIL-15, K9, K11)."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until
from contracts.accounts import KeyDestroyed
from contracts.event import Event
from contracts.mail_relay import ClaimDecided, ClaimOpened

from .conftest import Relay
from .people import Conversation
from .test_policies import publish

DAYS = timedelta(days=1).total_seconds()
TERMS = {"contact": 48, "statement": 72, "appeal": 120, "answer": 24, "weekends_count": True}


async def _call(relay: Relay, talk: Conversation, role: str, method: str, path: str, body: Any = None) -> Any:
    """What staff is answered, with its status where it is refused."""
    token = relay.house.accounts.token(uuid4(), role, tenant=talk.tenant)
    headers = relay.house.bearer(token)
    async with relay.house.http.request(method, path, json=body, headers=headers) as answer:
        return await answer.json() if answer.status == 200 else answer.status


async def _desk(relay: Relay, talk: Conversation, side: str) -> str:
    rows = await relay.house.sql(
        "select local_part from aliases where conversation_id = $1 and side = $2 and desk", talk.id, side
    )
    return f"{rows[0]['local_part']}@mail.shop.example"


async def _to_desk(relay: Relay, talk: Conversation, side: str, text: str, **headers: str) -> int:
    sender, desk = getattr(talk, side), await _desk(relay, talk, side)
    return (await talk.send(talk.message(sender, desk, text, **headers), sender, desk))[0]


async def _published(relay: Relay, talk: Conversation, event: type[Event], count: int = 1) -> list[Any]:
    async def there() -> list[Any] | None:
        found = [one for one in await relay.house.published(event, at_least=0) if one.order == talk.order]
        return found if len(found) >= count else None

    return await until(there, what=f"{count} {event.__name__}")


async def _told(relay: Relay, address: str, words: str) -> str:
    """The text of the newest notice to an address that has these words in its subject."""

    async def there() -> str | None:
        found = await relay.next_server.one(address)
        return found.get_content() if words in found["Subject"] else None

    return await until(there, what=f"a notice: {words}")


async def _held(relay: Relay, claim: UUID) -> bool:
    return bool(await relay.house.sql("select from legal_holds where id = $1 and released_at is null", claim))


@pytest.fixture
async def waited(relay: Relay, talk: Conversation) -> Conversation:
    """A buyer who has asked, and whose seller has been silent for two days."""
    assert await _call(relay, talk, "sales", "PUT", "/claim-terms", TERMS) == TERMS
    assert (await talk.ask())[0] == 250
    await relay.next_server.one(talk.seller)
    relay.house.shift_clock(2 * DAYS + 1)
    return talk


async def test_MAIL_8_a_claim_before_the_waiting_time_is_refused_with_a_notice(relay: Relay, talk: Conversation):
    assert await _to_desk(relay, talk, "buyer", "nicht erhalten") == 250
    assert talk.buyer_writes_to in await _told(relay, talk.buyer, "zuerst dem Anbieter")
    await talk.ask()
    assert await _to_desk(relay, talk, "buyer", "nicht erhalten") == 250
    assert "ab" in await _told(relay, talk.buyer, "noch kein Antrag")
    # what is written to the desk goes to nobody else
    assert len(relay.next_server.to(talk.seller)) == 1
    assert await _call(relay, talk, "support", "GET", f"/orders/{talk.order}/claims") == {"items": [], "next": None}


async def test_MAIL_8_silence_opens_the_way_to_a_claim_and_decides_it(relay: Relay, waited: Conversation):
    text = await _told(relay, waited.buyer, "Sie können eine Klärung verlangen")
    assert waited.seller not in text
    assert await _to_desk(relay, waited, "buyer", "Läuft nicht\n\nauf ARM.", Subject="Re: Klärung") == 250
    (opened,) = await _published(relay, waited, ClaimOpened)
    assert await _held(relay, opened.claim)  # MAIL-19
    assert (opened.reason, opened.conversation, len(opened.units)) == ("does_not_run", waited.id, 1)
    assert "läuft nicht" in await _told(relay, waited.buyer, "eröffnet")
    await _told(relay, waited.seller, "Ein Kunde verlangt")
    relay.house.shift_clock(3 * DAYS + 1)
    (decided,) = await _published(relay, waited, ClaimDecided)
    assert (decided.outcome, decided.final, decided.units) == ("for_buyer", True, opened.units)
    assert decided.revision > opened.revision
    assert not await _held(relay, opened.claim)
    await _told(relay, waited.seller, "abgeschlossen")
    took = await _call(relay, waited, "support", "GET", "/claim-durations")  # K8
    assert (took["ended"], took["median_hours"]) == (1, pytest.approx(72, abs=0.1))
    # what was decided once is not claimed again
    assert await _to_desk(relay, waited, "buyer", "nicht erhalten") == 250
    await _told(relay, waited.buyer, "kein Antrag")


async def test_MAIL_8_a_seller_who_could_not_be_told_of_a_claim_has_not_lost_it(relay: Relay, waited: Conversation):
    relay.next_server.answers[waited.seller] = ["550 5.7.1 blocked"]
    await _to_desk(relay, waited, "buyer", "nicht erhalten")
    (opened,) = await _published(relay, waited, ClaimOpened)
    # until they are told, the clock waits
    relay.house.shift_clock(3 * DAYS + 1)

    async def waits() -> Any:
        return (await _call(relay, waited, "reviewer", "GET", "/claims"))["items"]

    assert [one["claim"] for one in await until(waits, what="a claim to decide")] == [str(opened.claim)]


async def test_MAIL_8_statement_decision_and_appeal_by_mail(relay: Relay, waited: Conversation):
    await _to_desk(relay, waited, "buyer", "nicht wie beschrieben")
    (opened,) = await _published(relay, waited, ClaimOpened)
    decide = f"/claims/{opened.claim}/decision"
    verdict = {"outcome": "for_buyer", "grounds": "shown_by_buyer"}
    assert await _call(relay, waited, "reviewer", "POST", decide, verdict) == 409  # the seller may still answer
    assert await _to_desk(relay, waited, "seller", "Es läuft bei allen anderen: x@elsewhere.example") == 250
    await _told(relay, waited.buyer, "Stellung genommen")
    (due,) = (await _call(relay, waited, "reviewer", "GET", "/claims"))["items"]
    assert due["claim"] == str(opened.claim)
    assert (await _call(relay, waited, "reviewer", "POST", decide, verdict))["state"] == "decided"
    (first,) = await _published(relay, waited, ClaimDecided)
    assert (first.final, first.units) == (False, opened.units)
    # who won has nothing to appeal; who lost has
    await _to_desk(relay, waited, "buyer", "danke")
    await _told(relay, waited.seller, "hinzugefügt")
    await _to_desk(relay, waited, "seller", "Einspruch: das stand in der Beschreibung")
    (_, again) = await _published(relay, waited, ClaimOpened, 2)
    assert again.revision > first.revision
    verdict = {"outcome": "for_seller", "grounds": "shown_by_seller"}
    assert (await _call(relay, waited, "reviewer", "POST", decide, verdict))["state"] == "final"
    (_, last) = await _published(relay, waited, ClaimDecided, 2)
    assert (last.outcome, last.units, last.final) == ("for_seller", [], True)
    case = await _call(relay, waited, "reviewer", "GET", f"/claims/{opened.claim}")
    assert [one["side"] for one in case["statements"]] == ["buyer", "seller", "buyer", "seller"]
    # MAIL-6: the chain of proofs has each decision, and what was decided
    proofs = await relay.house.sql("select fact, details from proofs where about = $1 order by number", opened.claim)
    claimed = [row for row in proofs if row["fact"].startswith("claim_")]
    facts = ["claim_opened", "claim_decided", "claim_appealed", "claim_decided"]
    assert [row["fact"] for row in claimed] == facts
    found = [json.loads(row["details"]) for row in claimed]
    assert [one["revision"] for one in found] == [1, 2, 3, 4]
    decided = [(one["outcome"], one["granted"], one["final"]) for one in found if one["final"] or one["granted"]]
    granted = str(opened.units[0])
    assert decided == [("for_buyer", granted, 0), ("for_buyer", granted, 0), ("for_seller", "", 1)]


async def test_MAIL_8_a_buyer_takes_a_claim_back_by_mail(relay: Relay, waited: Conversation):
    await _to_desk(relay, waited, "buyer", "nicht erhalten")
    await _published(relay, waited, ClaimOpened)
    await _to_desk(relay, waited, "buyer", "Danke!", Subject="[erledigt] Re: Klärung")
    (decided,) = await _published(relay, waited, ClaimDecided)
    assert (decided.outcome, decided.units, decided.final) == ("withdrawn", [], True)
    await _told(relay, waited.seller, "zurückgenommen")
    # neither the same message, handed over again, nor thanks open another one
    await _to_desk(relay, waited, "buyer", "Danke!", Subject="[erledigt] Re: Klärung")
    await _to_desk(relay, waited, "buyer", "Vielen Dank an alle", Subject="Re: zurückgenommen")
    await relay.house.settled()
    assert len(await _published(relay, waited, ClaimOpened)) == 1
    # whoever names a reason is heard again
    await _to_desk(relay, waited, "buyer", "Es läuft nicht, immer noch", Subject="Klärung")
    await _published(relay, waited, ClaimOpened, 2)


async def test_MAIL_8_a_buyer_who_writes_a_lot_does_not_keep_the_seller_from_a_statement(
    relay: Relay, waited: Conversation
):
    await _to_desk(relay, waited, "buyer", "nicht erhalten")
    await _published(relay, waited, ClaimOpened)
    begins = relay.house.clock.now() + timedelta(seconds=1)
    few = {"alias_per_minute": 9, "conversation_per_hour": 4}
    assert (await publish(relay, waited, valid_from=begins, urgency="danger", limits=few))[0] == 201
    relay.house.shift_clock(2)
    codes = [await _to_desk(relay, waited, "buyer", "noch etwas") for _ in range(4)]
    assert codes == [250, 250, 250, 450]
    assert await _to_desk(relay, waited, "seller", "Es wurde geliefert.") == 250


async def test_MAIL_8_who_has_lost_cannot_begin_anew_by_taking_the_claim_back(relay: Relay, waited: Conversation):
    await _to_desk(relay, waited, "buyer", "nicht erhalten")
    (opened,) = await _published(relay, waited, ClaimOpened)
    await _to_desk(relay, waited, "seller", "Doch.")
    verdict = {"outcome": "for_seller", "grounds": "not_shown"}
    decide = f"/claims/{opened.claim}/decision"
    assert (await _call(relay, waited, "reviewer", "POST", decide, verdict))["state"] == "decided"
    await _to_desk(relay, waited, "buyer", "-", Subject="[erledigt]")
    (_, last) = await _published(relay, waited, ClaimDecided, 2)
    assert (last.outcome, last.units, last.final) == ("for_seller", [], True)
    await _to_desk(relay, waited, "buyer", "nicht erhalten")
    await _told(relay, waited.buyer, "kein Antrag")
    assert len(await _published(relay, waited, ClaimOpened)) == 1


async def _withdrawn(relay: Relay, talk: Conversation, customer: dict[str, str]) -> bool:
    """Take back what is open of a customer's claims."""
    async with relay.house.http.get(f"/conversations/{talk.id}/claims", headers=customer) as answer:
        known = (await answer.json())["claims"]
    for one in known:
        async with relay.house.http.post(f"/claims/{one['claim']}/withdrawal", headers=customer) as answer:
            assert answer.status == (200 if one["state"] == "open" else 409)
    return True


async def test_MAIL_8_of_what_is_done_at_once_to_a_claim_one_thing_counts(relay: Relay, waited: Conversation):
    (row,) = await relay.house.sql("select customer_id from conversations where id = $1", waited.id)
    mine = relay.house.bearer(relay.house.accounts.token(row["customer_id"], "customer", tenant=waited.tenant))
    other = relay.house.bearer(relay.house.accounts.token(uuid4(), "customer", tenant=waited.tenant))
    away = relay.house.bearer(relay.house.accounts.token(row["customer_id"], "customer", tenant="elsewhere"))

    async def post(path: str, headers: dict[str, str], body: Any = None) -> int:
        async with relay.house.http.post(path, json=body, headers=headers) as answer:
            return answer.status

    claims, reason = f"/conversations/{waited.id}/claims", {"reason": "other"}
    assert [await post(claims, who, reason) for who in (other, away)] == [404, 404]
    assert sorted(await asyncio.gather(*(post(claims, mine, reason) for _ in range(4)))) == [200, 409, 409, 409]
    (opened,) = await _published(relay, waited, ClaimOpened)
    of = f"/claims/{opened.claim}"
    await _to_desk(relay, waited, "seller", "Doch.")
    assert [await post(f"{of}/{what}", who) for what in ("withdrawal", "appeal") for who in (other, away)] == [404] * 4
    verdict = {"outcome": "for_buyer", "grounds": "agreed"}
    reviewer, foreign = (
        relay.house.bearer(relay.house.accounts.token(uuid4(), "reviewer", tenant=tenant))
        for tenant in (waited.tenant, "elsewhere")
    )
    assert await post(f"{of}/decision", foreign, verdict) == 404
    decisions = (post(f"{of}/decision", reviewer, verdict) for _ in range(3))
    done = await asyncio.gather(*decisions, *(post(f"{of}/withdrawal", mine) for _ in range(2)))
    found = await relay.house.sql("select state, revision from claims where id = $1", opened.claim)
    published = await _published(relay, waited, ClaimDecided)
    assert (sorted(done[:3])[1:], sorted(done[3:])) == ([409, 409], [200, 409])
    assert [(one["state"], one["revision"]) for one in found] == [("withdrawn", max(e.revision for e in published))]
    # nor does it go on for ever until the seller misses one
    tried = [await post(claims, mine, reason) for _ in range(8) if await _withdrawn(relay, waited, mine)]
    assert tried == [200] * 4 + [409] * 4


async def test_MAIL_8_a_seller_is_heard_about_a_claim_whose_buyer_was_erased(relay: Relay, waited: Conversation):
    await _to_desk(relay, waited, "buyer", "nicht erhalten")
    (opened,) = await _published(relay, waited, ClaimOpened)
    (row,) = await relay.house.sql("select customer_id, contact_key_id from conversations where id = $1", waited.id)
    gone = {**KeyDestroyed.EXAMPLE, "tenant": waited.tenant, "kind": "contact"}
    ids = {"customer": row["customer_id"], "key": row["contact_key_id"]}
    await relay.house.publish(KeyDestroyed.model_validate({**gone, **ids}))
    await relay.house.settled()
    assert await _to_desk(relay, waited, "buyer", "noch etwas") == 550
    assert (await waited.answer())[0] == 550
    assert await _to_desk(relay, waited, "seller", "Es wurde geliefert.") == 250
    case = await _call(relay, waited, "reviewer", "GET", f"/conversations/{waited.id}/case?purpose=dispute")
    assert [(one["claim"], one["state"]) for one in case["claims"]] == [(str(opened.claim), "review")]


async def test_MAIL_9_what_was_answered_late_is_counted_and_what_needs_none_is_not(relay: Relay, talk: Conversation):
    await _call(relay, talk, "sales", "PUT", "/claim-terms", TERMS)
    await talk.ask("Danke!")
    assert await _to_desk(relay, talk, "seller", "-", Subject="[keine Antwort nötig]") == 250
    rates = "/sellers/kontor/late-rates"
    relay.house.shift_clock(2 * DAYS)
    assert await _call(relay, talk, "support", "GET", rates) == {"days_7": None, "days_30": None, "days_90": None}
    await talk.ask("Noch etwas")
    relay.house.shift_clock(DAYS + 60)
    assert (await _call(relay, talk, "support", "GET", rates))["days_7"] == 1
    await talk.answer()
    await talk.ask("Und das?")
    await talk.answer()
    assert (await _call(relay, talk, "support", "GET", rates))["days_7"] == 0.5


@pytest.mark.parametrize("side", ["buyer", "seller"])
async def test_MAIL_1_MAIL_17_either_side_closes_a_conversation_by_mail(relay: Relay, talk: Conversation, side: str):
    own, other = (talk.ask, talk.answer) if side == "buyer" else (talk.answer, talk.ask)
    assert await _to_desk(relay, talk, side, "[schließen]\n\nGenug.") == 250
    assert "[öffnen]" in await _told(relay, getattr(talk, side), "geschlossen")
    assert [(await other())[0], (await own())[0]] == [550, 250]
    assert await _to_desk(relay, talk, side, "-", Subject="Re: [REOPEN] Klärung") == 250
    await _told(relay, getattr(talk, side), "wieder offen")
    assert (await other())[0] == 250


async def test_MAIL_8_a_seller_who_closes_is_not_waited_for(relay: Relay, talk: Conversation):
    assert await _to_desk(relay, talk, "seller", "[close]") == 250
    assert (await talk.ask())[0] == 550
    assert await _to_desk(relay, talk, "buyer", "nicht erhalten") == 250
    await _published(relay, talk, ClaimOpened)
    # to close is no statement
    assert await _to_desk(relay, talk, "seller", "[close]") == 250
    (claim,) = (await _call(relay, talk, "support", "GET", f"/orders/{talk.order}/claims"))["items"]
    assert claim["state"] == "open"
