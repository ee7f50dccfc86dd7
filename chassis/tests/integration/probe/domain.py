"""The probe's domain errors, and the rule that its sweep asks for."""

from dataclasses import dataclass


class MeetingRefused(Exception):
    """A meeting like this is never noted."""


class NoteUsedUp(Exception):
    """This note has been used as often as it may."""


class NoteMissing(Exception):
    """There is no such note."""


class NoteChanged(Exception):
    """Somebody else changed this note in the meantime."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Whether the sweep goes on at once after each turn, as one does that has more to do."""

    restless: bool
