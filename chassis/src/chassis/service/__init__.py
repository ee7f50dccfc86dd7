"""A service's program: assembled, running, at the operator's terminal."""

from chassis.service.service import Service
from chassis.service.terminal import Terminal

__all__ = ["Service", "Terminal"]
