"""Every part has an image, made of what its distribution names and nothing else (PLT-13)."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from contracts.topics import SERVICES
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

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


def test_what_is_in_an_image_is_told_as_a_bill_of_materials_that_is_valid(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "path", [str(IMAGES), *sys.path])
    images: Any = importlib.import_module("images")
    listed: dict[str, Any] = {
        "interpreter": "3.13.5",
        "python": [("PyYAML", "6.0.3", "MIT"), ("a", "1", "The whole text\nof a licence"), ("b_c", "1+2", "")],
        "debian": [("libc6", "2.41-12+deb13u1")],
    }
    bill = images.bill("kontor/orders:0.1.0", listed)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill)) is None
    assert [part["purl"] for part in bill["components"]] == [
        "pkg:generic/python@3.13.5",
        "pkg:pypi/pyyaml@6.0.3",
        "pkg:pypi/a@1",
        "pkg:pypi/b-c@1%2B2",
        "pkg:deb/debian/libc6@2.41-12%2Bdeb13u1",
    ]
    assert bill["components"][2]["licenses"] == [{"license": {"name": "The whole text"}}]
