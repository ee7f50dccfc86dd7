"""PostgreSQL and Kafka for tests: given ones, in containers, or the local stack's; one for all processes of a run."""

import asyncio
import fcntl
import importlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "apache/kafka:4.3.0"
LABEL = "kontor.test"
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=800")


@dataclass(frozen=True)
class Infrastructure:
    """The URL of PostgreSQL (an administrator's), Kafka's bootstrap servers, and the state of the local stack."""

    postgres: str
    kafka: str
    state: dict[str, Any] = field(default_factory=dict[str, Any])


class InfrastructureMissing(Exception):
    """PostgreSQL and Kafka are not given and cannot be started."""


def acquire(root: Path) -> Infrastructure:
    """Return PostgreSQL and Kafka for this process; the first process of a run starts them."""
    given = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_KAFKA")
    if given[0] and given[1]:
        return Infrastructure(given[0], given[1])
    with _locked(root) as register:
        users = _living(register)
        found = _read(register)
        if not users or found is None or not _answers(found.kafka):
            found = _start_containers(root) or _start_local(root, fresh=not users)
            _watch(root)
        _write(register, found, [*users, _myself()])
    return found


def release(root: Path) -> None:
    """Release what `acquire` returned; the last process of a run stops it."""
    if os.environ.get("TEST_DATABASE_URL") and os.environ.get("TEST_KAFKA"):
        return
    with _locked(root) as register:
        found = _read(register)
        if found is None:
            return
        users = [user for user in _living(register) if user != _myself()]
        if users:
            _write(register, found, users)
            return
        register.unlink()
        if found.state:
            _stack(root, "down")
        else:
            _remove_containers(root)


def _watch(root: Path) -> None:
    """Let a process in a session of its own, which no signal to this one reaches, end what a killed run leaves."""
    command = ["setsid", "--fork", sys.executable, "-m", "chassis_testing.guard", str(root)]
    none = subprocess.DEVNULL
    subprocess.run(command, check=True, cwd="/", stdin=none, stdout=none, stderr=none)


def users(root: Path) -> list[list[int]] | None:
    """Return the processes of a run that still run, each with its start time; None where nothing is left to end."""
    register = root / ".local" / "test-run.json"
    return _living(register) if register.exists() else None


@contextmanager
def _locked(root: Path) -> Generator[Path]:
    directory = root / ".local"
    directory.mkdir(exist_ok=True)
    with (directory / "test-run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield directory / "test-run.json"


def _myself() -> list[int]:
    pid = os.getpid()
    return [pid, _start_time(pid) or 0]


def _start_time(pid: int) -> int | None:
    # a pid alone may belong to another process by now
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def _register(file: Path) -> dict[str, Any]:
    try:
        raw: object = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}


def _living(file: Path) -> list[list[int]]:
    users: list[list[int]] = _register(file).get("users", [])
    return [[pid, started] for pid, started in users if _start_time(pid) == started]


def _read(file: Path) -> Infrastructure | None:
    raw = _register(file)
    return Infrastructure(raw["postgres"], raw["kafka"], raw["state"]) if raw else None


def _write(file: Path, found: Infrastructure, users: list[list[int]]) -> None:
    content = {"postgres": found.postgres, "kafka": found.kafka, "state": found.state, "users": users}
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(content))
    part.replace(file)


