"""How costs grow with the number of lines, rows, partitions and replicas."""

from benchmarks.growth.comparison import GROWTH

__all__ = ["GROWTH"]
