"""Each part is a distribution that stands alone: what it imports it names, and its wheel is whole (PLT-13)."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECTS = sorted(file for pattern in ("*/pyproject.toml", "services/*/pyproject.toml") for file in ROOT.glob(pattern))
METADATA = {file: tomllib.loads(file.read_text()) for file in PROJECTS}
# the packages of distributions that are called otherwise, beside our own
CALLED = {
    "argon2-cffi": "argon2",
    "dkimpy": "dkim",
    "dnspython": "dns",
    "opentelemetry-api": "opentelemetry",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry",
    "opentelemetry-sdk": "opentelemetry",
    "pynacl": "nacl",
    "pyspf": "spf",
    "python-stdnum": "stdnum",
    "pyyaml": "yaml",
}


def run(*words: str, cwd: Path) -> None:
    done = subprocess.run([sys.executable, "-m", *words], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def package_of(metadata: dict[str, Any]) -> str:
    (package,) = metadata["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return Path(package).name


OWN = {metadata["project"]["name"]: package_of(metadata) for metadata in METADATA.values()}
NAMES = ",".join(f"{name}={package}" for name, package in (OWN | CALLED).items())


each = pytest.mark.parametrize("project", PROJECTS, ids=[METADATA[file]["project"]["name"] for file in PROJECTS])


@each
def test_what_is_imported_is_named(project: Path):
    run("deptry", "src", "--package-module-name-map", NAMES, cwd=project.parent)


@pytest.mark.torture
@each
def test_a_wheel_is_whole(project: Path, tmp_path: Path):
    run("hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=project.parent)
    (wheel,) = tmp_path.glob("*.whl")
    run("check_wheel_contents", str(wheel), cwd=tmp_path)
    run("twine", "check", "--strict", str(wheel), cwd=tmp_path)


def test_every_part_has_what_a_reader_of_its_wheel_looks_for():
    lacking = [
        f"{metadata['project']['name']}: {key}"
        for metadata in METADATA.values()
        for key in ("classifiers", "description", "license", "readme", "requires-python")
        if key not in metadata["project"]
    ]
    assert lacking == []
