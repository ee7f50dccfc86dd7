"""The door for the operator's terminal."""

from partners.commands.partner import commands

__all__ = ["commands"]
