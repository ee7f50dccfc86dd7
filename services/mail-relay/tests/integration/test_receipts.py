"""A buyer says that nothing has come, but the record proves that it has: no silence decides that (MAIL-8)."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing.harness import until
from contracts.delivery import DownloadCompleted, DownloadGranted

from .conftest import Relay
from .people import Conversation

DAYS = timedelta(days=1).total_seconds()
TERMS = {"contact": 48, "statement": 72, "appeal": 120, "answer": 24, "weekends_count": True}
FILES = (UUID(int=1), UUID(int=2))
TEXT = "Der Link war leer: bitte schicken Sie mir die Datei.\r\n\r\nÄrgerlich."


async def _call(relay: Relay, talk: Conversation, who: str, method: str, path: str, body: Any = None) -> Any:
    (row,) = await relay.house.sql("select customer_id from conversations where id = $1", talk.id)
    subject = row["customer_id"] if who == "customer" else uuid4()
    headers = relay.house.bearer(relay.house.accounts.token(subject, who, tenant=talk.tenant))
    async with relay.house.http.request(method, path, json=body, headers=headers) as answer:
        return await answer.json() if answer.status == 200 else answer.status


async def _claimed(relay: Relay, talk: Conversation, text: str = "") -> tuple[UUID, list[UUID]]:
    """The claim of a buyer who has asked, waited, and says that nothing has come; and its units."""
    await _call(relay, talk, "sales", "PUT", "/claim-terms", TERMS)
    assert (await talk.ask())[0] == 250
    await relay.next_server.one(talk.seller)
    relay.house.shift_clock(2 * DAYS + 1)
    body = {"reason": "not_received", "text": text}
    view = await _call(relay, talk, "customer", "POST", f"/conversations/{talk.id}/claims", body)
    # the seller has been told
    await relay.next_server.one(talk.seller, 2)
    return UUID(view["claim"]), [UUID(unit) for unit in view["units"]]


def _granted(talk: Conversation, units: list[UUID]) -> DownloadGranted:
    files = [{**DownloadGranted.EXAMPLE["files"][0], "file": file} for file in FILES]
    facts = {"tenant": talk.tenant, "order": talk.order, "units": units, "files": files}
    return DownloadGranted.model_validate({**DownloadGranted.EXAMPLE, **facts})


def _completed(talk: Conversation, file: UUID) -> DownloadCompleted:
    facts = {"tenant": talk.tenant, "order": talk.order, "file": file, "session": uuid4()}
    return DownloadCompleted.model_validate({**DownloadCompleted.EXAMPLE, **facts})


async def _ended(relay: Relay, talk: Conversation, claim: UUID) -> str:
    """The state of a claim once its clock has run out."""
    relay.house.shift_clock(3 * DAYS + 1)

    async def moved() -> str | None:
        found = await _call(relay, talk, "reviewer", "GET", f"/claims/{claim}")
        return found["state"] if found["state"] != "open" else None

    return await until(moved, what="the clock to decide")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_MAIL_8_what_has_arrived_is_not_refunded_by_silence_whatever_comes_first(
    relay: Relay, talk: Conversation, order: tuple[int, ...]
):
    claim, units = await _claimed(relay, talk)
    events = [_granted(talk, units), *(_completed(talk, file) for file in FILES)]
    for number in (*order, order[0]):
        await relay.house.publish(events[number])
    await relay.house.settled()
    assert await _ended(relay, talk, claim) == "review"
    assert [one["claim"] for one in (await _call(relay, talk, "reviewer", "GET", "/claims"))["items"]] == [str(claim)]
    body = {"outcome": "for_seller", "grounds": "shown_by_seller"}
    assert (await _call(relay, talk, "reviewer", "POST", f"/claims/{claim}/decision", body))["state"] == "decided"


async def test_MAIL_8_a_file_that_is_missing_still_leaves_silence_to_decide(relay: Relay, talk: Conversation):
    claim, units = await _claimed(relay, talk)
    await relay.house.publish(_granted(talk, units))
    await relay.house.publish(_completed(talk, FILES[0]))
    await relay.house.settled()
    assert await _ended(relay, talk, claim) == "final"


async def test_MAIL_8_what_a_buyer_types_with_a_claim_is_a_statement_that_reviewers_read(
    relay: Relay, talk: Conversation
):
    claim, _ = await _claimed(relay, talk, TEXT)
    found = await _call(relay, talk, "reviewer", "GET", f"/claims/{claim}")
    (statement,) = found["statements"]
    assert statement["side"] == "buyer"
    case = await _call(relay, talk, "reviewer", "GET", f"/conversations/{talk.id}/case?purpose=dispute")
    (message,) = [one for one in case["messages"]["items"] if one["message"] == statement["message"]]
    assert message["text"].split() == TEXT.split()
    assert message["state"] == "filed"
    # what is refused is no message
    path = f"/conversations/{talk.id}/claims"
    assert await _call(relay, talk, "customer", "POST", path, {"reason": "other", "text": "Noch einmal"}) == 409
    assert await _call(relay, talk, "customer", "POST", path, {"reason": "other", "text": "x" * 4001}) == 422
    rows = await relay.house.sql("select count(*) as count from messages where conversation_id = $1", talk.id)
    assert rows[0]["count"] == 2
