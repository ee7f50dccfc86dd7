"""Kontor on one machine."""

from stack.stack import Stack

__all__ = ["Stack"]
