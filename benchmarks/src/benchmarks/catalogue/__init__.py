"""The list of products, and one product."""

from benchmarks.catalogue.comparison import CATALOGUE

__all__ = ["CATALOGUE"]
