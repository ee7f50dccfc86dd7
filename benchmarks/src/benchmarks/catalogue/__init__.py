"""Looking at the assortment."""

from benchmarks.catalogue.comparison import CATALOGUE

__all__ = ["CATALOGUE"]
