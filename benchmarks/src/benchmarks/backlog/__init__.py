"""Catching up on a backlog of whole sales."""

from benchmarks.backlog.comparison import BACKLOG

__all__ = ["BACKLOG"]
