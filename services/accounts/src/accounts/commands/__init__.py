"""The door of the operator's terminal."""

from accounts.commands.programs import commands

__all__ = ["commands"]
