"""Assemble a consumer under the name in CONSUMER.

Usage: CONSUMER=a python -m benchmarks.events.consumer [serve|migrate]
"""

import os

from chassis.config.settings import ServiceSettings
from chassis.service import CommandLine, Service


class Consumer(Service[ServiceSettings]):
    """A service whose package is not called as it is, so that one program can run as several services."""

    @property
    def package(self) -> str:
        """The package with the migrations."""
        return "benchmarks.events.consumer"


service = Consumer(os.environ.get("CONSUMER", "consumer"), ServiceSettings)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
