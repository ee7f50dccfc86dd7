"""Requests as bytes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Replaced by a new Idempotency-Key of the same length each time the request is sent.
FRESH = b"~fresh-idempotency-key~~"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; `creates` sends a new Idempotency-Key each time."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    creates: bool = False

    def wire(self) -> bytes:
        """Return the bytes to send."""
        head = [f"{self.method} {self.path} HTTP/1.1", "Host: localhost"]
        head += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            head += ["Content-Type: application/json", f"Content-Length: {len(self.body)}"]
        if self.creates:
            head.append(f"Idempotency-Key: {FRESH.decode()}")
        return "\r\n".join([*head, "", ""]).encode() + self.body


def write(file: Path, requests: Sequence[Request]) -> None:
    """Write requests to a file for the load generator."""
    file.write_text(json.dumps([request.wire().decode() for request in requests]))


def read(file: Path) -> list[bytes]:
    """Read the bytes of requests from a file."""
    return [wire.encode() for wire in json.loads(file.read_text())]
