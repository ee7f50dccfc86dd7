"""What a service provides to its functions: each asks by the exact type in its signature."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast, get_type_hints

T = TypeVar("T")


class NotProvided(TypeError):
    """A function asks for something that the service does not provide."""


class Provision:
    """Things by their exact types; no scopes, no factories, no inheritance."""

    def __init__(self, things: Iterable[object]) -> None:
        self._things: dict[type[Any], object] = {}
        for thing in things:
            if type(thing) in self._things:
                raise TypeError(f"{type(thing).__name__} is provided twice")
            self._things[type(thing)] = thing

    def of(self, kind: type[T], asked_by: str) -> T:
        """Return the thing of this type; raises NotProvided."""
        if kind not in self._things:
            raise NotProvided(f"{asked_by} asks for {getattr(kind, '__name__', kind)}, which is not provided")
        return cast("T", self._things[kind])

    def beside(self, more: Mapping[Any, object]) -> "Provision":
        """Return it with more things, by types of which they need not be exactly."""
        provision = Provision(())
        provision._things = {**self._things, **more}
        return provision

    def bind(self, function: Callable[..., T], *, given: int) -> Callable[..., T]:
        """Return the function with all parameters but the first `given` ones filled in; raises NotProvided."""
        asked = list(inspect.signature(function).parameters.values())[given:]
        hints = get_type_hints(function) if asked else {}
        filled = {
            parameter.name: self.of(hints[parameter.name], function.__qualname__)
            for parameter in asked
            if parameter.default is inspect.Parameter.empty or hints.get(parameter.name) in self._things
        }
        return functools.partial(function, **filled) if filled else function
