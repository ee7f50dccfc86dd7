"""A service of the chassis whose package is part of the benchmarks."""

from collections.abc import Callable
from typing import TypeVar

from chassis.config.settings import ServiceSettings
from chassis.service.doors import Doors, KeyRings
from chassis.service.service import Service

S = TypeVar("S", bound=ServiceSettings)


class MeasuredService(Service[S]):
    """A service with a package that is not called as it is, so that one program can play several."""

    def __init__(self, package: str, name: str, settings: type[S], doors: Callable[[S, KeyRings], Doors]) -> None:
        super().__init__(name, settings, doors)
        self._package = package

    @property
    def package(self) -> str:
        """The package with the migrations."""
        return self._package
