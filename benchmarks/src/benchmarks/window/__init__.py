"""A shop window: the page with all products, and one product's page."""

from benchmarks.window.comparison import WINDOW

__all__ = ["WINDOW"]