def _answers(kafka: str) -> bool:
    host, _, port = kafka.split(",", maxsplit=1)[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def _start_local(root: Path, *, fresh: bool) -> Infrastructure:
    options = ["--services", "none", "--not-durable", "--no-doubles", "--no-topics", *(["--fresh"] if fresh else [])]
    _stack(root, "up", *options)
    state: dict[str, Any] = json.loads((root / ".local" / "test" / "state.json").read_text())
    return Infrastructure(state["postgres"], state["kafka"], state)


def _stack(root: Path, command: str, *options: str) -> None:
    home = root / ".local" / "test"
    program = [sys.executable, "-m", "stack", command, "--home", str(home), *options]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InfrastructureMissing(f"python -m stack {command}: {done.stderr or done.stdout}")


def _engine() -> Any:
    """Return the client of the container engine; None if none answers or it lacks the images.

    KONTOR_RUNTIME decides: `local` wants none; `docker` pulls the images, and raises InfrastructureMissing if it fails.
    """
    runtime = os.environ.get("KONTOR_RUNTIME", "")
    if runtime == "local":
        return None
    try:
        untyped: Any = importlib.import_module("testcontainers.core.docker_client")
        client: Any = untyped.DockerClient(timeout=300 if runtime else 2)
        images = client.client.images
        there = {tag for image in images.list() for tag in image.tags}
        for name in (POSTGRES_IMAGE, KAFKA_IMAGE):
            if name not in there and runtime:
                images.pull(name)
            else:
                images.get(name)
    except Exception as error:  # without an engine, for whatever reason, the local stack is used
        if runtime:
            raise InfrastructureMissing(f"KONTOR_RUNTIME={runtime}: no engine can be used: {error}") from error
        return None
    return client


def published(host: str, port: int | None = None) -> tuple[str, int | None] | int | None:
    """Return where a container's port is published, any one for None: on loopback, unless the engine runs elsewhere."""
    return ("127.0.0.1", port) if host in ("localhost", "127.0.0.1") else port


def _start_containers(root: Path) -> Infrastructure | None:
    engine = _engine()
    if engine is None:
        return None
    _remove_containers(root)
    host: str = engine.host()
    password = secrets.token_urlsafe(16)
    # not through testcontainers' classes, for their containers end with the process that started them
    common: dict[str, Any] = {"detach": True, "labels": {LABEL: str(root)}}
    postgres: Any = engine.client.containers.run(
        POSTGRES_IMAGE,
        ["postgres", *(word for setting in NOT_DURABLE for word in ("-c", setting))],
        environment={"POSTGRES_PASSWORD": password},
        ports={"5432/tcp": published(host)},
        tmpfs={"/var/lib/postgresql": ""},
        **common,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    engine.client.containers.run(
        KAFKA_IMAGE, environment=_kafka_environment(host, port), ports={"9092/tcp": published(host, port)}, **common
    )
    postgres.reload()
    at = postgres.ports["5432/tcp"][0]["HostPort"]
    found = Infrastructure(f"postgresql://postgres:{password}@{host}:{at}/postgres", f"{host}:{port}")
    with ThreadPoolExecutor(1) as thread:  # the caller's thread may run an event loop
        thread.submit(asyncio.run, _ready(found)).result()
    return found


def _remove_containers(root: Path) -> None:
    engine = _engine()
    if engine is not None:
        for container in engine.client.containers.list(all=True, filters={"label": f"{LABEL}={root}"}):
            container.remove(force=True, v=True)


def _kafka_environment(host: str, port: int) -> dict[str, str]:
    internal = ("OFFSETS_TOPIC", "TRANSACTION_STATE_LOG", "SHARE_COORDINATOR_STATE_TOPIC")
    return {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{host}:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS": "3",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR": "1",
        **{f"KAFKA_{topic}_REPLICATION_FACTOR": "1" for topic in internal},
    }


async def _ready(found: Infrastructure) -> None:
    import asyncpg
    from aiokafka.admin import AIOKafkaAdminClient
    from aiokafka.errors import KafkaError

    deadline = time.monotonic() + 60
    while True:
        client: Any = AIOKafkaAdminClient(bootstrap_servers=found.kafka)
        try:
            await client.start()
            await (await asyncpg.connect(found.postgres, timeout=5)).close()
            return
        except (OSError, KafkaError, asyncpg.PostgresError) as error:
            if time.monotonic() > deadline:
                raise InfrastructureMissing("The containers do not answer after a minute.") from error
            await asyncio.sleep(0.1)
        finally:
            await client.close()
