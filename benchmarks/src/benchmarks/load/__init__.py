"""A load generator: many requests from a process of its own, over connections that stay open."""

from benchmarks.load.request import Request
from benchmarks.load.side import Door, door_metrics, flat_out, measure_door

__all__ = ["Door", "Request", "door_metrics", "flat_out", "measure_door"]
