"""Mails about mails: what came back, what answers by itself, and what we report ourselves."""

from mailing.reports.automatic import is_automatic
from mailing.reports.reading import Arrival, Failure, Report, Severity, read_arrival, read_report
from mailing.reports.writing import Undelivered, compose_report

__all__ = [
    "Arrival",
    "Failure",
    "Report",
    "Severity",
    "Undelivered",
    "compose_report",
    "is_automatic",
    "read_arrival",
    "read_report",
]
