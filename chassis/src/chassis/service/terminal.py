"""What a command of the operator works with."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, Generic, TypeVar

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails, to_json
from pydantic_settings import BaseSettings, EnvSettingsSource
from typer.main import get_current_context  # pyright: ignore[reportPrivateImportUsage] -- of the click that typer has

from chassis.config.clock import Clock
from chassis.config.settings import ServiceSettings
from chassis.db.database import Database
from chassis.db.tenants import known_tenants
from chassis.db.transaction import Begin
from chassis.identity.acting import OPERATOR, Act, acting, operator

S = TypeVar("S", bound=ServiceSettings)
B = TypeVar("B", bound=BaseSettings)
T = TypeVar("T")
AsLines = Annotated[bool, typer.Option("--json", help="Print a JSON object a line.")]

WAIT_SECONDS = 30  # who sits at a terminal would rather wait for a busy database than begin anew


@dataclass(slots=True)
class Terminal(Generic[S]):
    """The operator's terminal; settings are read when a command first needs them.

    With a `prefix`, a variable that bears it wins over the plain one.
    """

    name: str
    kind: type[S]
    prefix: str = ""

    @property
    def settings(self) -> S:
        """The settings; prints what is missing or wrong and exits with code 2 where they cannot be read."""
        return read_settings(self.name, self.kind, self.prefix)

    def run(self, work: Callable[[Begin], Awaitable[T]]) -> T:
        """Do work that opens transactions; the service's replicas send what it published.

        What it writes is in the audit log, with who sits at the terminal. Prints what to do and exits with code 1
        where the command's `tenant` is none that the service knows, before any work.
        """
        tenant = _tenant()
        with acting(_act(tenant or "")):
            return asyncio.run(self._run(work, tenant))

    async def _run(self, work: Callable[[Begin], Awaitable[T]], tenant: str | None) -> T:
        settings = self.settings
        database = Database(
            settings.dsn, self.name, Clock(settings.clock_file), connections=2, wait_seconds=WAIT_SECONDS
        )
        published: set[bool] = set()
        database.committed = lambda any_event, _: published.add(any_event)
        await database.open()
        try:
            if tenant is not None:
                await self._check_tenant(database, tenant)
            result = await work(database.begin)
            if True in published:
                with acting(None):
                    async with database.begin() as tx:
                        await tx.execute("notify outbox")
            return result
        finally:
            await database.close()

    async def _check_tenant(self, database: Database, tenant: str) -> None:
        with acting(None):
            async with database.begin() as tx:
                known = await known_tenants(tx)
        if tenant in known:
            return
        close = get_close_matches(tenant, known, n=1)
        meant = f" Did you mean {close[0]}?" if close else ""
        typer.echo(f"{self.name} knows no tenant {tenant!r}; nothing was done.{meant}", err=True)
        typer.echo(
            "A tenant is opened with  accounts tenant open --file FILE,"
            f" and {self.name} knows of it a moment later, if it serves.",
            err=True,
        )
        raise typer.Exit(1)


def echo_json(service: str, row: Mapping[str, Any]) -> None:
    """Print what a service has as a JSON object on one line, with the service's name."""
    typer.echo(to_json({"service": service, **row}).decode())


def read_settings(name: str, kind: type[B], prefix: str = "") -> B:
    """Return settings from the environment; prints what is missing or wrong, not its value, and exits with code 2."""
    try:
        return kind(**EnvSettingsSource(kind, env_prefix=prefix)())
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        if missing := [_variable(prefix, fault) for fault in faults if fault["type"] == "missing"]:
            typer.echo(f"{name}: set these variables in the environment: {', '.join(missing)}", err=True)
        for fault in faults:
            if fault["type"] != "missing":
                typer.echo(f"{name}: {_variable(prefix, fault)}: {fault['msg']}", err=True)
        raise typer.Exit(2) from None


def _variable(prefix: str, fault: ErrorDetails) -> str:
    return f"{prefix}{fault['loc'][0]}".upper() if fault["loc"] else "settings"


def _tenant() -> str | None:
    """Return the tenant that the command names which runs, if it names one."""
    context = get_current_context(silent=True)
    tenant = context.params.get("tenant") if context else None
    return tenant if isinstance(tenant, str) else None


def _act(tenant: str) -> Act:
    """Return what the command does that runs, and for which tenant, if it is for one."""
    context = get_current_context(silent=True)
    words: list[str] = []
    while context is not None and context.parent is not None:
        words.insert(0, context.info_name or "")
        context = context.parent
    command = " ".join(words) or "command"
    return Act(operator(), OPERATOR, command, tenant, "command", command)
