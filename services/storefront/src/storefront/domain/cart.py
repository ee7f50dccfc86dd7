"""A cart: articles and how many of each. It lives in the visitor's browser, and holds no price."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

MOST_LINES: Final = 50
# as orders takes them: of an article, and of all together
MOST_PIECES: Final = 1000
MOST_IN_ALL: Final = 5000
LINE: Final = re.compile(r"([A-Za-z0-9._-]{1,64})~([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class Cart:
    """Pieces by SKU, in the order in which they were put in."""

    lines: Mapping[str, int] = field(default_factory=dict[str, int])

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the cart that a browser has kept; what is malformed is not in it."""
        found: dict[str, int] = {}
        for part in text.split("!")[:MOST_LINES]:
            if (line := LINE.fullmatch(part)) and int(line[2]) > 0:
                found[line[1]] = min(int(line[2]), MOST_PIECES)
        return cls(found)

    @property
    def text(self) -> str:
        """The cart as a browser keeps it."""
        return "!".join(f"{sku}~{count}" for sku, count in self.lines.items())

    @property
    def pieces(self) -> int:
        """How many pieces there are."""
        return sum(self.lines.values())

    def put(self, sku: str, count: int) -> "Cart":
        """Return the cart with so many pieces more, as far as it has room."""
        if sku not in self.lines and len(self.lines) >= MOST_LINES:
            return self
        return self.set(sku, self.lines.get(sku, 0) + count)

    def set(self, sku: str, count: int) -> "Cart":
        """Return the cart with so many pieces of an article; none takes it out."""
        changed = {**self.lines, sku: min(count, MOST_PIECES)}
        return Cart({sku: count for sku, count in changed.items() if count > 0})
