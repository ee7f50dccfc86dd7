"""Orders that are placed."""

from benchmarks.order.comparison import ORDER

__all__ = ["ORDER"]
