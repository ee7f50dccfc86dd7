"""What the broker must let a service do, and nobody else: write what it publishes, read that and what it consumes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from contracts.topics import WRITTEN_BY_PREFIX, numbered_by, published_by

CLUSTER: Final = "kafka-cluster"


@dataclass(frozen=True, slots=True)
class Right:
    """That a service may do this with these topics, with this consumer group, or with the cluster as a whole.

    Names with `prefixed` stand for all that begin so; the cluster has always the same name.
    """

    operation: Literal["Read", "Write", "Create", "Alter", "AlterConfigs"]
    of: Literal["topic", "group", "cluster"]
    names: tuple[str, ...]
    prefixed: bool = False

    @property
    def options(self) -> str:
        """The right as options of kafka-acls."""
        names = "--cluster" if self.of == "cluster" else " ".join(f"--{self.of} {name}" for name in self.names)
        return f"--operation {self.operation} {names}" + (" --resource-pattern-type prefixed" if self.prefixed else "")


def rights(service: str, prefix: str, consumed: Iterable[str]) -> list[Right]:
    """Return all that the broker must let a service do.

    It reads its own topics to see whether its database knows all that it has published.
    """
    group = [Right("Read", "group", (f"{prefix}{service}",))] if (consumed := set(consumed)) else []
    written, read = (
        tuple(f"{prefix}{topic}" for topic in sorted(topics))
        for topics in (published_by(service), {*consumed, *numbered_by(service)})
    )
    reading = [Right("Read", "topic", read), *group] if read else []
    return [Right("Write", "topic", written), *reading, *_making(service, prefix)]


def permissions(service: str, prefix: str, consumed: Iterable[str], principal: str) -> list[str]:
    """Return options of `kafka-acls`, a line for each right."""
    return [f"--allow-principal {principal} {right.options}" for right in rights(service, prefix, consumed)]


def _making(service: str, prefix: str) -> Iterator[Right]:
    """Yield what a service may do that makes topics, and lets others read them.

    Users, their rights and their quotas are the cluster's.
    """
    if begins := WRITTEN_BY_PREFIX.get(service):
        yield Right("Write", "topic", (f"{prefix}{begins}",), prefixed=True)
        yield Right("Create", "topic", (f"{prefix}{begins}",), prefixed=True)
        yield Right("Alter", "cluster", (CLUSTER,))
        yield Right("AlterConfigs", "cluster", (CLUSTER,))
