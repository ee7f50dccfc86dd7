"""Imports of bank statements."""

from benchmarks.statement.comparison import STATEMENT

__all__ = ["STATEMENT"]
