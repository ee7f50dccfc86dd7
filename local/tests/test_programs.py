"""The programs of a home and their environments."""

from pathlib import Path

import pytest
from stack import overview, programs
from stack.postgres import Postgres
from stack.services import SERVICES, Service
from stack.state import State
from stack.supervisor import Condition


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


def test_the_addresses_are_shown_whole_on_a_narrow_terminal(
    state: State, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("COLUMNS", "80")
    names = [*state.urls, "kafka", "mail-catcher", "provider"]
    overview.show(state, {name: Condition(name, "RUNNING", None, "pid 14208, uptime 0:02:50") for name in names})
    shown = capsys.readouterr().out.split()
    addresses = {*state.urls.values(), *state.admin_urls.values(), state.kafka, state.mail_url, state.provider_url}
    assert addresses <= {*shown}
