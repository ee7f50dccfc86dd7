"""What a service provides is bound by exact type to the functions that ask for it, when the service starts."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis.config.clock import Clock
from chassis.config.provision import NotProvided, Provision
from chassis.consuming import Message, Reactions, ServiceName, Touched, fold, on, record
from chassis.db import Database, Tx
from chassis.identity.keyrings import KeyRings
from chassis.jobs import outbound, sweep
from chassis.web import Routes, View
from chassis_testing import Harness
from chassis_testing.stack import Infrastructure
from contracts.delivery import DownloadStarted
from contracts.rewards import PointsAccrued
from contracts.shared import MeetingLogged
from probe.__main__ import service
from probe.around import replica, site
from probe.batch import message, replica_of
from probe.doors import provide as probe_provides
from probe.settings import Settings
from probe.web import meeting


@pytest.fixture(scope="module")
async def home(infrastructure: Infrastructure, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Harness]:
    async with site(infrastructure, tmp_path_factory.mktemp("site")) as harness:
        yield harness


@dataclass(frozen=True, slots=True)
class Rules:
    """Something that functions ask for."""

    limit: int


class Special(Rules):
    """A subclass is another type."""


async def asking(tx: Tx, event: MeetingLogged, rules: Rules) -> None:
    await tx.execute("insert into conclusions (order_ids, effects) values ($1, $2)", [event.host], rules.limit == 7)


async def recording(tx: Tx, messages: Sequence[Message[DownloadStarted]], rules: Rules) -> None:
    del tx, messages, rules


async def concluding(tx: Tx, touched: Touched, rules: Rules) -> None:
    await tx.execute("insert into conclusions (order_ids, effects) values ($1, true)", [key for _, key in touched])


async def folding(tx: Tx, messages: Sequence[Message[PointsAccrued]], *, rules: Rules) -> None:
    del tx, messages, rules


async def plain(tx: Tx, messages: Sequence[Message[Any]]) -> None:
    del tx, messages


async def test_functions_get_what_is_provided_by_the_types_in_their_signatures(home: Harness):
    host, order = uuid4(), uuid4()
    reactions = Reactions(
        on(MeetingLogged, asking),
        record(on(DownloadStarted, recording), conclude=concluding),
        fold(folding, PointsAccrued),
    )
    handler = replica_of(Database(home.database_url, "probe", Clock()))
    handler.reactions = reactions.bound(Provision([Rules(7)]))
    start = DownloadStarted.model_validate(DownloadStarted.EXAMPLE | {"order": order})
    events = [meeting(uuid4(), host), start, PointsAccrued.model_validate(PointsAccrued.EXAMPLE)]
    await handler.handle([message(event, offset) for offset, event in enumerate(events)])
    await handler.close()
    rows = await home.sql("select order_ids, effects from conclusions order by position")
    assert [(row["order_ids"], row["effects"]) for row in rows] == [([host], True), ([order], True)]
    assert not await home.sql("select 1 from chassis.parked")


@pytest.mark.parametrize(
    "reaction",
    [
        on(MeetingLogged, asking),
        record(on(DownloadStarted, recording), conclude=plain),
        record(on(DownloadStarted, plain), conclude=concluding),
        fold(folding, PointsAccrued),
    ],
)
@pytest.mark.parametrize("provided", [[], [Special(7)]])
def test_a_function_that_asks_for_what_is_not_provided_is_refused(reaction: Any, provided: list[object]):
    with pytest.raises(NotProvided, match="Rules, which is not provided"):
        Reactions(reaction).bound(Provision(provided))


def test_two_things_of_one_type_are_refused():
    with pytest.raises(TypeError, match="Rules is provided twice"):
        Provision([Rules(1), Rules(2)])


async def looking(tx: Tx, rules: Rules) -> bool:
    del tx, rules
    return False


async def claiming(tx: Tx, limit: int) -> list[int]:
    del tx, limit
    return []


async def acting(task: int, rules: Rules) -> int:
    del rules
    return task


async def settling(tx: Tx, task: int, answer: int) -> None:
    del tx, task, answer


every = timedelta(minutes=1)
asking_routes = Routes()


@asking_routes.get("/rules")
async def show_rules(rules: Rules) -> View:
    """Show the rules."""
    del rules
    return View()


CASES: dict[str, dict[str, Any]] = {
    "asking": {"reactions": Reactions(on(MeetingLogged, asking))},
    "looking": {"jobs": [sweep("look", every=every, do=looking)]},
    "acting": {"jobs": [outbound("act", claim=claiming, act=acting, settle=settling)]},
    "show_rules": {"routes": Routes(asking_routes)},
}


@pytest.mark.parametrize("who", CASES)
async def test_a_service_with_a_function_that_asks_for_what_is_not_provided_does_not_start(
    home: Harness, monkeypatch: pytest.MonkeyPatch, who: str
):
    monkeypatch.setattr(service, "doors", replace(service.doors, **CASES[who]))
    with pytest.raises(NotProvided, match=f"{who} asks for Rules"):
        async with replica(home, ready=False):
            pass


greetings = Routes()


class Greeting(View):
    """What the chassis provides to every service."""

    name: str
    rings: int
    now: bool


@greetings.get("/greeting")
async def greet(name: ServiceName, keys: KeyRings, clock: Clock) -> Greeting:
    """Show what is always provided."""
    return Greeting(name=name, rings=len(keys.rings), now=clock.now().year > 2000)


async def test_key_rings_clock_and_the_services_name_are_always_provided(
    home: Harness, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(service, "doors", replace(service.doors, routes=Routes(greetings)))
    async with replica(home) as (_, url), home.http.get(f"{url}/greeting") as answer:
        assert await answer.json() == {"name": "probe", "rings": 0, "now": True}


class Client:
    """An async context manager that is provided."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __aenter__(self) -> "Client":
        self.seen.append("entered")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.seen.append("left")


async def test_a_provided_client_is_entered_at_the_start_and_left_at_the_end(
    home: Harness, monkeypatch: pytest.MonkeyPatch
):
    client = Client()

    def provide(settings: Settings, keys: KeyRings) -> list[object]:
        return [*probe_provides(settings, keys), client]

    monkeypatch.setattr(service, "doors", replace(service.doors, provide=provide))
    async with replica(home):
        assert client.seen == ["entered"]
    assert client.seen == ["entered", "left"]
