"""What every story of the provider needs at hand."""

from dataclasses import dataclass

from .courier import Courier
from .refusal import no_such
from .shapes import Json
from .state import State
from .switches import Switches


@dataclass(frozen=True)
class Provider:
    """The memory, the switches and the courier, with the address customers reach the pages at."""

    state: State
    switches: Switches
    courier: Courier
    api_key: str
    public_url: str | None = None

    def need(self, kind: str, key: str, noun: str, *, param: str | None = None) -> Json:
        """Finds an object that a call names, or refuses."""
        found = self.state.get(kind, key)
        if found is None:
            raise no_such(noun, key, param=param)
        return found
