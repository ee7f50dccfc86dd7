"""A service's program: assembled, running, at the operator's terminal."""

from chassis.service.command_line import CommandLine
from chassis.service.importing import Column, DryRun, ListFile, SkipDuplicates, TakeUnlike, list_refusals, show_lines
from chassis.service.service import Doors, Service
from chassis.service.terminal import Terminal, read_settings

__all__ = [
    "Column",
    "CommandLine",
    "Doors",
    "DryRun",
    "ListFile",
    "Service",
    "SkipDuplicates",
    "TakeUnlike",
    "Terminal",
    "list_refusals",
    "read_settings",
    "show_lines",
]
