"""The operator's commands."""

from accounts.commands.programs import commands

__all__ = ["commands"]
