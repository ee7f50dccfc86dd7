"""The door for the operator's terminal."""

from catalog.commands.load import commands

__all__ = ["commands"]
