"""Kill -9 at every named point, start again: nothing is lost, nothing takes effect twice, keys keep their order."""

import ast
import asyncio
import signal
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from chassis_testing.stack import Infrastructure
from probe import stories
from probe.around import site
from probe.process import Plan, start

import chassis

AT_ONCE = 8
# point (as the code names it, `*` for what a service fills in): the story told there, and at which passing it ends
CASES: dict[str, list[tuple[type[stories.Story], str, int]]] = {
    "consumer:received": [(stories.Hearing, "", 1)],
    "consumer:admitted": [(stories.Hearing, "", 1)],
    "consumer:handled": [(stories.Hearing, "", 1), (stories.Failing, "", 1)],
    "consumer:committed": [(stories.Hearing, "", 1)],
    "consumer:before-offsets": [(stories.Hearing, "", 1)],
    "consumer:after-offsets": [(stories.Hearing, "", 1)],
    "consumer:parking": [(stories.Failing, "", 1)],
    "consumer:parked": [(stories.Failing, "", 1)],
    "drain:taken": [(stories.Failing, "", 1), (stories.Failing, "", 3)],
    "drain:handled": [(stories.Failing, "", 1), (stories.Failing, "", 2)],
    "drain:committed": [(stories.Failing, "", 1)],
    "drain:delayed": [(stories.Failing, "", 1)],
    "drain:burying": [(stories.GivenUp, "", 1)],
    "transaction:said": [(stories.Hearing, "", 1), (stories.Asking, "", 1)],
    "transaction:committed": [(stories.Hearing, "", 1), (stories.Asking, "", 1)],
    "relay:read": [(stories.Sending, "", 1)],
    "relay:submitted": [(stories.Sending, "", 1)],
    "relay:acknowledged": [(stories.Sending, "", 1)],
    "relay:forgotten": [(stories.Sending, "", 1)],
    "relay:refused": [(stories.Refused, "", 1)],
    "relay:acknowledged-alone": [(stories.Singly, "", 1), (stories.Singly, "", 4)],
    "web:*:handled": [(stories.Asking, "write_note", 1), (stories.AskingOutside, "send_letter", 2)],
    "web:*:committed": [(stories.Asking, "write_note", 1), (stories.AskingOutside, "send_letter", 1)],
    "web:*:acted": [(stories.AskingOutside, "send_letter", 1)],
    "outbound:*:claimed": [(stories.Wishing, "post letters", 1)],
    "outbound:*:acted": [(stories.Wishing, "post letters", 1)],
    "outbound:*:settled": [(stories.Wishing, "post letters", 1)],
    "sweep:*:done": [(stories.Sweeping, "look around", 1)],
}
Told = tuple[str, type[stories.Story], int]
ALL: list[Told] = [
    (point.replace("*", name), story, passing) for point, told in CASES.items() for story, name, passing in told
]


def named(call: ast.Call) -> Iterator[str]:
    """The name of the point that a call of `fault` passes."""
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
) -> AsyncGenerator[dict[Told, asyncio.Task[None]]]:
    """All cases at work, some at a time: a dead member's partitions are free only after seconds of waiting."""
    turn = asyncio.Semaphore(AT_ONCE)

    async def tell(told: Told) -> None:
        point, kind, passing = told
        async with turn, site(infrastructure, tmp_path_factory.mktemp("site"), only_own_topics=True) as home:
            home.settings = home.settings.model_copy(update={"session_seconds": 6.0, "look_every_ms": 100})
            story = kind(home)
            await story.before()
            victim = start(home, Plan(point, passing, steps=story.steps))
            try:
                living = asyncio.create_task(story.during(await victim.serving()))
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
                await story.after(await again.serving())
            finally:
                again.process.kill()

    calls = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = [told for told in ALL if any(call is not None and told in call.params.values() for call in calls)]
    tasks = {told: asyncio.create_task(tell(told)) for told in chosen}
    yield tasks
    for task in tasks.values():
        task.cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("told", ALL, ids=lambda told: f"{told[0]}-{told[1].__name__}-{told[2]}")
async def test_F_E05_F_E06_F_E16_F_E17_a_process_killed_at_a_point_loses_and_repeats_nothing(
    sweep: dict[Told, asyncio.Task[None]], told: Told
):  # ORD-5
    await sweep[told]
