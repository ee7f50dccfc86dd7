"""The suite on one machine, without a container engine."""

from stack.stack import Stack

__all__ = ["Stack"]
