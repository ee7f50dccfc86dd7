"""No caller takes all connections to the database, so that the others are served. F-A10"""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.db import DatabaseBusy
from chassis.identity.tokens import Caller
from chassis.web.shares import Shares
from chassis_testing import Harness
from chassis_testing.harness import until
from probe import script


async def write(probe: Harness, caller: UUID, host: UUID) -> int:
    headers = probe.bearer(probe.accounts.token(caller, "customer"), **{"Idempotency-Key": uuid4().hex})
    async with probe.http.post("/notes", json={"host": str(host), "text": "a note"}, headers=headers) as answer:
        return answer.status


async def test_F_A10_who_asks_for_much_at_once_leaves_connections_for_the_others(probe: Harness):
    host, go, begun = uuid4(), asyncio.Event(), list[Any]()

    async def wait(event: Any) -> None:
        begun.append(event)
        await go.wait()

    script.always[host] = wait

    async def busy() -> bool:
        return len(begun) >= 5

    greedy = uuid4()
    asked = [asyncio.create_task(write(probe, greedy, host)) for _ in range(20)]
    try:
        await until(busy, what="transactions that are open")
        assert [await write(probe, uuid4(), uuid4()) for _ in range(5)] == [201] * 5
        assert len(begun) == 5
    finally:
        go.set()
    assert await asyncio.gather(*asked) == [201] * 20


async def test_who_waits_for_their_own_requests_does_not_do_so_for_ever():
    found, caller = Shares(1, wait_seconds=0.01), Caller("x", "kontor", frozenset({"customer"}), {})
    async with found.of(caller):
        with pytest.raises(DatabaseBusy):
            async with found.of(caller):
                pass
        async with found.of(Caller("x", "other", frozenset({"customer"}), {})):
            pass
    async with found.of(caller):
        pass
    assert found.by_caller == {}
