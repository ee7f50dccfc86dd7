"""The errors of the stack."""


class StackError(Exception):
    """An error whose text tells the person at the terminal what is wrong."""


class ToolMissing(StackError):
    """A program that the stack needs is not installed."""


class ProgramFailed(StackError):
    """A program of the stack does not start."""

    def __init__(self, name: str, reason: str, log: str = "") -> None:
        super().__init__(f"{name} {reason}" + (f"\n--- last lines of its log ---\n{log}" if log else ""))
        self.name = name


class PortTaken(StackError):
    """A port that was free when it was picked has been taken by another program."""
