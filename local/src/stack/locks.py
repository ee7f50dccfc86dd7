"""One command at a time does something to a home directory."""

import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from stack.errors import StackError

PATIENCE = 300  # seconds: fetching Kafka for the first time takes minutes


@contextmanager
def locked(file: Path) -> Generator[None]:
    """Hold a lock file, which is made with its directory; raises StackError where another holds it for minutes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as lock:
        started = time.monotonic()
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as busy:
                if time.monotonic() - started > PATIENCE:
                    raise StackError(f"Another command has held {file.parent} for five minutes.") from busy
                time.sleep(0.05)
        yield
