"""What tests have started ends with them, also where they are killed and can end nothing themselves."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from stack.processes import belongs_to, find

from .test_acquire import holder, line
from .test_acquire import programs as of_run

pytestmark = pytest.mark.timeout(180)

RUNNER = """
import sys, pathlib, time
from stack import Stack
stack = Stack(pathlib.Path(sys.argv[1]), durable=False, doubles=False, with_runner=sys.argv[2] == "True")
stack.up(services=[])
print("up", flush=True)
time.sleep(600)
"""


def ours(home: Path) -> list[int]:
    """The living processes of a home."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if (found := find(pid)) and belongs_to(found, home)]


def gone(left: Callable[[], list[int]]) -> bool:
    """Whether nothing is left, within a time that suffices to stop in order."""
    deadline = time.monotonic() + 40
    while left() and time.monotonic() < deadline:
        time.sleep(0.2)
    return not left()


def runner(home: Path, *, with_runner: bool) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUNNER, str(home), str(with_runner)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "up\n"
    return started


@pytest.mark.torture
def test_a_stack_ends_with_its_runner_unless_another_has_taken_it_over(tmp_path: Path):
    killed = runner(tmp_path, with_runner=True)
    assert ours(tmp_path)
    with runner(tmp_path, with_runner=False) as other:
        killed.kill()
        killed.wait()
        time.sleep(3)
        assert len(ours(tmp_path)) > 1
        other.kill()
    with runner(tmp_path, with_runner=True) as last:
        last.send_signal(signal.SIGKILL)
    assert gone(lambda: ours(tmp_path))


def test_what_a_run_shares_ends_with_its_last_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.delenv("TEST_KAFKA", raising=False)
    with holder(tmp_path) as first, holder(tmp_path) as second:
        assert line(first) == line(second)
        first.kill()
        first.wait()
        time.sleep(3)
        assert of_run(tmp_path)
        second.kill()
    assert gone(lambda: of_run(tmp_path))
    assert not (tmp_path / ".local" / "test-run.json").exists()
