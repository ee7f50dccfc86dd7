"""What a home knows about its running stack, for programs that use it."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, cast


def no_text() -> dict[str, str]:
    return {}


def no_ports() -> dict[str, int]:
    return {}


def no_pids() -> dict[str, list[int]]:
    return {}


@dataclass
class State:
    """The addresses and credentials of a running stack."""

    home: str
    kafka: str = ""
    kafka_cluster_id: str = ""
    postgres: str = ""
    databases: dict[str, str] = field(default_factory=no_text)
    urls: dict[str, str] = field(default_factory=no_text)
    secret_files: dict[str, str] = field(default_factory=no_text)
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 0
    mail_url: str = ""
    provider_url: str = ""
    clock_file: str = ""
    durable: bool = True
    every_span: bool = True
    ports: dict[str, int] = field(default_factory=no_ports)
    pids: dict[str, list[int]] = field(default_factory=no_pids)
    run_directory: str = ""

    def write(self, file: Path) -> None:
        """Replace the state file in one step."""
        write_private(file, json.dumps(asdict(self), indent=2) + "\n")


def read(file: Path) -> State | None:
    """The state last written, if there is one that can be read."""
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
    """The secret in the file, made at first use."""
    if not file.exists():
        write_private(file, make or secrets.token_urlsafe(32))
    return file.read_text().strip()
