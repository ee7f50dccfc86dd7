"""The stack is started for real, disturbed, and taken down."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from stack import Stack, ports
from stack.errors import StackError
from stack.processes import belongs_to, find, listening_ports, wait_gone
from stack.state import State

pytestmark = pytest.mark.timeout(300)

TOPICS = [("FileReleased", -1), ("OrderPaid", 3_600_000), ("ProductPublished", -1), ("TenantOpened", -1)]
# read by every Python program at its start: a way to break one service and no other
SABOTAGE = """
import os, sys
if sys.orig_argv[1:3] == ["-m", "catalog"] and os.path.exists(os.path.join(os.path.dirname(__file__), "broken")):
    os.write(2, b"no colour for the shop window\\n")
    os._exit(1)
"""


def ours(home: Path) -> list[int]:
    """List the living processes that belong to the home."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and (found := find(pid)) and belongs_to(found, home)]


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stack", *words],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    sabotage = tmp_path_factory.mktemp("programs") / "sitecustomize.py"
    sabotage.write_text(SABOTAGE)
    with pytest.MonkeyPatch.context() as patch:
        # supervisord hands its environment down
        patch.setenv("PYTHONPATH", str(sabotage.parent), prepend=os.pathsep)
        stack = Stack(
            tmp_path_factory.mktemp("home"), durable=False, doubles=False, topics=lambda: TOPICS, with_runner=True
        )
        stack.up(services=[])
        yield stack
        stack.down()
    assert ours(stack.home) == []


@pytest.fixture
def state(stack: Stack) -> State:
    return stack.up(services=[])


async def test_each_service_has_a_database_of_its_own(state: State):  # PLT-13
    connection = await asyncpg.connect(state.databases["letters"])
    try:
        assert await connection.fetchval("select current_user || ' ' || current_database()") == "letters letters"
        await connection.execute("create table mails ()")
    finally:
        await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(state.databases["letters"].replace("/letters?", "/orders?"))


async def test_the_test_database_does_not_wait_for_the_disk(state: State):
    connection = await asyncpg.connect(state.postgres)
    try:
        assert await connection.fetchval("show fsync") == "off"
        assert await connection.fetchval("show max_connections") == "800"
    finally:
        await connection.close()


async def test_topics_have_three_partitions(state: State):
    admin = AIOKafkaAdminClient(bootstrap_servers=state.kafka)
    await admin.start()
    try:
        described = await admin.describe_topics([name for name, _ in TOPICS])
    finally:
        await admin.close()
    assert [(topic["topic"], len(topic["partitions"])) for topic in described] == [(name, 3) for name, _ in TOPICS]


def test_up_again_changes_nothing(stack: Stack, state: State):
    assert stack.up(services=[]) == state


def test_the_state_is_for_its_owner_only(stack: Stack, state: State):
    file = stack.home / "state.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["kafka"] == state.kafka


def test_the_clock_only_goes_forward(stack: Stack, state: State):
    assert Path(state.clock_file).read_text() == "0"
    assert stack.shift_clock(3600) == 3600
    assert Path(state.clock_file).read_text() == "3600"
    with pytest.raises(StackError):
        stack.shift_clock(-1)


def test_a_killed_program_comes_back(stack: Stack, state: State):
    before = stack.status()["postgres"].process
    stack.kill("postgres")
    stack.wait_ready("postgres")
    assert stack.status()["postgres"].process not in (before, None)


def test_a_stopped_program_stays_down_until_it_is_started(stack: Stack, state: State):
    stack.stop("postgres")
    time.sleep(1.2)
    assert stack.status()["postgres"].state == "STOPPED"
    stack.start("postgres")
    assert stack.status()["postgres"].process


@pytest.mark.torture
async def test_a_killed_supervisord_leaves_no_orphan_and_loses_no_data(stack: Stack, state: State):
    connection = await asyncpg.connect(state.postgres)
    await connection.execute("set synchronous_commit = on")
    await connection.execute("create table if not exists kept (n int)")
    await connection.close()
    children = [find(pid) for pid in ours(stack.home)]
    os.kill(int((stack.home / "run" / "supervisord.pid").read_text()), signal.SIGKILL)
    assert wait_gone([child for child in children if child], 10) == []
    again = stack.up(services=[])
    connection = await asyncpg.connect(again.postgres)
    try:
        assert await connection.fetchval("select count(*) from kept") == 0
    finally:
        await connection.close()


def test_a_process_with_a_recorded_pid_but_another_start_is_spared(stack: Stack, state: State):
    with subprocess.Popen(["sleep", "60"], env={"KONTOR_HOME": str(stack.home)}) as other:
        line = Path(f"/proc/{other.pid}/stat").read_text().split()
        line[21] = "1"
        (stack.home / "run" / "other.stat").write_text(" ".join(line))
        stack.down()
        assert other.poll() is None
        other.kill()


