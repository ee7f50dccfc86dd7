"""Waiting until programs are ready, and preparing what they need."""

import asyncio
import http.client
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from chassis.db import migration

from stack import kafka, postgres, programs
from stack.errors import PortTaken, ProgramFailed, StackError
from stack.ports import is_free
from stack.processes import HOME_VARIABLE, Process, listening_ports
from stack.services import DOUBLES, SERVICES, SUITE, Service
from stack.state import State
from stack.supervisor import Supervisor

TRIES = 3
IN_USE = "address already in use"
PORT_IS_LOST_AFTER = 1.0  # seconds for which another program listens on a port of ours


def wait(
    supervisor: Supervisor,
    state: State,
    names: list[str],
    seconds: float,
    report: Callable[[str], None],
    *,
    patient: bool = True,
) -> None:
    """Return when all the programs are ready; raises PortTaken, ProgramFailed for the first that cannot be.

    With `patient`, a program may end and be started again a few times; else one that ends by itself has failed.
    """
    started = time.monotonic()
    seen: dict[str, set[Process]] = {name: set() for name in names}
    taken_since: dict[str, float] = {}
    left = list(names)
    while left:
        conditions = supervisor.conditions()
        for name in list(left):
            condition = conditions[name]
            if condition.process:
                seen[name].add(condition.process)
                if _ready(name, condition.process, state):
                    left.remove(name)
                    report(f"{name} is ready ({time.monotonic() - started:.1f} s)")
                    continue
            # a program without its port may die, start again and again, or hang
            taken = [port for port in _ports_of(name, state) if _is_taken(port, condition.process)]
            if not taken:
                taken_since.pop(name, None)
            elif time.monotonic() - taken_since.setdefault(name, time.monotonic()) > PORT_IS_LOST_AFTER:
                raise PortTaken(f"Another program has taken port {taken[0]}, which {name} was to have.")
            if not patient and not taken and seen[name] - {condition.process}:
                log = supervisor.tail(name)
                if IN_USE not in log.lower():  # the next start may have its port again
                    supervisor.stop([name])  # it would only be started again and again
                    raise ProgramFailed(name, "ended instead of coming up", log)
            if len(seen[name]) > TRIES:
                raise ProgramFailed(name, f"died {TRIES} times instead of coming up", supervisor.tail(name))
            if time.monotonic() - started > seconds:
                raise ProgramFailed(name, f"is not ready after {seconds:.0f} s", supervisor.tail(name))
        if left:
            time.sleep(0.05)


def _ports_of(name: str, state: State) -> list[int]:
    names = {
        "kafka": ("kafka", "kafka-controller"),
        "mail-catcher": ("smtp", "mail-catcher"),
        SUITE: tuple(port for service in SERVICES for port in (service.name, service.admin)),
        **{service.name: (service.name, service.admin) for service in SERVICES},
    }
    return [state.ports[port] for port in names.get(name, (name,)) if port in state.ports]


def _is_taken(port: int, process: Process | None) -> bool:
    return not is_free(port) and (process is None or port not in listening_ports(process.pid))


def _ready(name: str, process: Process, state: State) -> bool:
    if name == "postgres":
        return asyncio.run(postgres.answers(state.postgres))
    # our process must listen on the port, not one that took it
    if not set(_ports_of(name, state)) <= listening_ports(process.pid):
        return False
    if name == "kafka":
        return asyncio.run(kafka.cluster_id(state.kafka)) == state.kafka_cluster_id
    if name in [double.name for double in DOUBLES]:
        return True
    run = [service for service in SERVICES if name in (SUITE, service.name)]
    return all(_says_ready(state.ports[service.admin]) for service in run)


def _says_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def migrate(services: list[Service], state: State, report: Callable[[str], None]) -> None:
    """Migrate the databases of the services, all at once, as `python -m <service> migrate` does."""

    async def all_at_once() -> None:
        series = [(state.databases[service.name], migration.series_of(service.package)) for service in services]
        await asyncio.gather(*(migration.migrate(database, files) for database, files in series))

    try:
        asyncio.run(all_at_once())
    except migration.MigrationRefused as refused:
        raise StackError(
            f"{refused}. The data in {state.home} were made by another version. To begin with empty data:"
            f"  python -m stack up --fresh --home {shlex.quote(state.home)}  (make clean removes .venv as well)"
        ) from refused
    report(f"migrated {len(services)} databases")


def introduce(services: list[Service], state: State) -> None:
    """Run the commands that make services known to each other."""
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        commands = programs.commands_after_migrate(services, state)
        for future in [pool.submit(run, service, arguments, state) for service, arguments in commands]:
            future.result()


def run(service: Service, arguments: Sequence[str], state: State) -> str:
    """Run a command of a service in its environment and return what it prints; raises ProgramFailed."""
    done = _run(service, arguments, state, captured=True)
    if done.returncode:
        raise ProgramFailed(service.name, f"{' '.join(arguments)} failed", (done.stdout + done.stderr)[-3000:])
    return done.stdout


def run_here(service: Service, arguments: Sequence[str], state: State) -> int:
    """Run a command of a service in its environment, at this terminal, and return its exit code."""
    return _run(service, arguments, state, captured=False).returncode


def _run(
    service: Service, arguments: Sequence[str], state: State, *, captured: bool
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | programs.service_environment(service, state) | {HOME_VARIABLE: state.home}
    command = [*programs.PDEATHSIG, sys.executable, "-m", service.package, *arguments]
    return subprocess.run(command, env=environment, check=False, capture_output=captured, text=True)
