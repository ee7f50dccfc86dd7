"""A mutant: what is broken on purpose, and the tests that must see it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """In `file` of chassis, `old` (which stands there once) becomes `new`; pytest with `tests` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def of(room: str, chosen: str) -> tuple[str, ...]:
    """The tests of a file whose names hold these words."""
    folder = "unit" if room in {"identity", "sealing", "keys", "migration"} else "integration"
    return f"chassis/tests/{folder}/test_{room}.py", "-k", chosen
