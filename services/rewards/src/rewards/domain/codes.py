"""What a list of voucher codes may hold, and why one is refused whole."""

from collections.abc import Mapping
from typing import Any, Final

MOST_LINES = 1_000_000
LONGEST = 64
SHORTEST = 4
HEADINGS: Final = frozenset(
    {"code", "codes", "voucher", "vouchers", "vouchercode", "vouchercodes", "gutschein", "gutscheine", "gutscheincode"}
)


class CodesRefused(Exception):
    """Nothing was imported: lines are faulty, unlike all others, repeat one another, or are known already."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__("codes were refused")
        self.facts = facts
