"""Kill -9 at every named point, start again: nothing is lost, nothing takes effect twice, keys keep their order."""

import ast
import asyncio
import signal
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from chassis_testing.stack import Infrastructure
from probe import scenarios
from probe.around import site
from probe.process import Plan, start

import chassis

AT_ONCE = 8
# point (as the code names it, `*` for what a service fills in): scenario, what `*` stands for, passing that kills
CASES: dict[str, list[tuple[type[scenarios.Scenario], str, int]]] = {
    "consumer:received": [(scenarios.Consuming, "", 1)],
    "consumer:admitted": [(scenarios.Consuming, "", 1)],
    "consumer:handled": [(scenarios.Consuming, "", 1), (scenarios.Failing, "", 1)],
    "consumer:committed": [(scenarios.Consuming, "", 1)],
    "consumer:before-offsets": [(scenarios.Consuming, "", 1)],
    "consumer:after-offsets": [(scenarios.Consuming, "", 1)],
    "consumer:parking": [(scenarios.Failing, "", 1)],
    "consumer:parked": [(scenarios.Failing, "", 1)],
    "retry:taken": [(scenarios.Failing, "", 1), (scenarios.Failing, "", 3)],
    "retry:handled": [(scenarios.Failing, "", 1), (scenarios.Failing, "", 2)],
    "retry:committed": [(scenarios.Failing, "", 1)],
    "retry:delayed": [(scenarios.Failing, "", 1)],
    "retry:dead-lettering": [(scenarios.GivenUp, "", 1)],
    "transaction:published": [(scenarios.Consuming, "", 1), (scenarios.Asking, "", 1)],
    "transaction:committed": [(scenarios.Consuming, "", 1), (scenarios.Asking, "", 1)],
    "transaction:audited": [(scenarios.StaffActing, "", 1)],
    "relay:read": [(scenarios.Sending, "", 1)],
    "relay:submitted": [(scenarios.Sending, "", 1)],
    "relay:acknowledged": [(scenarios.Sending, "", 1)],
    "relay:deleted": [(scenarios.Sending, "", 1)],
    "relay:refused": [(scenarios.Refused, "", 1)],
    "relay:acknowledged-alone": [(scenarios.Singly, "", 1), (scenarios.Singly, "", 4)],
    "web:*:handled": [(scenarios.Asking, "write_note", 1), (scenarios.AskingOutside, "send_letter", 1)],
    "web:*:committed": [(scenarios.Asking, "write_note", 1), (scenarios.AskingOutside, "send_letter", 1)],
    "web:*:acted": [(scenarios.AskingOutside, "send_letter", 1)],
    "outbound:*:claimed": [(scenarios.ActingOutside, "post letters", 1)],
    "outbound:*:acted": [(scenarios.ActingOutside, "post letters", 1)],
    "outbound:*:settled": [(scenarios.ActingOutside, "post letters", 1)],
    "exports:taken": [(scenarios.Exporting, "", 1)],
    "exports:sealed": [(scenarios.Exporting, "", 1)],
    "exports:published": [(scenarios.Exporting, "", 1)],
    "sweep:*:done": [(scenarios.Sweeping, "look around", 1)],
}
Case = tuple[str, type[scenarios.Scenario], int]
ALL: list[Case] = [
    (point.replace("*", name), scenario, passing) for point, cases in CASES.items() for scenario, name, passing in cases
]


def named(call: ast.Call) -> Iterator[str]:
    """Yield the name of the point that a call of `fault` passes."""
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called != "fault":
        return
    (point,) = call.args
    if isinstance(point, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in point.values)
    else:
        assert isinstance(point, ast.Constant), ast.unparse(call)
        yield str(point.value)


def test_every_point_at_which_the_world_may_stop_has_a_case():
    rooms = [room for room in Path(*chassis.__path__).rglob("*.py") if "testing" not in room.parts]
    calls = [node for room in rooms for node in ast.walk(ast.parse(room.read_text())) if isinstance(node, ast.Call)]
    assert {point for call in calls for point in named(call)} == CASES.keys()


@pytest.fixture(scope="module")
async def sweep(
    infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncGenerator[dict[Case, asyncio.Task[None]]]:
    """Run all cases, some at a time: a dead member's partitions are free only after seconds of waiting."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def play(case: Case) -> None:
        point, kind, passing = case
        async with turn, site(infrastructure, tmp_path_factory.mktemp("site")) as home:
            home.settings = home.settings.model_copy(update={"session_seconds": 6.0})
            scenario = kind(home)
            await scenario.before()
            victim = start(home, Plan(point, passing, steps=scenario.steps))
            try:
                living = asyncio.create_task(scenario.during(await victim.serving()))
                assert await victim.ended() == -signal.SIGKILL
            finally:
                victim.process.kill()
            if kind.__name__.startswith("Asking"):
                await living
            living.cancel()
            with suppress(asyncio.CancelledError):
                await living
            again = start(home)
            try:
                await scenario.after(await again.serving())
            finally:
                again.process.kill()

    calls = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = [case for case in ALL if any(call is not None and case in call.params.values() for call in calls)]
    tasks = {case: asyncio.create_task(play(case)) for case in chosen}
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case[0]}-{case[1].__name__}-{case[2]}")
async def test_F_E05_F_E06_F_E16_F_E17_a_process_killed_at_a_point_loses_and_repeats_nothing(
    sweep: dict[Case, asyncio.Task[None]], case: Case
):  # ORD-5
    await sweep[case]
