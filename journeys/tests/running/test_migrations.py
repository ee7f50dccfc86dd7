"""While a new release migrates the database, the old one still works on it: a migration only expands (F-A11)."""

import asyncio
import importlib
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from chassis.db import migration
from chassis.service import Service
from chassis_testing.databases import at
from chassis_testing.stack import Infrastructure
from journeys.seller import Shop
from journeys.shops import GENERATED
from journeys.suite import Unexpected
from journeys.trial.people import People
from journeys.trial.sale import buy
from orders.__main__ import service as orders
from stack.services import SERVICES

COLUMNS = """
select table_schema || '.' || table_name as of_table, column_name, udt_name,
       is_nullable = 'YES' or column_default is not null or is_generated = 'ALWAYS' as may_be_left_out
from information_schema.columns
where table_schema in ('public', 'chassis')
"""
RULES = """
select conrelid::regclass::text as of_table, conname || ' ' || pg_get_constraintdef(oid) as rule
from pg_constraint
where contype in ('c', 'f', 'x')
union all
select indrelid::regclass::text, pg_get_indexdef(indexrelid)
from pg_index
where indisunique
"""
Columns = dict[tuple[str, str], tuple[str, bool]]
Rules = set[tuple[str, str]]


async def columns(connection: "asyncpg.Connection[Any]") -> Columns:
    """Return the type of each column, and whether an insert may leave it out."""
    rows = await connection.fetch(COLUMNS)
    return {(row["of_table"], row["column_name"]): (row["udt_name"], row["may_be_left_out"]) for row in rows}


async def rules(connection: "asyncpg.Connection[Any]") -> Rules:
    """Return the constraints and unique indexes of all tables."""
    tables = {row[0] for row in await connection.fetch("select oid::regclass::text from pg_class where relkind = 'r'")}
    return {(row["of_table"], row["rule"]) for row in await connection.fetch(RULES) if row["of_table"] in tables}


def breaks(before: Columns, after: Columns) -> list[str]:
    """Return what would make a statement fail that was written for the columns before."""
    tables = {table for table, _ in before}
    faults = [f"{table}.{name} is gone" for table, name in before if (table, name) not in after]
    for column, (kind, optional) in after.items():
        old = before.get(column)
        if old is None and column[0] in tables and not optional:
            faults.append(f"{'.'.join(column)} is new and must be given")
        elif old is not None and old[0] != kind:
            faults.append(f"{'.'.join(column)} is {kind} now")
        elif old is not None and old[1] and not optional:
            faults.append(f"{'.'.join(column)} must be given now")
    return faults


def changed(before: Rules, after: Rules, tables: set[str]) -> list[str]:
    """Return new rules that old rows may break, and lost ones that an old `on conflict` needs."""
    tighter = [f"{table} has to obey {rule}" for table, rule in after - before if table in tables]
    lost = [f"{table} lacks {rule}" for table, rule in before - after if "UNIQUE INDEX" in rule]
    return sorted([*tighter, *lost])


async def migrated(url: str, series: Any, directory: Path) -> list[str]:
    """Apply each file alone; return what would have broken the release before it."""
    faults: list[str] = []
    connection = cast("asyncpg.Connection[Any]", await asyncpg.connect(url))
    partial = [(name, directory / name) for name, _ in series]
    for _, folder in partial:
        folder.mkdir()
    try:
        for (_, files), (_, folder) in zip(series, partial, strict=True):
            for file in sorted(files.iterdir(), key=lambda file: file.name):
                if not file.name.endswith(".sql"):
                    continue
                old_columns, old_rules = await columns(connection), await rules(connection)
                (folder / file.name).write_bytes(file.read_bytes())
                await migration.migrate(url, partial)
                faults += [f"{file.name}: {what}" for what in breaks(old_columns, await columns(connection))]
                tables = {table.removeprefix("public.") for table, _ in old_columns}
                faults += [f"{file.name}: {what}" for what in changed(old_rules, await rules(connection), tables)]
    finally:
        await connection.close()
    return faults


async def database(infrastructure: Infrastructure) -> str:
    name = f"test_migrations_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(infrastructure.postgres)
    await connection.execute(f'create database "{name}"')
    await connection.close()
    return name


async def dropped(infrastructure: Infrastructure, name: str) -> None:
    connection = await asyncpg.connect(infrastructure.postgres)
    await connection.execute(f'drop database "{name}" with (force)')
    await connection.close()


