"""What an examination finds."""

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How things are: as they should be, worth a look, or wrong."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at: how it is, in a sentence, and the next step where it is not as it should be."""

    check: str
    grade: Grade
    text: str
    next: str = ""


def well(check: str, text: str) -> Diagnosis:
    """Return that something is as it should be."""
    return Diagnosis(check, Grade.OK, text)


def concern(check: str, text: str, next_step: str) -> Diagnosis:
    """Return that something works and deserves a look."""
    return Diagnosis(check, Grade.WARNING, text, next_step)


def wrong(check: str, text: str, next_step: str) -> Diagnosis:
    """Return that something is wrong."""
    return Diagnosis(check, Grade.ERROR, text, next_step)
