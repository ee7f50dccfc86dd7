"""Customers read their conversations on a page: as it was handed to them, and nobody else's (MAIL-7)."""

from typing import Any
from uuid import UUID, uuid4

from aiohttp.typedefs import LooseHeaders
from chassis_testing.harness import until
from contracts.accounts import TenantChanged
from mail_relay.domain.thread import MOST_OPENED
from mail_relay.web.threads import READS

from .clamd import EICAR
from .conftest import Relay
from .people import Conversation, open_tenant
from .test_policies import call
from .test_writers import WRITERS, add


async def customer_of(relay: Relay, talk: Conversation) -> UUID:
    (row,) = await relay.house.sql("select customer_id from conversations where id = $1", talk.id)
    return row["customer_id"]


def bearer(relay: Relay, talk: Conversation, caller: UUID, tenant: str = "") -> LooseHeaders:
    return relay.house.bearer(relay.house.accounts.token(caller, "customer", tenant=tenant or talk.tenant))


async def thread(relay: Relay, talk: Conversation, path: str = "thread") -> dict[str, Any]:
    headers = bearer(relay, talk, await customer_of(relay, talk))
    async with relay.house.http.get(f"/conversations/{talk.id}/{path}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def fetched(relay: Relay, talk: Conversation, message: object, number: int | str = 1) -> tuple[int, bytes, Any]:
    headers = bearer(relay, talk, await customer_of(relay, talk))
    path = f"/conversations/{talk.id}/thread/{message}/files/{number}"
    async with relay.house.http.get(path, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def settled(relay: Relay, talk: Conversation, count: int) -> None:
    async def all_are() -> bool:
        states = await relay.house.sql("select state from messages where conversation_id = $1", talk.id)
        return len(states) >= count and all(row["state"] != "waiting" for row in states)

    await until(all_are, what="that all is settled")


def words(message: dict[str, Any]) -> str:
    return "\n".join(one["text"] for one in message["passages"])


async def test_MAIL_7_a_customer_reads_both_sides_and_never_the_sellers_address(relay: Relay, talk: Conversation):
    await talk.ask("Läuft es auf ARM?")
    page = f"<p>Ja.</p><style>p {{}}</style><script>x</script><p>--<br>{talk.seller}</p>"
    page += f"<blockquote>{talk.seller} schrieb</blockquote>"
    answer = talk.message(talk.seller, talk.seller_writes_to)
    answer.set_content(page, subtype="html")
    await talk.send(answer, talk.seller, talk.seller_writes_to)
    await settled(relay, talk, 2)
    found = await thread(relay, talk)
    newest, oldest = found["messages"]["items"]
    assert (oldest["written_by"], words(oldest), oldest["is_new"]) == ("buyer", "Läuft es auf ARM?", False)
    assert (newest["written_by"], newest["state"], newest["is_new"]) == ("seller", "relayed", True)
    assert words(newest).startswith("Ja.")
    assert talk.seller not in str(found)
    assert "script" not in words(newest)
    assert found["conversation"]["seller_name"] == "Kontor Software GmbH"


async def test_an_address_that_the_seller_had_before_stays_hidden(relay: Relay, talk: Conversation):
    colleague = "anna.beispiel@seller.example"
    await add(relay, talk, colleague)
    (_, writer) = await add(relay, talk, "bernd.muster7@seller.example")
    text = f"Ja.\n\n-- \nAnna, Bernd: bernd.muster7@seller.example\nService {talk.seller}"
    message = talk.message(colleague, talk.seller_writes_to, text)
    assert (await talk.send(message, colleague, talk.seller_writes_to))[0] == 250
    await settled(relay, talk, 1)
    (first,) = (await thread(relay, talk))["messages"]["items"]
    assert "seller.example" not in words(first)
    await call(relay, talk, "DELETE", f"{WRITERS}/{writer['writer']}", "sales")
    await open_tenant(relay.house, talk.tenant, "neu@seller.example", kind=TenantChanged)

    async def changed() -> bool:
        rows = await relay.house.sql("select email from sellers where tenant = $1", talk.tenant)
        return rows[0]["email"] == "neu@seller.example"

    await until(changed, what="the new address")
    (again,) = (await thread(relay, talk))["messages"]["items"]
    assert words(again) == words(first)


async def test_what_is_quoted_is_told_apart(relay: Relay, talk: Conversation):
    await talk.answer("Ja.\n\nAm 3. Mai 2026 um 10:03 schrieb Kunde:\n> Läuft es?\n> Danke")
    await settled(relay, talk, 1)
    (one,) = (await thread(relay, talk))["messages"]["items"]
    assert [(part["quoted"], part["text"].split("\n")[0]) for part in one["passages"]] == [
        (False, "Ja."),
        (True, "Am 3. Mai 2026 um 10:03 schrieb Kunde:"),
    ]


async def test_what_is_held_back_is_not_there_and_what_the_customer_wrote_is(relay: Relay, talk: Conversation):
    await talk.answer("Bitte auf DE02 1203 0000 0000 2020 51.")
    await talk.ask("Bitte auf DE02 1203 0000 0000 2020 51.")
    await settled(relay, talk, 2)
    found = await thread(relay, talk)
    assert [(one["written_by"], one["state"]) for one in found["messages"]["items"]] == [("buyer", "held")]
    (row,) = await relay.house.sql("select id from messages where conversation_id = $1 and side = 'seller'", talk.id)
    assert (await fetched(relay, talk, row["id"]))[0] == 404
    assert found["conversation"]["unread"] == 0


async def test_a_page_opens_no_more_than_so_many_octets(relay: Relay, talk: Conversation):
    for number in range(4):
        await talk.answer(f"Nummer {number}")
        await settled(relay, talk, number + 1)
    # as if they had large files; of the first not
    large = "update messages set size = $2 where conversation_id = $1 and number > 1"
    await relay.house.sql(large, talk.id, MOST_OPENED // 5 * 2)
    pages: list[list[str]] = []
    path = "thread?limit=100"
    while path:
        found = (await thread(relay, talk, path))["messages"]
        pages.append([words(one) for one in found["items"]])
        path = f"thread?limit=100&cursor={found['next']}" if found["next"] else ""
    # two of the large ones fit, and a small one beside the last
    assert pages == [["Nummer 3", "Nummer 2"], ["Nummer 1", "Nummer 0"]]


async def test_a_customer_reads_so_often_and_no_more(relay: Relay, talk: Conversation):
    await talk.answer("Ja.")
    await settled(relay, talk, 1)
    headers = bearer(relay, talk, await customer_of(relay, talk))
    statuses: list[int] = []
    while 429 not in statuses and len(statuses) < READS.calls * 3:
        async with relay.house.http.get(f"/conversations/{talk.id}/thread", headers=headers) as answer:
            statuses.append(answer.status)
    assert statuses[-1] == 429
    assert len(statuses) > READS.calls


async def test_files_are_fetched_as_files_and_only_after_the_scanner(relay: Relay, talk: Conversation):
    message = talk.message(talk.seller, talk.seller_writes_to)
    content = b"%PDF-1.4 <script>alert(1)</script>"
    message.add_attachment(content, maintype="application", subtype="pdf", filename='../../etc/Größe"\u202e.pdf')
    await talk.send(message, talk.seller, talk.seller_writes_to)
    infected = talk.message(talk.buyer, talk.buyer_writes_to)
    infected.add_attachment(EICAR, maintype="text", subtype="plain", filename="lies.txt")
    await talk.send(infected, talk.buyer, talk.buyer_writes_to)
    await settled(relay, talk, 2)
    own, given = (await thread(relay, talk))["messages"]["items"]
    assert (own["state"], own["fetchable"], own["files"][0]["name"]) == ("held", False, "lies.txt")
    assert (await fetched(relay, talk, own["message"]))[0] == 404
    assert (given["fetchable"], given["files"][0]["size"]) == (True, len(content))
    status, body, headers = await fetched(relay, talk, given["message"])
    assert (status, body, headers["Content-Type"]) == (200, content, "application/octet-stream")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    named = headers["Content-Disposition"]
    assert named.startswith("attachment;")
    assert "/" not in named
    assert "%E2%80%AE" not in named
    assert "Gr%C3%B6%C3%9Fe" in named
    for number, answered in ((2, 404), (0, 404), ("x", 404), ("..%2f1", 404)):
        assert (await fetched(relay, talk, given["message"], number))[0] == answered
    relay.clamd.away = True
    try:
        assert (await fetched(relay, talk, given["message"]))[0] == 503
    finally:
        relay.clamd.away = False


async def test_nobody_else_reads_or_marks_it(relay: Relay, talk: Conversation):
    message = talk.message(talk.seller, talk.seller_writes_to)
    message.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="a.pdf")
    await talk.send(message, talk.seller, talk.seller_writes_to)
    await settled(relay, talk, 1)
    (given,) = (await thread(relay, talk))["messages"]["items"]
    customer, other = await customer_of(relay, talk), await relay.converse("max@buyer.example")
    strangers = [
        bearer(relay, talk, uuid4()),
        bearer(relay, talk, customer, tenant=other.tenant),
        relay.house.bearer(relay.house.accounts.token(customer, "support", tenant=talk.tenant)),
    ]
    files = f"thread/{given['message']}/files/1"
    for headers, answered in zip(strangers, (404, 404, 403), strict=True):
        for path in ("thread", files):
            async with relay.house.http.get(f"/conversations/{talk.id}/{path}", headers=headers) as answer:
                assert answer.status == answered
        async with relay.house.http.post(
            f"/conversations/{talk.id}/seen", json={"number": 1}, headers=headers
        ) as answer:
            assert answer.status == answered
    # a message of one conversation is not found in another
    headers = bearer(relay, other, await customer_of(relay, other))
    async with relay.house.http.get(f"/conversations/{other.id}/{files}", headers=headers) as answer:
        assert answer.status == 404
    assert await relay.house.sql("select 1 from chassis.audit where object_id = $1", str(talk.id)) == []


async def test_the_list_says_what_came_last_and_what_is_not_read(relay: Relay, talk: Conversation):
    async def listed() -> tuple[str | None, int]:
        headers = bearer(relay, talk, await customer_of(relay, talk))
        async with relay.house.http.get("/conversations", headers=headers) as answer:
            (one,) = (await answer.json())["items"]
            return one["last_by"], one["unread"]

    assert await listed() == (None, 0)
    await talk.answer("Eins")
    await settled(relay, talk, 1)
    await talk.answer("Zwei")
    await settled(relay, talk, 2)
    assert await listed() == ("seller", 2)
    headers = bearer(relay, talk, await customer_of(relay, talk))
    for number in (1, 0):
        async with relay.house.http.post(
            f"/conversations/{talk.id}/seen", json={"number": number}, headers=headers
        ) as answer:
            assert answer.status == 204
    assert await listed() == ("seller", 1)
    first = await thread(relay, talk, "thread?limit=1")
    assert [one["is_new"] for one in first["messages"]["items"]] == [True]
    second = await thread(relay, talk, f"thread?limit=1&cursor={first['messages']['next']}")
    assert [(words(one), one["is_new"]) for one in second["messages"]["items"]] == [("Eins", False)]
