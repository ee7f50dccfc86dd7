"""A service's start, and its memory at rest."""

from benchmarks.cold.comparison import COLD

__all__ = ["COLD"]
