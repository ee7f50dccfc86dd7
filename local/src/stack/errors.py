"""What can keep the stack from standing."""


class StackError(Exception):
    """What is wrong, in one sentence for the person at the terminal."""


class ToolMissing(StackError):
    """A program the stack needs is not installed."""


class ProgramFailed(StackError):
    """A program of the stack does not come up."""

    def __init__(self, name: str, reason: str, log: str = "") -> None:
        super().__init__(f"{name} {reason}" + (f"\n--- last lines of its log ---\n{log}" if log else ""))
        self.name = name


class PortTaken(StackError):
    """A port that was free when it was picked has been taken by another program."""
