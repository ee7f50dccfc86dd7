import os
import subprocess
import sys
from pathlib import Path

import pytest

TEST = """
import pytest
from chassis_testing import Histories


@pytest.mark.histories(4)
def test_something(histories: Histories):
    print("seeds", *histories)
    for seed in histories:
        with histories.naming(seed):
            assert seed != 5
"""
LATE = TEST.replace("assert seed != 5", "pass") + "    assert 5 not in histories\n"


def run(directory: Path, text: str, *options: str) -> str:
    """Return what pytest prints about a file of tests."""
    file = directory / "test_it.py"
    file.write_text(text)
    command = [sys.executable, "-m", "pytest", "-p", "chassis_testing", "-p", "no:cacheprovider", "-rA", *options]
    # what belongs to the run that runs this one is not passed on
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [*command, f"--rootdir={directory}", str(file)], env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.torture
def test_a_test_plays_one_block_unless_more_are_asked_for(tmp_path: Path):
    printed = run(tmp_path, TEST)
    assert "seeds 0 1 2 3\n" in printed
    assert "1 passed" in printed


@pytest.mark.torture
def test_a_failing_history_is_named_and_its_seed_plays_it_alone(tmp_path: Path):
    printed = run(tmp_path, TEST, "--histories", "10")
    assert "1 failed, 2 passed" in printed
    assert 'history 5 failed; it plays again by\n  python -m pytest "test_it.py::test_something"' in printed
    alone = run(tmp_path, TEST, "--history-seed", "5")
    assert "seeds 5\n" in alone
    assert "1 failed in" in alone


@pytest.mark.torture
def test_a_failure_of_no_single_history_names_all_that_were_in_flight(tmp_path: Path):
    assert "histories 4 to 7 were in flight" in run(tmp_path, LATE, "--histories", "8")


@pytest.mark.torture
def test_whoever_takes_histories_says_how_many_at_a_time(tmp_path: Path):
    printed = run(tmp_path, TEST.replace("@pytest.mark.histories(4)", ""))
    assert "takes histories and has no mark of that name" in printed
