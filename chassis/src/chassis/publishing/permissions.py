"""What the broker must let a service do, and nobody else: write what it publishes, read what it consumes."""

from collections.abc import Iterable

from contracts.topics import published_by


def permissions(service: str, prefix: str, consumed: Iterable[str], principal: str) -> list[str]:
    """Return options of `kafka-acls`, a line for each right: write its own topics, read others, join its group."""
    group, allow = f"{prefix}{service}", f"--allow-principal {principal}"
    written, read = (_named(prefix, topics) for topics in (published_by(service), consumed))
    lines = [f"{allow} --operation Write {written}"]
    if read:
        lines += [f"{allow} --operation Read {read}", f"{allow} --operation Read --group {group}"]
    return lines


def _named(prefix: str, topics: Iterable[str]) -> str:
    return " ".join(f"--topic {prefix}{topic}" for topic in sorted(topics))
