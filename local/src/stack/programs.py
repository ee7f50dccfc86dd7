"""The programs of a home, and the environment of each."""

import base64
import secrets as random
import sys
from datetime import UTC, datetime
from pathlib import Path

from mailing.keys import KeyDirectory
from mailing.signing import dns_records

from stack.errors import StackError
from stack.kafka import Kafka
from stack.postgres import Postgres
from stack.services import ADDRESSES, AFTER_MIGRATE, ALIAS_DOMAIN, DOUBLES, SERVICES, SUITE, Service, template_values
from stack.state import State, secret
from stack.supervisor import Program

PORTS = (
    "kafka",
    "kafka-controller",
    "smtp",
    *(double.name for double in DOUBLES),
    *(service.name for service in SERVICES),
    *(service.admin for service in SERVICES),
    *ADDRESSES,
)
PDEATHSIG = ["setpriv", "--pdeathsig", "KILL"]


def new_state(home: Path, ports: dict[str, int], postgres: Postgres) -> State:
    """Return the state of a home that runs on these ports."""
    url = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    names = [service.name for service in SERVICES]
    return State(
        home=str(home),
        kafka=f"127.0.0.1:{ports['kafka']}",
        postgres=postgres.url(),
        databases={service.name: postgres.url(service.package, service.package) for service in SERVICES},
        urls={name: url[name] for name in (*names, *ADDRESSES)},
        admin_urls={service.name: url[service.admin] for service in SERVICES},
        secret_files={name: str(home / "secrets" / name) for name in names},
        smtp_port=ports["smtp"],
        mail_url=url["mail-catcher"],
        provider_url=url["provider"],
        clock_file=str(home / "clock"),
        ports=ports,
        run_directory=str(postgres.sockets.parent),
    )


def make_secrets(home: Path) -> None:
    """Create the secrets that the programs read from files, unless they are there."""
    directory = home / "secrets"
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    for service in SERVICES:
        secret(directory / service.name)
    # the secrets of the provider have the form of the real one's
    for name, prefix in {"provider-api-key": "sk_test_", "provider-webhook-secret": "whsec_"}.items():
        secret(directory / name, prefix + random.token_hex(24))
    for name in ("master-key", "license-key", "bounce-key", "archive-key", "partner-key"):
        secret(directory / name, base64.urlsafe_b64encode(random.token_bytes(32)).decode())
    keys = KeyDirectory(directory / "dkim", ALIAS_DOMAIN)
    if not keys.signers:
        keys.add("ed25519", datetime.now(UTC).date())
        keys.rotate()
    records = dns_records(ALIAS_DOMAIN, keys.signers, f"mx.{ALIAS_DOMAIN}", f"postmaster@{ALIAS_DOMAIN}")
    (keys.path / "zone").write_text("".join(f"{record}\n" for record in records))


def service_environment(service: Service, state: State) -> dict[str, str]:
    """Return the environment variables of a service."""
    home = Path(state.home)
    common = {
        "DATABASE_URL": state.databases[service.name],
        "KAFKA_BOOTSTRAP_SERVERS": state.kafka,
        "HTTP_PORT": str(state.ports[service.name]),
        "ADMIN_PORT": str(state.ports[service.admin]),
        "ACCOUNTS_URL": state.urls["accounts"],
        "PUBLIC_URL": state.urls[service.name],
        "SERVICE_SECRET_FILE": state.secret_files[service.name],
        "CLOCK_FILE": state.clock_file,
        "SESSION_SECONDS": "6",  # the least a broker allows: with one replica each nobody else can take over meanwhile
        "SPANS_FILE": str(home / "logs" / f"{service.name}.spans.jsonl"),
        "PYTHONUNBUFFERED": "1",
    }
    if state.every_span:
        common["TRACES_SAMPLED"] = "1"
    values = template_values(state)
    return common | {name: template.format_map(values) for name, template in service.environment.items()}


def suite_environment(state: State) -> dict[str, str]:
    """Return the environment variables of all services in one process: what they share stands once."""
    each = {service.prefix: service_environment(service, state) for service in SERVICES}
    first = next(iter(each.values()))
    shared = {name: value for name, value in first.items() if all(one.get(name) == value for one in each.values())}
    own = {
        f"{prefix}{name}": value
        for prefix, variables in each.items()
        for name, value in variables.items()
        if name not in shared
    }
    return shared | own


def all_programs(state: State, postgres: Postgres, kafka: Kafka) -> list[Program]:
    """List the programs that supervisord may run."""
    quick = not state.durable
    programs = [
        Program("postgres", postgres.command(), {}, stop_signal="QUIT" if quick else "INT"),
        Program("kafka", kafka.command(), {}, stop_signal="KILL" if quick else "TERM"),
    ]
    for double in DOUBLES:
        arguments = [template.format_map(template_values(state)) for template in double.arguments]
        programs.append(Program(double.name, [*PDEATHSIG, sys.executable, "-m", double.module, *arguments], {}))
    environments = {service.name: service_environment(service, state) for service in SERVICES}
    if state.one_process:
        environments = {SUITE: suite_environment(state)}
    for name, environment in environments.items():
        command = [*PDEATHSIG, sys.executable, "-m", name.replace("-", "_"), "serve"]
        programs.append(Program(name, command, environment))
    return programs


def program_of(service: str, state: State) -> str:
    """Return the name of the program in which a service runs."""
    return SUITE if state.one_process else service


def names_of(services: list[Service], state: State) -> list[str]:
    """Return the programs in which services run; raises StackError for some of them where one program runs all."""
    if state.one_process and 0 < len(services) < len(SERVICES):
        raise StackError("In one process all services run, or none.")
    return list(dict.fromkeys(program_of(service.name, state) for service in services))


def commands_after_migrate(services: list[Service], state: State) -> list[tuple[Service, list[str]]]:
    """List the commands that make services known to each other, for those that run."""
    running = {service.name: service for service in services}
    return [
        (running[name], [argument.format_map(template_values(state)) for argument in arguments])
        for name, arguments in AFTER_MIGRATE
        if name in running
    ]
