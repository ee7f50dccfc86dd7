"""A subscriber that comes late and hears everything there is."""

from benchmarks.replay.comparison import REPLAY

__all__ = ["REPLAY"]
