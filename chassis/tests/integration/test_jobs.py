"""Jobs: a sweep runs on one replica at a time, tasks are kept until they are answered."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from uuid import UUID, uuid4

import pytest
from chassis.db import Tx
from chassis.db.database import Database
from chassis.jobs.settling import Batch
from chassis.telemetry.traces import current_traceparent, span
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from probe import script
from probe.__main__ import service
from probe.around import OWN_TOPICS, replica

TASK = "insert into tasks (id) values ($1)"
DONE = "select tries, done from tasks where id = $1"


@pytest.fixture(scope="module")
async def busy(service_home: ServiceHome) -> AsyncGenerator[Harness]:
    async with service_home(service, more_topics=OWN_TOPICS, restless=True) as harness:
        yield harness


async def done(busy: Harness, task: UUID) -> int:
    """Return how many tries a task took, 0 while it is not done."""
    row = (await busy.sql(DONE, task))[0]
    return row["tries"] if row["done"] else 0


async def test_a_sweep_runs_on_one_replica_at_a_time(busy: Harness):
    async with replica(busy):

        async def enough() -> bool:
            return len(await busy.sql("select 1 from turns")) > 10

        await busy.sql("delete from turns")
        await until(enough, what="turns")
    overlaps = """
    select count(*)
    from turns as a
    join turns as b on a.id < b.id and b.began < a.ended and a.began < b.ended
    """
    assert (await busy.sql(overlaps))[0][0] == 0


async def test_a_task_is_acted_on_once_and_settled(busy: Harness):
    task = uuid4()
    await busy.sql(TASK, task)
    await until(lambda: done(busy, task), what="the task")
    assert script.played.count(task) == 1
    assert (await busy.sql(DONE, task))[0]["done"] == f"answer to {task}"


async def test_an_act_that_fails_is_tried_again_after_its_lease(busy: Harness):
    task, other = uuid4(), uuid4()
    script.planned[task] = [OSError("away"), RuntimeError("away")]
    await busy.sql(TASK, task)
    await busy.sql(TASK, other)
    assert await until(lambda: done(busy, other), what="the other task") == 1
    assert await until(lambda: done(busy, task), what="the task") == 3


async def test_a_task_that_hangs_keeps_no_other_waiting(busy: Harness):
    task, other, over = uuid4(), uuid4(), asyncio.Event()
    script.always[task] = lambda _: _wait(over)
    await busy.sql(TASK, task)
    await until(lambda: _played(task), what="the task that hangs")
    await busy.sql(TASK, other)
    assert await until(lambda: done(busy, other), timeout=5, what="the other task") == 1
    assert not await done(busy, task)
    over.set()
    await until(lambda: done(busy, task), what="the task")


async def test_no_more_tasks_are_under_way_than_an_outbound_job_may_have(busy: Harness):
    over, under_way, most = asyncio.Event(), 0, 0

    async def hang(_: Tx | None) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await over.wait()
        under_way -= 1

    tasks = [uuid4() for _ in range(15)]
    script.always.update(dict.fromkeys(tasks, hang))
    for task in tasks:
        await busy.sql(TASK, task)
    await until(lambda: _is(lambda: under_way == 10), what="ten of them")
    await asyncio.sleep(2)  # two of their leases: each is free to be claimed again
    assert most == 10
    over.set()

    async def all_done() -> bool:
        return all([await done(busy, task) for task in tasks])

    await until(all_done, what="all of them")
    assert most == 10


async def test_an_answer_is_kept_though_the_database_is_away_for_a_moment(busy: Harness):
    task = uuid4()
    script.planned[UUID(int=task.int + 1)] = [ConnectionRefusedError(), ConnectionResetError(), ConnectionResetError()]
    await busy.sql(TASK, task)
    assert await until(lambda: done(busy, task), what="the task") == 1
    assert script.played.count(task) == 1, "the outside world was asked once"


async def test_a_task_cut_between_act_and_settle_is_acted_on_again(busy: Harness):
    task, crashed = uuid4(), list[str]()

    def crash() -> None:
        if script.played and script.played[-1] == task and not crashed:
            crashed.append("here")
            raise RuntimeError

    busy.fault.planned["outbound:post letters:acted"] = crash
    await busy.sql(TASK, task)
    assert await until(lambda: done(busy, task), what="the task") == 2
    busy.fault.planned.clear()
    assert script.played.count(task) == 2


async def test_answers_that_come_meanwhile_are_settled_together_and_one_at_fault_alone(busy: Harness):
    batches: list[list[str]] = []
    inside: list[str | None] = []

    async def settle(tx: Tx, answered: Sequence[tuple[UUID, str]]) -> None:
        batches.append([answer for _, answer in answered])
        inside.append(current_traceparent())
        for task, answer in answered:
            if answer == "at fault":
                raise ValueError
            await tx.execute("insert into tasks (id, done) values ($1, $2)", task, answer)

    database = Database(busy.database_url, "probe", busy.clock)
    await database.open()
    batch = Batch(settle)
    tasks = {answer: uuid4() for answer in ("first", "second", "at fault", "fourth")}

    async def settled(answer: str, task: UUID) -> None:
        with span("x", traceparent=traceparent(task)):
            await batch.settle(database, task, answer)

    results = await asyncio.gather(*(settled(*answered) for answered in tasks.items()), return_exceptions=True)
    await database.close()
    assert batches == [["first"], ["second", "at fault", "fourth"], ["second"], ["at fault"], ["fourth"]]
    assert inside == [traceparent(tasks[answers[0]]) if len(answers) == 1 else None for answers in batches], (
        "what is published belongs to the trace of its task, and of several to none"
    )
    assert [type(result) for result in results] == [type(None), type(None), ValueError, type(None)]
    rows = await busy.sql("select done from tasks where id = any($1)", list(tasks.values()))
    assert sorted(row["done"] for row in rows) == ["first", "fourth", "second"]


def traceparent(task: UUID) -> str:
    return f"00-{task.hex}-b7ad6b7169203331-01"


async def test_a_job_that_is_woken_runs_at_once(busy: Harness):
    before = busy.fault.passed.count("sweep:never by itself:done")
    async with busy.http.post("/wakes", json={"word": "never by itself"}) as answer:
        assert answer.status == 204

    async def ran() -> bool:
        return busy.fault.passed.count("sweep:never by itself:done") == before + 1

    await until(ran, timeout=3, what="the job to run")


async def test_a_sweep_that_fails_leaves_nothing_and_goes_on(busy: Harness):
    def fail() -> None:
        busy.fault.planned.clear()
        raise RuntimeError

    busy.fault.planned["sweep:look around:done"] = fail
    await until(lambda: cleared(busy), what="a failure")
    before = len(await busy.sql("select 1 from turns"))

    async def more() -> bool:
        return len(await busy.sql("select 1 from turns")) > before

    await until(more, what="later turns")


async def _played(task: UUID) -> bool:
    return task in script.played


async def _wait(over: asyncio.Event) -> None:
    await over.wait()


async def _is(what: Callable[[], bool]) -> bool:
    return what()


async def cleared(busy: Harness) -> bool:
    return not busy.fault.planned
