"""The brand of the shop in which a link was bought."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brand:
    """What a shop calls itself, its colour as `#rrggbb`, and the host that leads to it, if there is one."""

    name: str
    color: str
    host: str

    @property
    def initial(self) -> str:
        """What stands for the brand where there is no room."""
        return self.name[:1].upper()
