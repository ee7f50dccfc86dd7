"""What the demo adds to the compose file fits it: settings that exist, containers that are there (PLT-16)."""

from importlib import import_module
from typing import Any

import yaml
from journeys.compose import FIRST_PORT, demo_settings
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
