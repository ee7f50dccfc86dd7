class MeetingRefused(Exception):
    """A meeting like this is never noted."""


class NoteUsedUp(Exception):
    """This note has been used as often as it may."""


class NoteMissing(Exception):
    """There is no such note."""
