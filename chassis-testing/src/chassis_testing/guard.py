"""Ends what a run has started, when its last process was killed: `python -m chassis_testing.guard ROOT`.

Whoever is killed can end nothing, and Kafka, PostgreSQL and the services of tests would run for ever.
"""

import sys
import time
from pathlib import Path

from chassis_testing import stack

SECONDS = 1.0


def main(root: Path) -> None:
    """Wait until all processes of a run have ended, and end what they have left."""
    while (users := stack.users(root)) is not None:
        if not users:
            stack.release(root)  # looks again, for another run may have begun meanwhile
        time.sleep(SECONDS)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
