"""Asking whether a licence key counts."""

from benchmarks.licence.comparison import LICENCE

__all__ = ["LICENCE"]
