"""The door for the operator's terminal."""

from storefront.commands.shop import commands

__all__ = ["commands"]
