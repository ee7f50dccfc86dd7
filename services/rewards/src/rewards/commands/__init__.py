"""The door of the operator's terminal."""

from rewards.commands.terminal import commands

__all__ = ["commands"]