@pytest.mark.parametrize("package", [service.package for service in SERVICES])
async def test_F_A11_the_release_before_can_work_on_the_migrated_database(
    infrastructure: Infrastructure, tmp_path: Path, package: str
):
    service: Service[Any] = importlib.import_module(f"{package}.__main__").service
    name = await database(infrastructure)
    try:
        assert await migrated(at(infrastructure.postgres, name), service.series, tmp_path) == []
    finally:
        await dropped(infrastructure, name)


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("alter table a drop column y", "public.a.y is gone"),
        ("alter table a rename column y to w", "public.a.y is gone"),
        ("alter table a alter column y type bigint", "public.a.y is int8 now"),
        ("alter table a alter column y set not null", "public.a.y must be given now"),
        ("alter table a add column w integer not null", "public.a.w is new and must be given"),
        ("alter table a add constraint c check (y > 0)", "a has to obey c CHECK ((y > 0))"),
        ("create unique index i on a (y)", "a has to obey CREATE UNIQUE INDEX i ON public.a USING btree (y)"),
        ("alter table a drop constraint u", "a lacks CREATE UNIQUE INDEX u ON public.a USING btree (x)"),
        ("alter table a add column w integer not null default 1; create table b (z integer not null)", None),
    ],
)
async def test_what_narrows_is_found(infrastructure: Infrastructure, tmp_path: Path, sql: str, wanted: str | None):
    (tmp_path / "files").mkdir()
    (tmp_path / "files/0001_first.sql").write_text(
        "create table a (x integer not null constraint u unique, y integer);"
    )
    (tmp_path / "files/0002_second.sql").write_text(f"{sql};")
    name = await database(infrastructure)
    try:
        (tmp_path / "steps").mkdir()
        found = await migrated(at(infrastructure.postgres, name), [("a", tmp_path / "files")], tmp_path / "steps")
        assert found == ([f"0002_second.sql: {wanted}"] if wanted else [])
    finally:
        await dropped(infrastructure, name)


@asynccontextmanager
async def migrated_further(url: str, folder: Path, sql: str, undo: str) -> AsyncGenerator[None]:
    """Migrate the database of orders by one more file, as the next release would; undone at the end."""
    chassis, (name, files) = orders.series
    for file in files.iterdir():
        if file.name.endswith(".sql"):
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "9999_next.sql").write_text(sql)
    await migration.migrate(url, [chassis, (name, folder)])
    try:
        yield
    finally:
        connection = await asyncpg.connect(url)
        await connection.execute(undo)
        await connection.execute("delete from chassis.migrations where number = 9999")
        await connection.close()


EXPAND = """
alter table orders add column note text;
alter table units add column shelf text not null default '';
create table shelves (name text primary key);
create index units_by_shelf on units (shelf);
"""
UNDO_EXPAND = "alter table orders drop column note; alter table units drop column shelf; drop table shelves"


async def test_F_A11_the_release_before_sells_while_its_database_is_migrated(
    shop: Shop, people: People, tmp_path: Path
):
    customer = await people.arrive()
    await buy(customer, {GENERATED: 1})
    enough = asyncio.Event()

    async def sell() -> int:
        sold = 0
        while not enough.is_set():
            await customer.order({GENERATED: 1})
            sold += 1
        return sold

    selling = [asyncio.create_task(sell(), name="sell") for _ in range(2)]
    await asyncio.sleep(0.5)
    async with migrated_further(shop.suite.state.databases["orders"], tmp_path, EXPAND, UNDO_EXPAND):
        await asyncio.sleep(0.5)
        enough.set()
        assert min(await asyncio.gather(*selling)) > 1
        order = await buy(customer, {GENERATED: 1})
        await customer.pay_by_card(order["order"])
        await customer.wait_for_state(order["order"], "delivered", 60)


async def test_a_migration_that_narrows_stops_the_release_before(shop: Shop, people: People, tmp_path: Path):
    customer = await people.arrive()
    await buy(customer, {GENERATED: 1})
    narrow, undo = (
        "alter table units rename column gross to amount",
        "alter table units rename column amount to gross",
    )
    async with migrated_further(shop.suite.state.databases["orders"], tmp_path, narrow, undo):
        with pytest.raises(Unexpected, match="/orders: 5"):
            await customer.order({GENERATED: 1})
    await buy(customer, {GENERATED: 1})
