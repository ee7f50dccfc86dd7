"""The programs of a home and their environments."""

from pathlib import Path

import pytest
from stack import programs
from stack.postgres import Postgres
from stack.services import SERVICES, Service
from stack.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    postgres = Postgres(tmp_path / "postgres", tmp_path / "sockets", tmp_path / "secrets", durable=False)
    ports = {name: number for number, name in enumerate(programs.PORTS, 20_000)}
    return programs.new_state(tmp_path, ports, postgres)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_in_one_process_a_service_finds_what_it_finds_in_its_own(service: Service, state: State):
    together = programs.suite_environment(state)
    for name, value in programs.service_environment(service, state).items():
        assert together.get(f"{service.prefix}{name}", together.get(name)) == value


def test_what_services_share_stands_once(state: State):
    together = programs.suite_environment(state)
    assert together["KAFKA_BOOTSTRAP_SERVERS"] == state.kafka
    assert [name for name in together if name.endswith("KAFKA_BOOTSTRAP_SERVERS")] == ["KAFKA_BOOTSTRAP_SERVERS"]
