"""Every part has an image, made of what its distribution names and nothing else (PLT-13)."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from contracts.topics import SERVICES

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "deploy" / "images"
PINNED = re.compile(r"^([\w.-]+)==(\S+)", re.MULTILINE)


def part(what: str, name: str) -> list[str]:
    command = [sys.executable, str(IMAGES / "parts.py"), what, name]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


@pytest.mark.parametrize("name", [*SERVICES, "suite", "doubles"])
def test_an_image_has_a_program_and_its_libraries_are_locked(name: str):
    assert part("program", name) == ["kontor" if name == "suite" else f"kontor-{name}"]
    locked = {name.lower() for name, _ in PINNED.findall((ROOT / "requirements.txt").read_text())}
    assert {library.partition("[")[0] for library in part("libraries", name)} <= locked


def test_an_image_has_no_other_service_in_it():
    assert part("own", "orders") == ["chassis", "contracts", "services/orders"]
    assert {f"services/{name}" for name in SERVICES} <= {*part("own", "suite")}


def test_what_builds_wheels_is_locked_at_versions_that_we_test():
    locked = PINNED.findall((IMAGES / "build-requirements.txt").read_text())
    assert {*locked} <= {*PINNED.findall((ROOT / "constraints.txt").read_text())}, "run `make lock`"
    assert {"hatchling", "setuptools"} <= {name for name, _ in locked}
