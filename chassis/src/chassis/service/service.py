"""What a service is: its name, its settings, and what is open while it serves."""

import functools
import importlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import typer

from chassis.config.settings import ServiceSettings
from chassis.db import migration
from chassis.identity.keyrings import KeyRings
from chassis.service.terminal import Terminal

if TYPE_CHECKING:  # they need aiohttp and aiokafka, for which a command at the terminal should not wait
    from aiohttp import web

    from chassis.consuming.reactions import Reactions
    from chassis.doctor.diagnosis import Diagnosis
    from chassis.jobs.job import Job
    from chassis.web.routes import Routes

    Examine = Callable[..., Awaitable[Sequence[Diagnosis]]]

S = TypeVar("S", bound=ServiceSettings)
Provide = Callable[[S, KeyRings], Iterable[object]]
Commands = Callable[[Terminal[S]], typer.Typer]
Listen = Callable[..., AbstractAsyncContextManager[None]]


def nothing(settings: ServiceSettings, keys: KeyRings) -> Iterable[object]:
    """Provide nothing beyond what the chassis does: key rings, clock and the service's name."""
    del settings, keys
    return ()


@dataclass(frozen=True, slots=True)
class Doors(Generic[S]):
    """What is open while a service serves: its routes, its reactions, its jobs and its other listeners.

    What `provide` returns may be asked for by its exact type in the signature of every function behind them. Provided
    async context managers, such as clients, are entered at the start and left at the end. `listeners` are other doors
    than HTTP: `listen(begin: Begin, read: Read, ...)` is an async context manager, open before the first and until the
    last of what it takes; it is entered after what is provided, and left before anything else ends. `examine` looks at
    what is outside, for the doctor: `async def examine(...) -> Sequence[Diagnosis]`. `takes_back` are reactions to the
    service's own events, by which a database that was restored learns what was published after it; each must leave as
    it is what is known, and what they publish is dropped. `problem_page` shows a refusal to people whose browser asks
    for a page: `async def problem_page(request, problem, ...)`; it may ask for `Read` and `Begin`, too.
    """

    routes: "Routes"
    reactions: "Reactions | None" = None
    jobs: "Sequence[Job]" = ()
    provide: Provide[S] = nothing
    listeners: Sequence[Listen] = ()
    takes_back: "Reactions | None" = None
    examine: "Examine | None" = None
    problem_page: "Callable[..., Awaitable[web.StreamResponse]] | None" = None


class Service(Generic[S]):
    """A service: its name, its settings, its operator's commands, and the `DOORS` of its module `doors`.

    Its doors are imported when they are first asked for, for commands need nothing of them and should start at once.
    """

    def __init__(self, name: str, settings: type[S], *, commands: Commands[S] | None = None) -> None:
        self.name = name
        self.settings = settings
        self.commands = commands
        self.prefix = ""  # of the variables that are this service's alone, where several share an environment
        self.fault: Callable[[str], Any] = lambda point: None  # called at named points, where tests stop the world

    @property
    def package(self) -> str:
        """The service's Python package."""
        return self.name.replace("-", "_")

    @property
    def terminal(self) -> Terminal[S]:
        """The operator's terminal, with this service's settings."""
        return Terminal(self.name, self.settings, self.prefix)

    @functools.cached_property
    def doors(self) -> Doors[S]:
        """What is open while it serves."""
        return importlib.import_module(f"{self.package}.doors").DOORS

    @property
    def routes(self) -> "Routes":
        """Its routes, and those of its audit log and of its operators."""
        from chassis.audit.web import routes as audit_routes
        from chassis.operations.web import routes as operations_routes
        from chassis.web.routes import Routes

        own = self.doors.routes
        return Routes(own, audit_routes, operations_routes, errors=own.errors)

    @property
    def reactions(self) -> "Reactions":
        """Its reactions to events; none where it consumes nothing."""
        from chassis.consuming.reactions import Reactions

        return self.doors.reactions or Reactions()

    @property
    def description(self) -> str:
        """The first sentence of the package's docstring."""
        return (importlib.import_module(self.package).__doc__ or self.name).strip().split("\n\n")[0]

    @property
    def series(self) -> migration.Series:
        """The two series of migrations of this service's database."""
        return migration.series_of(self.package)
