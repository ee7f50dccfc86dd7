"""The service that a log line, a span or a metric belongs to, where one process runs several."""

from contextvars import ContextVar
from typing import Final

# Set where a service begins to run; tasks, threads of `asyncio.to_thread` and its requests inherit it.
current_service: Final[ContextVar[str]] = ContextVar("current_service", default="")
