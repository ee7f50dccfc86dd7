"""The addresses and credentials of a running stack, for programs that use it."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from chassis.config.brokers import Brokers


@dataclass
class State:
    """The addresses and credentials of a running stack."""

    home: str
    host: str = "127.0.0.1"
    kafka: str = ""
    kafka_user: str = ""
    kafka_password: str = ""
    kafka_cluster_id: str = ""
    postgres: str = ""
    databases: dict[str, str] = field(default_factory=dict[str, str])
    urls: dict[str, str] = field(default_factory=dict[str, str])
    admin_urls: dict[str, str] = field(default_factory=dict[str, str])
    secret_files: dict[str, str] = field(default_factory=dict[str, str])
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 0
    mail_url: str = ""
    provider_url: str = ""
    clock_file: str = ""
    durable: bool = True
    every_span: bool = True
    one_process: bool = False
    ports: dict[str, int] = field(default_factory=dict[str, int])
    pids: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    run_directory: str = ""

    @property
    def brokers(self) -> Brokers:
        """How a program of this machine reaches Kafka."""
        return Brokers([self.kafka], self.kafka_user, self.kafka_password)

    def write(self, file: Path) -> None:
        """Replace the state file in one step."""
        write_private(file, json.dumps(asdict(self), indent=2) + "\n")


def read(file: Path) -> State | None:
    """Return the state last written; None if there is none that can be read."""
    try:
        raw: object = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    if not isinstance(raw, dict):
        return None
    values = cast("dict[str, Any]", raw)
    known = {entry.name for entry in fields(State)}
    return State(**{name: value for name, value in values.items() if name in known}) if "home" in values else None


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def secret(file: Path, make: str | None = None) -> str:
    """Return the secret in the file, created at first use: `make`, or a random one."""
    if not file.exists():
        write_private(file, make or secrets.token_urlsafe(32))
    return file.read_text().strip()
