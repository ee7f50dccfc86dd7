"""Many people look around at once, and buy or not."""

from benchmarks.visitors.comparison import VISITORS

__all__ = ["VISITORS"]
