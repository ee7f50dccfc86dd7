"""How many working days a box takes, as somebody types it: two fields, of which both or none are filled in."""

from collections.abc import Mapping
from typing import Final

LEAST, MOST = "days_least", "days_most"
LONGEST: Final = 90


class DaysUnreadable(Exception):
    """These are no working days; `faults` names what is wrong by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__()
        self.faults = dict(faults)


def delivery_days(least: str, most: str) -> dict[str, int] | None:
    """Return the days as catalog takes them, None where neither is given.

    Raises DaysUnreadable for one without the other, for what is no number from 1 to 90, and for a most below the least.
    """
    typed = {LEAST: least.strip(), MOST: most.strip()}
    if not any(typed.values()):
        return None
    faults = {field: "days-range" if text else "missing" for field, text in typed.items() if not _fits(text)}
    if not faults and int(typed[LEAST]) > int(typed[MOST]):
        faults = {MOST: "days-order"}
    if faults:
        raise DaysUnreadable(faults)
    return {"least": int(typed[LEAST]), "most": int(typed[MOST])}


def _fits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST)) and 1 <= int(text) <= LONGEST
