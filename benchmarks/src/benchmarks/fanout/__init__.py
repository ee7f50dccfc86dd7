"""What partners are sent, and how fast."""

from benchmarks.fanout.comparison import CROWD, FANOUT

__all__ = ["CROWD", "FANOUT"]
