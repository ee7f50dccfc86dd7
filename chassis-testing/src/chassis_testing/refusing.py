"""A row that the database will not change: what a service does about it, and that it holds up no other."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from chassis_testing.harness import Harness

FUNCTION = "create function refuse_bad_row() returns trigger language plpgsql as $$ begin raise 'a bad row'; end $$"


@asynccontextmanager
async def refusing(home: Harness, table: str, column: str, bad: UUID | str) -> AsyncGenerator[None]:
    """Refuse each insert and update of a table whose column is this."""
    await home.sql(FUNCTION)
    await home.sql(
        f"create trigger refuse_bad_row before insert or update on {table} for each row "
        f"when (new.{column} = '{bad}') execute function refuse_bad_row()"
    )
    try:
        yield
    finally:
        await home.sql(f"drop trigger refuse_bad_row on {table}")
        await home.sql("drop function refuse_bad_row()")
