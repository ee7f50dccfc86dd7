"""How PostgreSQL would run the statements of a service on tables that are full."""

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import asyncpg
import orjson
from chassis.db.connections import OwnConnection
from chassis.service.service import Service

from chassis_testing import databases
from chassis_testing.stack import Infrastructure


def statements(*modules: ModuleType) -> dict[str, str]:
    """Return the statements with parameters of some modules of a store, by module and name."""
    return {
        f"{module.__name__.rpartition('.')[2]} {name.lower()}": sql
        for module in modules
        for name, sql in vars(module).items()
        if isinstance(sql, str) and "$1" in sql
    }


@asynccontextmanager
async def filled(infrastructure: Infrastructure, service: Service[Any], fill: str) -> AsyncGenerator[OwnConnection]:
    """Give a connection to a database of its own with the service's tables, filled and analyzed."""
    async with databases.fresh(infrastructure.postgres, service) as url:
        connection: OwnConnection = await asyncpg.connect(url)
        await connection.execute(fill)
        # alone, for within a transaction it would keep the catalogs of all databases locked
        await connection.execute("analyze")
        yield connection
        await connection.close()


async def plan(connection: OwnConnection, sql: str, *arguments: Any) -> dict[str, Any]:
    """Return the plan of a statement with these arguments."""
    return orjson.loads(await connection.fetchval(f"explain (format json) {sql}", *arguments))[0]["Plan"]


async def generic_plan(connection: OwnConnection, sql: str) -> dict[str, Any]:
    """Return the plan of a statement that is made once for whatever arguments."""
    await connection.execute(f"set plan_cache_mode = force_generic_plan; prepare planned as {sql}")
    count = max(int(number) for number in re.findall(r"\$(\d+)", sql))
    try:
        return await plan(connection, f"execute planned ({', '.join(['null'] * count)})")
    finally:
        await connection.execute("deallocate planned")


def read_whole(plan: dict[str, Any]) -> set[str]:
    """Return the tables that a plan reads from end to end."""
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set[str]()
    return own.union(*(read_whole(part) for part in plan.get("Plans", [])))
