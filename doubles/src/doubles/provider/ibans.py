"""Bank accounts for the delayed method."""

import re

FAILS_LATER = "DE62370400440532013001"


def normal(text: str) -> str:
    """Takes out the blanks."""
    return re.sub(r"\s", "", text).upper()


def holds(iban: str) -> bool:
    """Tells whether the check digits of an IBAN are right (ISO 13616)."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", iban):
        return False
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1
