"""A request that is repeated while the service's secret is exchanged takes effect once."""

from uuid import uuid4

import pytest
from chassis.config.clock import Clock
from chassis.db.database import Database
from chassis.web.idempotency import OTHER_BODY, anonymous, attempt, hmac_key
from chassis.web.problems import Problem
from chassis_testing import Harness

OLD, NEW = hmac_key("old"), hmac_key("new")


@pytest.mark.parametrize(("before", "after"), [([OLD], [OLD, NEW]), ([OLD, NEW], [NEW, OLD]), ([NEW, OLD], [NEW])])
async def test_a_key_that_was_kept_under_the_other_secret_is_known(
    probe: Harness, before: list[bytes], after: list[bytes]
):
    database = Database(probe.database_url, "probe", Clock(), 2)
    await database.open()
    sent, operation = [uuid4().hex], ("POST", "/notes")

    def request(keys: list[bytes], body: bytes = b"{}"):
        return attempt(sent, "", lambda key: anonymous("192.0.2.1", key), operation, body, keys)

    try:
        async with database.begin() as tx:
            first = request(before)
            assert await first.claim(tx, tx) is None
            await first.settle(tx, 201, {"note": "1"})
        async with database.begin() as tx:
            assert await request(after).claim(tx, tx) == {"note": "1"}
            with pytest.raises(Problem) as refused:
                await request(after, b"[]").claim(tx, tx)
            assert refused.value is OTHER_BODY
            assert await request([hmac_key("another")]).claim(tx, tx) is None
    finally:
        await database.close()
