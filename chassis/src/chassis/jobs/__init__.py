"""The clock: sweeps are one transaction each, outbound jobs act on the outside world between two."""

from chassis.jobs.job import Job, Trigger, minute, second
from chassis.jobs.outbound import outbound
from chassis.jobs.sweep import sweep

__all__ = ["Job", "Trigger", "minute", "outbound", "second", "sweep"]
