"""The clock: sweeps are one transaction each, outbound jobs act on the outside world between two."""

from chassis.jobs.job import Job, Trigger, minute, second
from chassis.jobs.outbound import outbound
from chassis.jobs.parts import in_parts
from chassis.jobs.sweep import sweep

__all__ = ["Job", "Trigger", "in_parts", "minute", "outbound", "second", "sweep"]
