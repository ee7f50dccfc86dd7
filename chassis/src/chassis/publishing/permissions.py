"""What the broker's authorizer must let a service do, and nobody else: write what it says, read what it hears."""

from collections.abc import Iterable

from contracts.topics import published_by


def permissions(service: str, prefix: str, heard: Iterable[str], principal: str) -> list[str]:
    """Options of `kafka-acls`, a line for each right: to write its own topics, to read others, to be a member."""
    group, allow = f"{prefix}{service}", f"--allow-principal {principal}"
    written, read = (_named(prefix, topics) for topics in (published_by(service), heard))
    lines = [f"{allow} --operation Write {written}"]
    if read:
        lines += [f"{allow} --operation Read {read}", f"{allow} --operation Read --group {group}"]
    return lines


def _named(prefix: str, topics: Iterable[str]) -> str:
    return " ".join(f"--topic {prefix}{topic}" for topic in sorted(topics))
