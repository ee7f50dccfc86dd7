"""Fetching what was bought."""

from benchmarks.download.comparison import DOWNLOAD

__all__ = ["DOWNLOAD"]
