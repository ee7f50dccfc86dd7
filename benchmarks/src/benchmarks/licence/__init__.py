"""Validations of licence keys."""

from benchmarks.licence.comparison import LICENCE

__all__ = ["LICENCE"]
