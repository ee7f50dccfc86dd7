"""Reviewers see all conversations of their tenant, and that they do is in the audit log. MAIL-7 PLT-1"""

from typing import Any
from uuid import uuid4

from .conftest import Relay
from .people import Conversation

PATH = "/all-conversations"


async def listed(relay: Relay, role: str, tenant: str, **query: str) -> tuple[int, Any]:
    """What somebody of a tenant is answered."""
    headers = relay.house.bearer(relay.house.accounts.token(uuid4(), role, tenant=tenant))
    async with relay.house.http.get(PATH, params=query, headers=headers) as answer:
        return answer.status, await answer.json()


async def all_of(relay: Relay, tenant: str, **query: str) -> list[str]:
    """All conversations that a reviewer finds, turning over a page of one at a time."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        at = {"cursor": cursor} if cursor else {}
        status, page = await listed(relay, "reviewer", tenant, limit="1", **query, **at)
        assert status == 200, page
        found += [one["conversation"] for one in page["items"]]
        cursor = page["next"]
    return found


async def test_a_reviewer_finds_conversations_and_each_reading_is_recorded(relay: Relay, talk: Conversation):
    _, page = await listed(relay, "reviewer", talk.tenant, limit="50")
    (one,) = [each for each in page["items"] if each["conversation"] == str(talk.id)]
    assert one["order"] == str(talk.order)
    assert {"subject", "text", "email", "name"}.isdisjoint(one)
    whole = await all_of(relay, talk.tenant)
    assert str(talk.id) in whole
    assert len(whole) == len(set(whole))
    for query in (
        {"seller": one["seller"], "customer": one["customer"]},
        {"number": one["order_number"].lower(), "customer": one["customer"]},
    ):
        assert str(talk.id) in await all_of(relay, talk.tenant, **query)
    for query in ({"seller": "nobody"}, {"number": "K-0"}, {"customer": str(uuid4())}):
        assert await all_of(relay, talk.tenant, **query) == []
    rows = await relay.house.sql(
        "select count(*) from chassis.audit where object_id = $1 and purpose = 'list of conversations'", str(talk.id)
    )
    assert rows[0]["count"] >= 4


async def test_nobody_else_lists_them(relay: Relay, talk: Conversation):
    for role in ("sales", "support", "bookkeeping", "files", "administrator", "customer", "service"):
        assert (await listed(relay, role, talk.tenant))[0] == 403, role
    assert (await relay.house.http.get(PATH)).status == 401
    _, page = await listed(relay, "reviewer", "elsewhere")
    assert page["items"] == []
