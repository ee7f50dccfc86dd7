"""One stack serves all processes of a test run, and a killed run leaves nothing that hurts the next."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from chassis_testing.stack import acquire, published, release
from docker.types import HostConfig
from stack.processes import belongs_to, find

HOLD = """
import sys, pathlib
from chassis_testing.stack import acquire, release
root = pathlib.Path(sys.argv[1])
print(acquire(root).kafka, flush=True)
sys.stdin.read()
release(root)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A place whose path is too long for a Unix socket."""
    deep = tmp_path / ("a-rather-long-directory-name" * 3)
    deep.mkdir()
    return deep


@pytest.mark.parametrize(("engine", "address"), [("localhost", "127.0.0.1"), ("10.0.0.7", "")])
@pytest.mark.parametrize("port", [None, 9092])
def test_containers_are_published_on_loopback_unless_the_engine_runs_elsewhere(
    engine: str, address: str, port: int | None
):
    config: Any = HostConfig(version="1.41", port_bindings={"9092/tcp": published(engine, port)})
    assert config["PortBindings"] == {"9092/tcp": [{"HostIp": address, "HostPort": str(port or "")}]}


@pytest.mark.torture
@pytest.mark.timeout(120)
def test_a_run_shares_one_stack_and_survives_a_killed_run(root: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.delenv("TEST_KAFKA", raising=False)
    with holder(root) as killed:
        first = line(killed)
        killed.send_signal(signal.SIGKILL)
    mine = acquire(root)
    sockets = Path(mine.state["run_directory"])
    assert sockets.is_dir()
    with holder(root) as other:
        assert line(other) == mine.kafka
        release(root)
        assert programs(root)
        other.communicate("")
    assert first
    assert programs(root) == []
    assert not sockets.exists()


def holder(root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def programs(root: Path) -> list[int]:
    home = root / ".local" / "test"
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and (found := find(pid)) and belongs_to(found, home)]
