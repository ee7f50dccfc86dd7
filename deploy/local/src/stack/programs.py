"""Which programs a home runs, and the environment each gets."""

import base64
import secrets as random
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stack.kafka import Kafka
from stack.postgres import Postgres
from stack.services import ADDRESSES, AFTER_MIGRATE, SERVICES, Service, filled
from stack.state import State, secret
from stack.supervisor import Program

DOUBLES = {"mail-catcher": "stack.mail_catcher", "provider": "stack.provider"}
PORTS = (
    "kafka",
    "kafka-controller",
    "smtp",
    "mail-catcher",
    "provider",
    *(service.name for service in SERVICES),
    *ADDRESSES,
)
PDEATHSIG = ["setpriv", "--pdeathsig", "KILL"]


def address(home: Path, ports: dict[str, int], postgres: Postgres, *, durable: bool) -> State:
    """The state of a home that runs on these ports."""
    url = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    names = [service.name for service in SERVICES]
    return State(
        home=str(home),
        kafka=f"127.0.0.1:{ports['kafka']}",
        postgres=postgres.url(),
        databases={service.name: postgres.url(service.package, service.package) for service in SERVICES},
        urls={name: url[name] for name in (*names, *ADDRESSES)},
        secret_files={name: str(home / "secrets" / name) for name in names},
        smtp_port=ports["smtp"],
        mail_url=url["mail-catcher"],
        provider_url=url["provider"],
        clock_file=str(home / "clock"),
        durable=durable,
        ports=ports,
        run_directory=str(postgres.sockets.parent),
    )


def make_secrets(home: Path) -> None:
    """Have every secret the programs read from files."""
    directory = home / "secrets"
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    for name in (*(service.name for service in SERVICES), "provider-api-key", "provider-webhook-secret"):
        secret(directory / name)
    secret(directory / "master-key", base64.urlsafe_b64encode(random.token_bytes(32)).decode())


def service_environment(service: Service, state: State) -> dict[str, str]:
    """What a service reads when it starts."""
    home = Path(state.home)
    common = {
        "DATABASE_URL": state.databases[service.name],
        "KAFKA": state.kafka,
        "HTTP_PORT": str(state.ports[service.name]),
        "ACCOUNTS_URL": state.urls["accounts"],
        "PUBLIC_URL": state.urls[service.name],
        "SERVICE_SECRET_FILE": state.secret_files[service.name],
        "CLOCK_FILE": state.clock_file,
        "SPANS_FILE": str(home / "logs" / f"{service.name}.spans.jsonl"),
        "PYTHONUNBUFFERED": "1",
    }
    places: dict[str, Any] = {**asdict(state), "secrets": str(home / "secrets")}
    return common | filled(service.environment, places)


def double_environment(state: State) -> dict[str, dict[str, str]]:
    """What the programs that stand for the outside world read."""
    home = Path(state.home)
    return {
        "mail-catcher": {
            "SMTP_PORT": str(state.smtp_port),
            "HTTP_PORT": str(state.ports["mail-catcher"]),
            "MAIL_DIR": str(home / "mail"),
        },
        "provider": {
            "HTTP_PORT": str(state.ports["provider"]),
            "PUBLIC_URL": state.provider_url,
            "PROVIDER_API_KEY_FILE": str(home / "secrets" / "provider-api-key"),
            "PROVIDER_WEBHOOK_SECRET_FILE": str(home / "secrets" / "provider-webhook-secret"),
            "WEBHOOK_URL": f"{state.urls['payments']}/webhooks/provider",
            "CLOCK_FILE": state.clock_file,
        },
    }


def all_programs(state: State, postgres: Postgres, kafka: Kafka) -> list[Program]:
    """Everything supervisord may run."""
    quick = not state.durable
    programs = [
        Program("postgres", postgres.command(), {}, stop_signal="QUIT" if quick else "INT"),
        Program("kafka", kafka.command(), {}, stop_signal="KILL" if quick else "TERM"),
    ]
    environments = double_environment(state)
    for name, module in DOUBLES.items():
        programs.append(Program(name, [*PDEATHSIG, sys.executable, "-m", module], environments[name]))
    for service in SERVICES:
        command = [*PDEATHSIG, sys.executable, "-m", service.package, "serve"]
        programs.append(Program(service.name, command, service_environment(service, state)))
    return programs


def commands_after_migrate(services: list[Service], state: State) -> list[tuple[Service, list[str]]]:
    """The commands that make services known to each other, for those that run."""
    commands: list[tuple[Service, list[str]]] = []
    for runner in services:
        for name, words in AFTER_MIGRATE:
            if name != runner.name:
                continue
            others = [s.name for s in SERVICES if s.name != name] if "{each}" in words else [""]
            for each in others:
                places = {"each": each, "secret_file": state.secret_files.get(each, "")}
                commands.append((runner, [word.format_map(places) for word in words]))
    return commands
