"""A service on the chassis whose package is part of the benchmarks."""

from collections.abc import Callable
from typing import TypeVar

from chassis.config.settings import ServiceSettings
from chassis.identity.keyrings import KeyRings
from chassis.service import Service

S = TypeVar("S", bound=ServiceSettings)


class MeasuredService(Service[S]):
    """A service whose package has another name, so that one program can run as several services."""

    def __init__(self, package: str, name: str, settings: type[S], doors: Callable[[S, KeyRings], Doors]) -> None:
        super().__init__(name, settings, doors)
        self._package = package

    @property
    def package(self) -> str:
        """The package with the migrations."""
        return self._package
