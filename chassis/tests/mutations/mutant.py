"""A mutant: what is broken on purpose, and the tests that must notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """In `file` of chassis, `old` (which occurs there once) becomes `new`; pytest with `tests` must fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def of(file: str, chosen: str) -> tuple[str, ...]:
    """Return the tests of a file whose names hold these words."""
    folder = "unit" if file in {"identity", "sealing", "keys", "migration"} else "integration"
    return f"chassis/tests/{folder}/test_{file}.py", "-k", chosen
