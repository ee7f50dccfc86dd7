"""What is wrong with a file."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and in which line, counted from 1."""

    line: int
    text: str


class FileRefused(Exception):
    """The file has faults, and nothing of it was kept."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__()
        self.faults = list(faults)
