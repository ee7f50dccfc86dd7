from uuid import uuid4

import asyncpg
from chassis_testing import databases
from chassis_testing.stack import Infrastructure
from payments.__main__ import service
from payments.store import ledgers


async def test_what_a_payment_asks_again_and_again_is_not_planned_anew(infrastructure: Infrastructure):
    async with databases.fresh(infrastructure.postgres, service) as url:
        connection = await asyncpg.connect(url)
        statement = await connection.prepare(ledgers.LOAD)
        for _ in range(9):
            await statement.fetch("kontor", [uuid4()])
        found = "select generic_plans > 0 from pg_prepared_statements where statement = $1"
        assert await connection.fetchval(found, ledgers.LOAD)
        await connection.close()
