"""Downloads of files that were bought."""

from benchmarks.download.comparison import DOWNLOAD

__all__ = ["DOWNLOAD"]
