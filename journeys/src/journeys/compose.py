"""A stack whose programs are the containers of `docker-compose.yml`: what the demo asks of a local stack."""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from typing import Any

from stack.errors import ProgramFailed, StackError
from stack.processes import Process
from stack.programs import service_environment
from stack.services import SERVICES, chosen, template_values
from stack.stack import ROOT, Stack
from stack.state import State, write_private

from journeys.runtime import VERSION, make_images

HOME = ROOT / ".local" / "compose"
SECONDS = 600  # a first start on a busy machine
# as published there, and what is published for the demo besides
FIRST_PORT, FIRST_ADMIN_PORT = 8101, 8301
PORTS = {
    "mail-door": 8225,
    "name-server": 8353,
    "postgres": 8132,
    "kafka": 8192,
}
# Pages ask the other containers, whose addresses the compose file has.
ASKING = {"storefront", "workcenter"}
# Files go to the S3 store: the containers' own file systems are read-only.
KEPT = {"STORAGE_URL"}
MAIL, PROVIDER = "http://127.0.0.1:8125", "http://127.0.0.1:8190"
NETWORK, NAME_SERVER = "172.31.211.0/24", "172.31.211.53"  # services are told an address, not a name
DOUBLES = f"kontor/doubles:{VERSION}"
PACK = "import sys, tarfile; tarfile.open(fileobj=sys.stdout.buffer, mode='w|').add('/secrets', '.')"
# where the local stack looks for what a program of its own is given
KEYS = {
    "accounts/master-key": "master-key",
    "licensing/license-key": "license-key",
    "letters/bounce-key": "bounce-key",
    "mail-relay/archive-key": "archive-key",
    "partners/partner-key": "partner-key",
    "payments/provider-api-key": "provider-api-key",
    "payments/provider-webhook-secret": "provider-webhook-secret",
}


