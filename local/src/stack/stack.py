"""The stack of one home directory: start it, watch it, disturb it, stop it."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from xmlrpc.client import Error as RemoteError

from stack import kafka as kafka_node
from stack import postgres as postgres_server
from stack import programs, readiness, runner
from stack.errors import PortTaken, StackError
from stack.kafka import Kafka
from stack.locks import locked
from stack.ports import pick
from stack.postgres import Postgres
from stack.processes import Process, find, reap, recorded, send, wait_gone
from stack.services import DOUBLES, SERVICES, Service, chosen
from stack.sockets import sockets
from stack.state import State, read, secret
from stack.supervisor import Condition, Supervisor

ROOT = Path(__file__).resolve().parents[3]
LIBRARIES = ROOT / ".local" / "kafka-libs"

Topics = Callable[[], list[tuple[str, int]]]
Report = Callable[[str], None]


class Stack:
    """Kafka, PostgreSQL, doubles and services of one machine, below a home directory.

    `durable=False` is faster and loses the data if the machine crashes; `every_span=False` records the share of spans
    that an installation records; `one_process=True` runs all services in the one program `kontor`; `doubles=False`
    leaves out the mail catcher and the payment provider; `topics` returns the topics to create, with their retention
    in milliseconds. A stack that runs keeps how it was started; `with_runner=True` ends it with this process, whatever
    ends that.
    """

    def __init__(
        self,
        home: Path,
        *,
        durable: bool = True,
        every_span: bool = True,
        one_process: bool = False,
        doubles: bool = True,
        topics: Topics | None = None,
        with_runner: bool = False,
        report: Report = lambda line: None,
    ) -> None:
        self.home = home.absolute()
        self.durable = durable
        self.every_span = every_span
        self.one_process = one_process
        self.doubles = doubles
        self.with_runner = with_runner
        self._topics = topics
        self._report = report

    @property
    def state(self) -> State:
        """The addresses and credentials; raises StackError where nothing has been started."""
        state = read(self.home / "state.json")
        if state is None:
            raise StackError(f"There is no stack in {self.home}: start one with  python -m stack up")
        return state

    @property
    def running(self) -> State:
        """The state of a stack that runs; raises StackError where nothing does."""
        state = self.state
        if not self.status():
            raise StackError(f"Nothing runs of the stack in {self.home}: start it with  make up")
        return state

    def up(self, *, fresh: bool = False, services: list[str] | None = None) -> State:
        """Start what does not run and wait until it is ready; `services` None means all services, [] none."""
        wanted = chosen(services)
        kafka_node.require_tools(LIBRARIES)
        if not kafka_node.is_complete(LIBRARIES):
            self._report("fetching Kafka (once)")
        kafka_node.fetch(LIBRARIES)
        with locked(self.home / "lock"):
            if fresh or not self._supervisor().running():
                self._clear(" of an earlier run")
            if fresh:
                self._wipe()
            runner.note(self.home, find(os.getpid()) if self.with_runner else None)
            for attempt in range(5):
                try:
                    return self._bring_up(wanted)
                except PortTaken as taken:
                    self._report(str(taken))
                    self._clear()
                    if attempt == 4:
                        raise
            raise AssertionError

    def down(self, *, of: Process | None = None) -> None:
        """Stop everything, of a runner only while the stack is that one's; the data stays."""
        with locked(self.home / "lock"):
            if of is not None and not runner.is_of(self.home, of):
                return
            runner.note(self.home, None)
            supervisor = self._supervisor()
            with suppress(OSError, RemoteError):
                names = list(supervisor.conditions())
                infrastructure = [name for name in names if name in ("postgres", "kafka")]
                supervisor.stop([name for name in names if name not in infrastructure])
                supervisor.stop(infrastructure)
                daemon = recorded(self.home / "run" / "supervisord.stat")
                supervisor.shut_down()
                wait_gone([daemon] if daemon else [], 10)
            self._clear()

    def status(self) -> dict[str, Condition]:
        """Return the condition of every program; nothing if supervisord does not run."""
        with suppress(OSError, RemoteError):
            return self._supervisor().conditions()
        return {}

    def program_of(self, service: str) -> str:
        """Return the name of the program in which a service runs."""
        return programs.program_of(service, self.state)

    def freeze(self, name: str) -> None:
        """Let a program stand still until it is killed."""
        condition = self._condition(name)
        if condition.process:
            send(condition.process, signal.SIGSTOP)

    def kill(self, name: str) -> None:
        """Kill a program as a crash would; supervisord starts it again."""
        condition = self._condition(name)
        if condition.process:
            send(condition.process, signal.SIGKILL)
            wait_gone([condition.process], 5)

    def stop(self, name: str) -> None:
        """Stop a program until it is started again."""
        self._condition(name)
        self._supervisor().stop([name])

    def start(self, name: str, *, wait: bool = True) -> None:
        """Start a program that was stopped; with `wait`, return when it is ready."""
        self._condition(name)
        supervisor = self._supervisor()
        supervisor.start(name)
        if wait:
            self.wait_ready(name)

    def run(self, name: str, *arguments: str) -> str:
        """Run a command of a service, such as ("accounts", "staff", "add", ...), and return what it prints."""
        return readiness.run(chosen([name])[0], arguments, self.state)

    def wait_ready(self, name: str, seconds: float = 60) -> None:
        """Wait until a program is ready, for example after it was killed."""
        with ThreadPoolExecutor(1) as thread:  # the caller's thread may run an event loop
            thread.submit(readiness.wait, self._supervisor(), self.state, [name], seconds, lambda line: None).result()

    def shift_clock(self, seconds: float) -> float:
        """Move the services' clock forward and return how many seconds it is ahead of the real one."""
        if seconds < 0:
            raise StackError("The clock only goes forward.")
        with locked(self.home / "clock.lock"):
            shift = float(Path(self.state.clock_file).read_text()) + seconds
            self._write_clock(f"{shift:g}" if shift % 1 else str(int(shift)))
        time.sleep(0.1)  # every service has seen it then: each looks at the file every 50 milliseconds
        return shift

    def log(self, name: str) -> Path:
        """Return the file of a program's output."""
        return self.home / "logs" / f"{name}.log"

    def _bring_up(self, wanted: list[Service]) -> State:
        supervisor = self._supervisor()
        state = read(self.home / "state.json") if supervisor.running() else None
        postgres = self._postgres()
        kafka = Kafka(self.home / "kafka", LIBRARIES)
        if state is None:
            previous = read(self.home / "state.json")
            ports = pick(programs.PORTS, previous.ports if previous else {})
            programs.make_secrets(self.home)
            state = programs.new_state(self.home, ports, postgres)
            state.durable, state.every_span, state.one_process = self.durable, self.every_span, self.one_process
            kafka.configure(ports["kafka"], ports["kafka-controller"])
            if not Path(state.clock_file).exists():
                self._write_clock("0")
            state.write(self.home / "state.json")
        was_running = supervisor.running()
        try:
            self._start_all(state, supervisor, postgres, kafka, wanted)
        except BaseException:
            if not was_running:
                self._clear()
            raise
        running = supervisor.conditions().values()
        state.pids = {entry.name: [*entry.process] for entry in running if entry.process}
        state.write(self.home / "state.json")
        return state

    def _start_all(
        self, state: State, supervisor: Supervisor, postgres: Postgres, kafka: Kafka, wanted: list[Service]
    ) -> None:
        doubles = [double.name for double in DOUBLES if self.doubles]
        names = programs.names_of(wanted, state)

        def start_postgres() -> None:
            postgres.prepare()
            daemon.result()
            supervisor.start("postgres")
            readiness.wait(supervisor, state, ["postgres"], 60, self._report)
            roles = {service.package: state.databases[service.name] for service in SERVICES}
            passwords = {name: secret(self.home / "secrets" / f"database-{name}") for name in roles}
            asyncio.run(postgres_server.create_databases(state.postgres, roles, passwords))
            if wanted:
                start_services()

        def start_services() -> None:
            # services wait for Kafka and its topics by themselves
            readiness.migrate(wanted, state, self._report)
            for name in names:
                supervisor.start(name)
            readiness.introduce(wanted, state)

        def start_kafka() -> None:
            state.kafka_cluster_id = kafka.format()
            daemon.result()
            supervisor.start("kafka")
            readiness.wait(supervisor, state, ["kafka"], 120, self._report)
            if self._topics:
                asyncio.run(kafka_node.create_topics(state.kafka, self._topics()))

        def start_doubles() -> None:
            daemon.result()
            for name in doubles:
                supervisor.start(name)
            readiness.wait(supervisor, state, doubles, 90, self._report)

        plan = programs.all_programs(state, postgres, kafka)
        if supervisor.configure(plan) and supervisor.running():
            self._clear()  # the running supervisord does not know all of these programs
            supervisor.configure(programs.all_programs(state, self._postgres(), kafka))
        with ThreadPoolExecutor(4) as pool:
            daemon = pool.submit(supervisor.start_daemon)
            for future in [pool.submit(step) for step in (start_kafka, start_postgres, start_doubles)]:
                future.result()
        readiness.wait(supervisor, state, names, 90, self._report, patient=False)

    def _supervisor(self) -> Supervisor:
        return Supervisor(self.home, sockets(self.home) / "supervisor.sock")

    def _postgres(self) -> Postgres:
        return Postgres(
            self.home / "postgres", sockets(self.home) / "postgres", self.home / "secrets", durable=self.durable
        )

    def _clear(self, whose: str = "") -> None:
        count = reap(self.home, self.home / "run", self.home / "postgres" / "data")
        if count:
            self._report(f"ended {count} processes{whose}")
        link = self.home / "run" / "sockets"
        if link.is_symlink():
            shutil.rmtree(link.readlink(), ignore_errors=True)
        shutil.rmtree(self.home / "run", ignore_errors=True)

    def _wipe(self) -> None:
        for entry in ("postgres", "kafka", "files", "mail", "provider", "logs", "secrets"):
            shutil.rmtree(self.home / entry, ignore_errors=True)
        for entry in ("state.json", "clock"):
            (self.home / entry).unlink(missing_ok=True)

    def _condition(self, name: str) -> Condition:
        conditions = self.status()
        if not conditions:
            raise StackError(f"No stack runs in {self.home}.")
        if name not in conditions:
            raise StackError(f"There is no program {name}; there are {', '.join(sorted(conditions))}.")
        return conditions[name]

    def _write_clock(self, text: str) -> None:
        part = self.home / f".clock.{os.getpid()}"
        part.write_text(text)
        part.replace(self.home / "clock")
