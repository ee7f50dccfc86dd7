"""The supervisord of a home: its configuration, and the calls that control it."""

import importlib
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.errors import ProgramFailed
from stack.processes import HOME_VARIABLE, Process, find

NOT_RUNNING, ALREADY_STARTED = 70, 60
STOPPING = "STOPPING"

HEAD = """\
[supervisord]
nodaemon=true
silent=true
logfile={logs}/supervisord.log
logfile_maxbytes=1MB
logfile_backups=1
pidfile={run}/supervisord.pid
childlogdir={logs}
directory={home}

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

# startretries: a program that misses something it needs is tried for minutes before it is given up
PROGRAM = """
[program:{name}]
command=/bin/sh "{script}"
autostart=false
autorestart=true
startsecs=1
startretries=1000
stopsignal={stop_signal}
stopwaitsecs=15
stdout_logfile=NONE
stderr_logfile=NONE
"""


@dataclass(frozen=True)
class Program:
    """A program under supervision."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    stop_signal: str = "TERM"


@dataclass(frozen=True)
class Condition:
    """The condition of a program, as supervisord sees it."""

    name: str
    state: str
    process: Process | None
    description: str


class Supervisor:
    """The supervisord of one home."""

    def __init__(self, home: Path, socket: Path) -> None:
        self.home = home
        self.socket = socket
        self._run = home / "run"
        self._logs = home / "logs"

    def configure(self, programs: Iterable[Program]) -> bool:
        """Write a start script for each program and the configuration; return whether the latter has changed."""
        self._run.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        # supervisord expands percent signs
        paths = {"home": self.home, "run": self._run, "logs": self._logs, "socket": self.socket}
        text = HEAD.format_map({name: str(path).replace("%", "%%") for name, path in paths.items()})
        for program in programs:
            script = self._write_script(program.name, program.command, program.environment)
            text += PROGRAM.format(
                name=program.name, script=str(script).replace("%", "%%"), stop_signal=program.stop_signal
            )
        file = self._run / "supervisord.conf"
        if file.exists() and file.read_text() == text:
            return False
        file.write_text(text)
        return True

    def _write_script(self, name: str, command: list[str], environment: Mapping[str, str]) -> Path:
        script = self._run / f"{name}.sh"
        quote = shlex.quote
        lines = [
            f"cat /proc/$$/stat >{quote(str(self._run / f'{name}.stat'))}",
            f"export {HOME_VARIABLE}={quote(str(self.home))}",
            *(f"export {variable}={quote(value)}" for variable, value in environment.items()),
            f"exec {shlex.join(command)} >>{quote(str(self._logs / f'{name}.log'))} 2>&1",
        ]
        script.touch(mode=0o600)
        script.chmod(0o600)
        script.write_text("\n".join(lines) + "\n")
        return script

    def start_daemon(self) -> None:
        """Start supervisord in the background and wait until it answers."""
        if self.running():
            return
        self.socket.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._run / "supervisord.conf")]
        script = self._write_script("supervisord", command, {})
        subprocess.run(["setsid", "--fork", "/bin/sh", str(script)], check=True, stdin=subprocess.DEVNULL, cwd="/")
        deadline = time.monotonic() + 20
        while not self.running():
            if time.monotonic() > deadline:
                raise ProgramFailed("supervisord", "does not answer", self.tail("supervisord"))
            time.sleep(0.02)

    def running(self) -> bool:
        """Return whether supervisord answers."""
        try:
            self._call("getPID")
        except (OSError, xmlrpc.client.Error):
            return False
        return True

    def conditions(self) -> dict[str, Condition]:
        """Return the condition of every program."""
        return {row["name"]: _condition(row) for row in self._call("getAllProcessInfo")}

    def start(self, name: str) -> None:
        """Start a program, if it does not run."""
        self._tolerating(ALREADY_STARTED, "startProcess", name, False)

    def stop(self, names: Iterable[str], seconds: float = 20) -> None:
        """Stop programs at the same time and wait until they have ended."""
        names = list(names)
        for name in names:
            self._tolerating(NOT_RUNNING, "stopProcess", name, False)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            conditions = self.conditions()
            # one that has ended and that supervisord has not yet missed would not be started again
            if all(conditions[name].process is None and conditions[name].state != STOPPING for name in names):
                return
            time.sleep(0.02)

    def shut_down(self) -> None:
        """Stop supervisord and what it still runs."""
        self._call("shutdown")

    def tail(self, name: str, lines: int = 25) -> str:
        """Return the last lines of a program's log."""
        try:
            text = (self._logs / f"{name}.log").read_bytes()[-20_000:].decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _tolerating(self, code: int, method: str, *arguments: Any) -> None:
        try:
            self._call(method, *arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != code:
                raise

    def _call(self, method: str, *arguments: Any) -> Any:
        untyped: Any = importlib.import_module("supervisor.xmlrpc")
        transport: xmlrpc.client.Transport = untyped.SupervisorTransport(None, None, f"unix://{self.socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
            return getattr(proxy.supervisor, method)(*arguments)


def _condition(row: dict[str, Any]) -> Condition:
    process = find(int(row["pid"])) if row["pid"] else None
    return Condition(str(row["name"]), str(row["statename"]), process, str(row["description"]))
