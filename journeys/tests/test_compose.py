"""What the demo adds to the compose file fits it: settings that exist, containers that are there (PLT-16)."""

import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from journeys.compose import FIRST_PORT, demo_settings
from journeys.runtime import Runtime, choose
from stack.services import SERVICES
from stack.stack import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def test_what_the_demo_sets_are_settings_and_what_it_changes_is_there():
    added = demo_settings()["services"]
    assert added.keys() - {"names"} <= COMPOSE.keys()
    for at, service in enumerate(SERVICES):
        assert f"-{FIRST_PORT + at}}}:8080" in COMPOSE[service.name]["ports"][0]
        known = import_module(f"{service.package}.settings").Settings.model_fields
        environment = added[service.name]["environment"]
        assert {name.lower() for name in environment} <= known.keys()
        assert not [value for value in environment.values() if value.startswith("file:")]  # they cannot write there


def test_nothing_of_the_demo_is_published_beyond_this_machine_and_no_port_twice():
    both = (*COMPOSE.values(), *demo_settings()["services"].values())
    published = [port for program in both for port in program.get("ports", ())]
    assert all(port.startswith("127.0.0.1:") for port in published)
    taken = [port.rpartition(":")[0] for port in published]
    assert len({*taken}) == len(taken)


def engine(tmp_path: Path, *answers: str) -> str:
    """Return a client of a container engine which answers these words, and fails at others."""
    client = tmp_path / "docker"
    cases = "".join(f'"{words}") echo "{answer}" ;; ' for words, _, answer in (line.partition("=") for line in answers))
    client.write_text(f'#!/bin/sh\ncase "$1 $2" in {cases}*) exit 1 ;; esac\n')
    client.chmod(0o755)
    return str(client)


@pytest.mark.parametrize(
    ("answers", "kind", "reason"),
    [
        ((), "local", "no container engine answers"),
        (("version =28", "image inspect=x"), "local", "no container engine answers"),  # without compose
        (("version =28", "compose version=2"), "local", "lacks images of Kontor"),
        (
            ("version =28", "compose version=2", "image inspect=0123456789abcdef"),
            "local",
            "of commit 0123456789",
        ),
        # one service is older than the others
        (
            ("version =28", "compose version=2", "image inspect=HEAD\n0123456789abcdef\nHEAD"),
            "local",
            "of commit 0123456789",
        ),
        (("version =28", "compose version=2", "image inspect=HEAD"), "docker", "has the images of this commit"),
    ],
)
def test_the_demo_takes_an_engine_that_has_the_images_of_this_commit(
    answers: tuple[str, ...], kind: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
    given = [answer.replace("HEAD", head.stdout.strip()) for answer in answers]
    monkeypatch.setenv("DOCKER", engine(tmp_path, *given))
    chosen = choose(None)
    assert chosen.kind == kind
    assert reason in chosen.reason
    assert choose("local") == Runtime("local", "KONTOR_RUNTIME=local")
