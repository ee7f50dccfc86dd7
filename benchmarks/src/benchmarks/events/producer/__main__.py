"""Assemble the producer.

Usage: python -m benchmarks.events.producer [serve|migrate]
"""

from chassis.config.settings import ServiceSettings
from chassis.service import CommandLine, Service


class Producer(Service[ServiceSettings]):
    """A service whose package is part of the benchmarks, under the name of the one whose event it publishes."""

    @property
    def package(self) -> str:
        """The package with the migrations."""
        return "benchmarks.events.producer"


service = Producer("orders", ServiceSettings)
main = CommandLine(service).run

if __name__ == "__main__":
    main()
