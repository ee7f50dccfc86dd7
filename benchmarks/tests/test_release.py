"""Another checkout, however it is laid out, runs with its own packages alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.__main__ import bounded
from benchmarks.release import Release
from benchmarks.table import chosen


def packages(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).mkdir(parents=True)
    return root


def test_source_folders_are_found_in_any_layout(tmp_path: Path):
    older = packages(tmp_path, "chassis/src/chassis", "deploy/local/src/stack", ".venv/src/other")
    assert [str(path.relative_to(older)) for path in Release.at(older).sources] == ["chassis/src", "deploy/local/src"]


def test_a_directory_that_is_no_checkout_is_refused(tmp_path: Path):
    with pytest.raises(LookupError, match="no checkout"):
        Release.at(packages(tmp_path, "chassis/src/chassis"))


def test_the_other_interpreter_and_the_other_packages_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    release = Release.at(packages(tmp_path, "local/src/stack"))
    assert release.environment["PYTHONPATH"] == str(tmp_path.resolve() / "local/src")
    assert release.command("suite", tmp_path)[0] == sys.executable
    packages(tmp_path, ".venv/bin")
    (tmp_path / ".venv/bin/python").touch()
    assert release.command("suite", tmp_path)[0] == str(tmp_path.resolve() / ".venv/bin/python")


def test_a_driver_with_another_stack_than_the_releases_gives_up(tmp_path: Path):
    release = Release.at(packages(tmp_path, "local/src/stack"))  # without modules: the virtual environment has some
    command = release.command("suite", tmp_path / "home")
    done = subprocess.run(command, env=release.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is not the other release's" in done.stderr


def test_a_bound_names_a_figure_of_the_chosen_benchmarks():
    (sale,) = bounded(chosen(["sale"]), ["sales=1.2", "cpu of services and PostgreSQL=0.8"])
    bounds = {metric.name: metric.ratio for metric in sale.metrics}
    assert (bounds["sales"], bounds["cpu of services and PostgreSQL"], bounds["cpu of Kafka"]) == (1.2, 0.8, None)
    with pytest.raises(LookupError, match="no figure start orders"):
        bounded(chosen(["sale"]), ["start orders=1"])
    with pytest.raises(ValueError, match="could not convert"):
        bounded(chosen(["sale"]), ["sales"])
