"""While a new release migrates the database, the old one still works on it: it only expands, and contracts later."""

import importlib
import secrets
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
from chassis.db import migration
from chassis.service import Service
from chassis_testing.databases import at
from chassis_testing.stack import Infrastructure
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
    """The type of each column, and whether who does not know it may leave it out."""
    rows = await connection.fetch(COLUMNS)
    return {(row["of_table"], row["column_name"]): (row["udt_name"], row["may_be_left_out"]) for row in rows}


async def rules(connection: "asyncpg.Connection[Any]") -> Rules:
    """What the rows of a table have to obey."""
    tables = {row[0] for row in await connection.fetch("select oid::regclass::text from pg_class where relkind = 'r'")}
    return {(row["of_table"], row["rule"]) for row in await connection.fetch(RULES) if row["of_table"] in tables}


def breaks(before: Columns, after: Columns) -> list[str]:
    """What would make a statement fail that was written for the columns before."""
    tables = {table for table, _ in before}
    gone = [f"{table}.{name} is gone" for table, name in before if (table, name) not in after]
    for place, (kind, optional) in after.items():
        known = before.get(place)
        if known is None and place[0] in tables and not optional:
            gone.append(f"{'.'.join(place)} is new and must be given")
        elif known is not None and known[0] != kind:
            gone.append(f"{'.'.join(place)} is {kind} now")
        elif known is not None and known[1] and not optional:
            gone.append(f"{'.'.join(place)} must be given now")
    return gone


def changed(before: Rules, after: Rules, tables: set[str]) -> list[str]:
    """New rules that old rows may break, and lost ones by which an old `on conflict` finds its row."""
    tighter = [f"{table} has to obey {rule}" for table, rule in after - before if table in tables]
    lost = [f"{table} lacks {rule}" for table, rule in before - after if "UNIQUE INDEX" in rule]
    return sorted([*tighter, *lost])


async def migrated(url: str, series: Any, directory: Path) -> list[str]:
    """Apply each file alone, and say what the release before it could not have lived with."""
    found: list[str] = []
    connection = cast("asyncpg.Connection[Any]", await asyncpg.connect(url))
    partial = [(name, directory / name) for name, _ in series]
    for _, folder in partial:
        folder.mkdir()
    try:
        for (_, files), (_, folder) in zip(series, partial, strict=True):
            for file in sorted(files.iterdir(), key=lambda file: file.name):
                if not file.name.endswith(".sql"):
                    continue
                known, obeyed = await columns(connection), await rules(connection)
                (folder / file.name).write_bytes(file.read_bytes())
                await migration.migrate(url, partial)
                found += [f"{file.name}: {what}" for what in breaks(known, await columns(connection))]
                tables = {table.removeprefix("public.") for table, _ in known}
                found += [f"{file.name}: {what}" for what in changed(obeyed, await rules(connection), tables)]
    finally:
        await connection.close()
    return found


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
