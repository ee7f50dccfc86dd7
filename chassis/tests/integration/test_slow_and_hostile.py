"""A database that is slow or full, an outside world that hangs, batches that are huge: nobody else is held up."""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing import Harness
from chassis_testing.harness import until
from chassis_testing.stack import Infrastructure
from probe import script
from probe.around import answers, replica, site
from probe.invariants import at_rest, whole
from probe.load import load
from probe.sending import some
from probe.wire import wire_to_postgres

IDLE = """
select query
from pg_stat_activity
where datname = current_database()
  and state like 'idle in transaction%'
  and clock_timestamp() - state_change > interval '500 milliseconds'
"""
FULL = """
create function full_up() returns trigger language plpgsql as $$
begin
  raise exception 'could not extend file' using errcode = 'disk_full';
end $$
"""


@pytest.fixture
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


async def test_F_P23_no_transaction_is_open_while_a_task_or_a_handler_is_outside(home: Harness):
    tasks, host = [uuid4() for _ in range(5)], uuid4()
    outside = asyncio.Event()

    async def hang(_: Any) -> None:
        await outside.wait()

    script.always.update(dict.fromkeys([*tasks, host], hang))
    await home.sql("insert into tasks (id) select unnest($1::uuid[])", tasks)
    async with replica(home) as (_, url):
        headers = home.bearer(home.accounts.token(host, "customer"), **{"Idempotency-Key": "one"})
        body = {"host": str(host), "text": "a letter"}
        letter = asyncio.create_task(home.http.post(f"{url}/letters", json=body, headers=headers))
        await until(lambda: played([*tasks, host]), what="all to be outside")
        found: list[str] = []
        for _ in range(20):
            found += [row["query"] for row in await home.sql(IDLE)]
            await asyncio.sleep(0.1)
        outside.set()
        assert (await letter).status == 201
    assert not found


async def played(ids: list[UUID]) -> bool:
    return set(ids) <= set(script.played)


@pytest.mark.torture
async def test_F_E33_a_database_that_answers_slowly_slows_and_loses_nothing(home: Harness):
    wire, through = wire_to_postgres(home.database_url)
    await wire.listen()
    async with replica(home, database_url=through()) as (house, url):
        wire.delay = 0.03
        async with load(home, url, 3) as crowd:
            await asyncio.sleep(2)
        assert set(crowd.statuses) == {201}
        wire.delay = 0
        await at_rest(home, crowd.written)
        assert await answers(house, "/livez", 200)
    await whole(home, crowd.written)
    wire.hang_up()


async def test_F_E32_a_full_disk_means_503_and_waiting_events_and_all_goes_on_when_there_is_room(home: Harness):
    host = uuid4()
    await home.sql(FULL)
    expected = {host: [event.meeting for event in some(host, 3)]}
    async with replica(home) as (_, url):
        async with load(home, url, 2) as crowd:
            await asyncio.sleep(0.5)
            for table in ("notes", "effects"):
                await home.sql(f"create trigger full_up before insert on {table} execute function full_up()")
            await home.publish(*some(host, 3))
            await until(lambda: refused(crowd.statuses), what="a 503")
            assert not await home.sql("select 1 from chassis.parked")
            for table in ("notes", "effects"):
                await home.sql(f"drop trigger full_up on {table}")
        await at_rest(home, expected | crowd.written)
    await whole(home, expected | crowd.written)
    assert set(crowd.statuses) <= {201, 503, 409}


async def refused(statuses: list[int]) -> bool:
    return 503 in statuses


@contextlib.contextmanager
def small_disk(data: Path) -> Generator[Path]:
    """Mount a file system of a few megabytes, owned like the database's; skips the test where none can be mounted."""
    disk = Path("/tmp") / f"kontor-disk-{uuid4().hex[:8]}"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", disk], capture_output=True, check=False)
    try:
        if mounted.returncode:
            pytest.skip("only root may mount a small disk")
        os.chown(disk, data.stat().st_uid, -1)
        yield disk
    finally:
        subprocess.run(["umount", disk], capture_output=True, check=False)
        disk.rmdir()


async def test_F_E32_a_disk_that_is_really_full_means_503_and_waiting_events(
    home: Harness, infrastructure: Infrastructure
):
    if not infrastructure.state:
        pytest.skip("the database does not stand on this machine's disks")
    data = (await home.sql("select current_setting('data_directory')"))[0][0]
    hosts, name = [uuid4() for _ in range(60)], f"small_{uuid4().hex[:8]}"
    with small_disk(Path(data)) as disk:
        await home.sql(f"create tablespace {name} location '{disk}'")
        try:
            await home.sql(f"alter table notes set tablespace {name}")
            await home.sql(f"alter table effects set tablespace {name}")
            expected = {one: [event.meeting for event in some(one, 4)] for one in hosts}
            async with replica(home) as (house, url):
                async with load(home, url, 2) as crowd:
                    await asyncio.sleep(0.5)
                    (disk / "ballast").write_bytes(b"x" * left(disk))
                    await home.publish(*(event for one in hosts for event in some(one, 4)))
                    await until(lambda: refused(crowd.statuses), timeout=30, what="a 503")
                    assert not await home.sql("select 1 from chassis.parked")
                    (disk / "ballast").unlink()
                    await until(lambda: answers(house, "/readyz", 200), what="readiness")
                await at_rest(home, expected | crowd.written)
            await whole(home, expected | crowd.written)
        finally:
            await home.sql("drop table notes, effects")
            await home.sql(f"drop tablespace {name}")


def left(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize
