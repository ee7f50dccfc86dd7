"""A new consumer that reads a whole history."""

from benchmarks.replay.comparison import REPLAY

__all__ = ["REPLAY"]
