"""A handler gets the access to the database that its signature names."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.db import Tx
from chassis_testing import Harness
from contracts.shared import MeetingLogged
from probe import script
from structlog.testing import capture_logs


async def written(probe: Harness, headers: dict[str, str]) -> str:
    """Write a note and return its id."""
    body = {"host": str(uuid4()), "text": "a note"}
    async with probe.http.post("/notes", json=body, headers={"Idempotency-Key": uuid4().hex, **headers}) as answer:
        return (await answer.json())["id"]


async def use(probe: Harness, note: str, headers: dict[str, str]) -> tuple[int, Any]:
    async with probe.http.post(f"/notes/{note}/quick-uses", headers=headers) as answer:
        return answer.status, await answer.json()


async def published(probe: Harness, note: str) -> int:
    await probe.settled()
    return len([e for e in await probe.published(MeetingLogged) if str(e.host) == note])


async def test_a_handler_writes_once_and_publishes_without_a_transaction(probe: Harness):
    headers = probe.bearer(probe.accounts.token(uuid4(), "customer"))
    note = await written(probe, headers)
    for uses in (1, 2):
        status, view = await use(probe, note, headers)
        assert (status, view["uses"]) == (200, uses)
    assert await published(probe, note) == 2


@pytest.mark.parametrize(("role", "first"), [("enrolling", "second factor"), ("confirming", "e-mail address")])
async def test_who_has_to_do_something_first_is_told_what(probe: Harness, role: str, first: str):
    headers = probe.bearer(probe.accounts.token("somebody", role))
    async with probe.http.post(f"/notes/{uuid4()}/uses", headers=headers) as answer:
        assert (answer.status, first in (await answer.json())["title"]) == (403, True)


async def test_who_is_refused_leaves_a_line_with_ids_and_nothing_else(probe: Harness):
    caller = uuid4()
    headers = probe.bearer(probe.accounts.token(caller, "customer"))
    with capture_logs() as logs:
        for sent in ({"Authorization": "Bearer erika@example.org"}, {}):
            async with probe.http.get("/notes", headers=sent) as answer:
                assert answer.status == 401
        async with probe.http.post(f"/notes/{uuid4()}/uses", headers=headers) as answer:
            assert answer.status == 403
        async with probe.http.get(f"/notes/{uuid4()}", headers=headers) as answer:
            assert answer.status == 404
        for _ in range(2):
            async with probe.http.post("/knocks", json={"word": "erika"}) as answer:
                await answer.read()
    refused = {"event": "refused", "log_level": "warning"}
    unauthenticated = {**refused, "route": "GET /notes", "status": 401, "kind": "unauthenticated"}
    ids = {"tenant": "kontor", "subject": str(caller)}
    knock = {**refused, "route": "POST /knocks"}
    assert [line for line in logs if line["event"] == "refused"] == [
        unauthenticated,
        unauthenticated,
        {**refused, "route": "POST /notes/{note}/uses", "status": 403, "kind": "forbidden", **ids},
        {**knock, "status": 401, "kind": "not-let-in"},
        {**knock, "status": 429, "kind": "too-many-requests"},
    ]


async def test_of_handlers_that_read_the_same_one_writes_and_the_others_are_told(probe: Harness):
    headers = probe.bearer(probe.accounts.token(uuid4(), "customer"))
    note, all_have_read = await written(probe, headers), asyncio.Barrier(5)
    await probe.settled()  # the note's own event plays what is planned for it, too

    async def wait(_: Tx | None) -> None:
        await all_have_read.wait()

    script.planned[UUID(note)] = [wait] * 5
    answers = await asyncio.gather(*(use(probe, note, headers) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, *[409] * 4]
    assert {content["type"] for status, content in answers if status == 409} == {"/problems/note-changed"}
    assert await published(probe, note) == 1
