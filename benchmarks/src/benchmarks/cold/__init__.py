"""A service's start, and what it holds at rest."""

from benchmarks.cold.comparison import COLD

__all__ = ["COLD"]
