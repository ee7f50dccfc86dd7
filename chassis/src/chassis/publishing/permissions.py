"""What the broker must let a service do, and nobody else: write what it publishes, read what it consumes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from contracts.topics import published_by


@dataclass(frozen=True, slots=True)
class Right:
    """That a service may do this with these topics, or with this consumer group."""

    operation: Literal["Read", "Write"]
    of: Literal["topic", "group"]
    names: tuple[str, ...]


def rights(service: str, prefix: str, consumed: Iterable[str]) -> list[Right]:
    """Return all that the broker must let a service do."""
    written, read = (
        tuple(f"{prefix}{topic}" for topic in sorted(topics)) for topics in (published_by(service), consumed)
    )
    reading = [Right("Read", "topic", read), Right("Read", "group", (f"{prefix}{service}",))] if read else []
    return [Right("Write", "topic", written), *reading]


def permissions(service: str, prefix: str, consumed: Iterable[str], principal: str) -> list[str]:
    """Return options of `kafka-acls`, a line for each right: write its own topics, read others, join its group."""
    return [
        f"--allow-principal {principal} --operation {right.operation} "
        + " ".join(f"--{right.of} {name}" for name in right.names)
        for right in rights(service, prefix, consumed)
    ]
