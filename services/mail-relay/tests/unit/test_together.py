"""Messages that are kept together, where PostgreSQL ends one of two transactions that wait for each other."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import asyncpg
import pytest
from mail_relay.domain.alias import Domains
from mail_relay.domain.policy.limits import Limits
from mail_relay.smtp.together import REPEATS, Together


def together(lost: int) -> Together:
    """Keep messages in transactions of which the first ones lose a deadlock."""
    left = iter(range(lost))

    @asynccontextmanager
    async def begin() -> AsyncGenerator[Any]:
        yield None
        for _ in left:
            raise asyncpg.DeadlockDetectedError("deadlock detected")

    return Together(cast("Any", begin), Domains("mail.example", {}), Limits(1, 1))


async def test_what_lost_a_deadlock_is_kept_by_the_next_transaction():
    assert await together(REPEATS).keep([]) == []


async def test_what_loses_every_time_is_not_kept():
    with pytest.raises(asyncpg.DeadlockDetectedError):
        await together(REPEATS + 1).keep([])
