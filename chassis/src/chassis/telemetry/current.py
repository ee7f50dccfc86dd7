"""The service that a log line, a span or a metric belongs to, where one process runs several."""

from contextvars import ContextVar
from importlib.metadata import PackageNotFoundError, version
from typing import Final

# Set where a service begins to run; tasks, threads of `asyncio.to_thread` and its requests inherit it.
current_service: Final[ContextVar[str]] = ContextVar("current_service", default="")


def version_of(service: str) -> str:
    """Return the version of a service's distribution, or of the whole house where it is installed as one."""
    for distribution in (f"kontor-{service}", "kontor"):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return "unknown"
