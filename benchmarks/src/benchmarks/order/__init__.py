"""Placing an order."""

from benchmarks.order.comparison import ORDER

__all__ = ["ORDER"]
