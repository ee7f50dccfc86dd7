"""How the cost of a thing grows with what there is of it."""

from benchmarks.growth.comparison import GROWTH

__all__ = ["GROWTH"]