@pytest.mark.torture
def test_half_made_data_is_made_again(stack: Stack):
    stack.down()
    (stack.home / "postgres" / "data" / "global" / "pg_control").unlink()
    (stack.home / "postgres" / "data.part").mkdir()
    (stack.home / "kafka" / "data" / "meta.properties").unlink()
    state = stack.up(services=[])
    assert state.kafka_cluster_id


@pytest.mark.torture
def test_a_port_taken_after_it_was_picked_is_given_up(stack: Stack, monkeypatch: pytest.MonkeyPatch):
    stack.down()
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        taken = int(squatter.getsockname()[1])
        left = [taken]

        def pick(names: Iterable[str], previous: dict[str, int]) -> dict[str, int]:
            return ports.pick(names, previous) | ({"kafka": left.pop()} if left else {})

        monkeypatch.setattr("stack.stack.pick", pick)
        state = stack.up(services=[])
        assert state.kafka != f"127.0.0.1:{taken}"


@pytest.mark.torture
def test_a_fresh_start_is_empty(stack: Stack, state: State):
    cluster = state.kafka_cluster_id
    (stack.home / "files").mkdir()
    fresh = stack.up(fresh=True, services=[])
    assert fresh.kafka_cluster_id != cluster
    assert not (stack.home / "files").exists()
    assert Path(fresh.clock_file).read_text() == "0"


def catalog(stack: Stack) -> subprocess.CompletedProcess[str]:
    home = ["--home", str(stack.home), "--not-durable", "--no-doubles", "--no-topics"]
    return command("up", *home, "--services", "catalog")


@pytest.mark.parametrize(
    "runs", [pytest.param(True, marks=pytest.mark.torture), False], ids=["beside what runs", "from nothing"]
)
def test_a_service_that_fails_is_named_with_its_log(stack: Stack, state: State, runs: bool):
    if not runs:
        stack.down()
    broken = Path(os.environ["PYTHONPATH"].split(os.pathsep)[0]) / "broken"
    broken.touch()
    failed = catalog(stack)
    broken.unlink()
    assert failed.returncode == 1
    assert "catalog ended instead of coming up" in failed.stderr
    assert "no colour for the shop window" in failed.stderr
    assert "of an earlier run" not in failed.stdout
    assert runs or re.search(r"^ended \d+ processes$", failed.stdout, re.MULTILINE)


async def test_data_of_another_version_are_named_with_the_command_that_begins_anew(stack: Stack, state: State):
    assert "catalog is ready" in catalog(stack).stdout
    connection = await asyncpg.connect(state.databases["catalog"])
    before = await connection.fetchval("select sha256 from chassis.migrations where series = 'catalog' and number = 1")
    change = "update chassis.migrations set sha256 = $1 where series = 'catalog' and number = 1"
    try:
        await connection.execute(change, "0" * 64)
        refused = catalog(stack)
    finally:
        await connection.execute(change, before)
        await connection.close()
    assert refused.returncode == 1
    assert f"python -m stack up --fresh --home {stack.home}" in refused.stderr


def test_a_service_is_ready_again_after_a_kill(stack: Stack, state: State):
    done = catalog(stack)
    assert "catalog is ready" in done.stdout, done.stderr
    stack.kill("catalog")
    stack.wait_ready("catalog")
    process = stack.status()["catalog"].process
    assert process
    assert listening_ports(process.pid) == {state.ports["catalog"], state.ports["catalog-admin"]}


def test_a_command_of_a_service_is_run_with_the_settings_of_the_stack(stack: Stack, state: State):
    here = ("run", "--home", str(stack.home), "catalog")
    shown = command(*here, "parked", "list")
    assert (shown.returncode, shown.stdout) == (0, "nothing is waiting\n"), shown.stderr
    assert command(*here, "dead", "discard", "17").returncode == 1


def test_where_nothing_runs_a_command_is_refused_with_a_sentence(stack: Stack, state: State, tmp_path: Path):
    (tmp_path / "state.json").write_text((stack.home / "state.json").read_text())
    refused = command("run", "--home", str(tmp_path), "catalog", "parked", "list")
    assert (refused.returncode, "Nothing runs" in refused.stderr, "make up" in refused.stderr) == (1, True, True)
    assert command("run", "--home", str(tmp_path), "catalog", "--help").returncode == 0


def test_a_service_without_a_program_is_an_error(stack: Stack):
    with pytest.raises(StackError, match="There is no service no-such-service"):
        stack.up(services=["no-such-service"])


def test_without_java_the_command_that_installs_it_is_printed(tmp_path: Path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("sh", "setpriv", "setsid"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    done = command("up", "--home", str(tmp_path / "home"), "--services", "none", PATH=str(tools))
    assert done.returncode == 1
    how = "install it with  apt-get install openjdk-17-jre-headless maven  or start a container engine"
    assert done.stderr == f"Kafka needs Java 17 or newer, and there is no java: {how}\n"