class ComposeStack(Stack):
    """The containers with the demo's settings. Operators' commands run here, at the databases of the containers."""

    def __init__(self, report: Callable[[str], None]) -> None:
        super().__init__(HOME, report=report)
        self._override = HOME / "demo.json"

    def up(self, *, fresh: bool = False, services: list[str] | None = None) -> State:
        """Start all containers and wait until they are healthy; raises StackError."""
        del services
        HOME.mkdir(parents=True, exist_ok=True)
        self._override.write_text(json.dumps(demo_settings(), indent=1))
        if fresh:
            self.down()
            shutil.rmtree(HOME / "secrets", ignore_errors=True)
        make_images(self._report)
        (HOME / "clock").mkdir(exist_ok=True)
        self._write_clock("0")
        self._compose("up", "--wait", "--wait-timeout", str(SECONDS))
        self._fetch_secrets()
        state = _state()
        state.write(self.home / "state.json")
        return state

    def down(self, *, of: Process | None = None) -> None:
        """Stop and forget everything, whoever has started it."""
        del of
        self._compose("down", "--volumes", "--timeout", "10")

    def program_of(self, service: str) -> str:
        """Each service is a container."""
        return service

    def run(self, name: str, *arguments: str) -> str:
        """Run a command of a service here, and return what it prints."""
        service = chosen([name])[0]
        environment = os.environ | service_environment(service, self.state) | {"HTTP_IN_CLEAR": "true"}
        command = [sys.executable, "-m", service.package, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ProgramFailed(name, f"{' '.join(arguments)} failed", (done.stdout + done.stderr)[-3000:])
        return done.stdout

    def freeze(self, name: str) -> None:
        """Let a container stand still until it is killed."""
        self._compose("pause", name)

    def kill(self, name: str) -> None:
        """End a container as a crash would, and start it again."""
        self._compose("kill", "--signal", "KILL", name)  # before it is let go on, where it stands still
        self._compose("start", name)

    def wait_ready(self, name: str, seconds: float = 120) -> None:
        """Wait until a container is healthy."""
        self._compose("up", "--wait", "--no-recreate", "--no-deps", "--wait-timeout", f"{seconds:.0f}", name)

    def _write_clock(self, text: str) -> None:
        part = self.home / "clock" / ".clock"
        part.write_text(text)
        part.replace(self.home / "clock" / "clock")

    def _fetch_secrets(self) -> None:
        packed = self._compose("run", "--rm", "--no-deps", "-T", "--entrypoint", "python", "secrets", "-c", PACK)
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            tar.extractall(self.home / "secrets", filter="data")
        secrets = self.home / "secrets"
        for there, here in KEYS.items():
            write_private(secrets / here, (secrets / there).read_text())
        shutil.copytree(secrets / "mail-relay" / "dkim", secrets / "dkim", dirs_exist_ok=True)

    def _compose(self, *words: str) -> bytes:
        files = ("-f", str(ROOT / "docker-compose.yml"), "-f", str(self._override))
        command = [os.environ.get("DOCKER", "docker"), "compose", *files, "--profile", "minimal", *words]
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        except OSError as error:
            raise StackError(f"There is no container engine's client {command[0]}: {error}") from None
        if done.returncode:
            reason = done.stderr.decode(errors="replace")
            raise StackError(f"docker compose {' '.join(words)} failed: {reason[-2000:]}")
        return done.stdout


def _state() -> State:
    """Return the addresses at which this machine reaches the containers."""
    secrets = HOME / "secrets"
    names = [service.name for service in SERVICES]
    ports = PORTS | {name: FIRST_PORT + at for at, name in enumerate(names)}
    admin = {name: FIRST_ADMIN_PORT + at for at, name in enumerate(names)}
    return State(
        home=str(HOME),
        kafka=f"127.0.0.1:{PORTS['kafka']}",
        kafka_user="reader",
        kafka_password=_secret("setup/users/reader"),
        databases={
            service.name: f"postgresql://{service.package}:{_secret(f'{service.name}/database')}"
            f"@127.0.0.1:{PORTS['postgres']}/{service.package}"
            for service in SERVICES
        },
        urls={name: f"http://127.0.0.1:{ports[name]}" for name in (*names, "mail-door")},
        admin_urls={name: f"http://127.0.0.1:{port}" for name, port in admin.items()},
        secret_files={name: str(secrets / name / "service") for name in names},
        smtp_host="127.0.0.1",
        smtp_port=1025,
        mail_url=MAIL,
        provider_url=PROVIDER,
        clock_file=str(HOME / "clock" / "clock"),
        ports=ports | {f"{name}-admin": port for name, port in admin.items()},
    )


def _secret(name: str) -> str:
    """Return a secret of the containers, "" before they have made it."""
    file = HOME / "secrets" / name
    return file.read_text() if file.exists() else ""


def demo_settings() -> dict[str, Any]:
    """Return what the demo needs beyond the compose file: the local stack's settings, a clock, servers to ask."""
    outside = template_values(_state())
    inside = outside | {
        "secrets": "/run/secrets/kontor",
        "home": "/var/lib/kontor",
        "smtp_host": "mail",
        "provider_url": "http://provider:8090",
        "ports": outside["ports"] | {"mail-door": 2525, "name-server": 5300},
    }
    programs: dict[str, Any] = {}
    for at, service in enumerate(SERVICES):
        given = service.environment if service.name not in ASKING else dict[str, str]()
        own = {name: template.format_map(inside) for name, template in given.items() if name not in KEPT}
        if "DNS_SERVERS" in own:
            own["DNS_SERVERS"] = NAME_SERVER
        programs[service.name] = {
            "environment": own | {"CLOCK_FILE": "/run/clock/clock", "TRACES_SAMPLED": "1"},
            "volumes": [f"{HOME}/clock:/run/clock:ro"],
            "ports": [f"127.0.0.1:{FIRST_ADMIN_PORT + at}:8081"],
        }
    after_secrets = {"secrets": {"condition": "service_completed_successfully"}}
    programs["mail"] = {
        "image": DOUBLES,
        "command": ["mail", "--host=0.0.0.0", "--smtp-port=1025", "--port=8025", "--directory=/var/lib/kontor/mail"],
        "healthcheck": {"test": _listens(1025), "interval": "5s"},
    }
    programs["names"] = {
        "image": DOUBLES,
        "profiles": ["minimal"],
        "command": ["names", "--host=0.0.0.0", "--port=5300", "--zone=/run/secrets/kontor/zone"],
        "healthcheck": {"test": _listens(5300), "interval": "5s"},
        "volumes": ["names-secrets:/run/secrets/kontor:ro"],
        "ports": [f"127.0.0.1:{PORTS['name-server']}:5300"],
        "networks": {"default": {"ipv4_address": NAME_SERVER}},
        "depends_on": after_secrets,
    }
    programs["postgres"] = {"ports": [f"127.0.0.1:{PORTS['postgres']}:5432"]}
    return {"services": programs, "networks": {"default": {"ipam": {"config": [{"subnet": NETWORK}]}}}}


def _listens(port: int) -> list[str]:
    return ["CMD", "python", "-c", f"import socket; socket.create_connection(('127.0.0.1', {port}), 2)"]
