"""Who wants no more messages, and what reaches them all the same (MAIL-11)."""

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from mail_relay.domain.policy.folding import fold

_BRACKETS = {**dict.fromkeys("【〔［〖「『⟦❲〈《⁅", "["), **dict.fromkeys("】〕］〗」』⟧❳〉》⁆", "]")}
_ANSWER = r"(?:(?:re|aw|fwd?|wg|antw|tr|sv|vs|rv)(?:\[\d+\]|\(\d+\))?\s*:\s*)*"
_MARKS = re.compile(rf"\s*{_ANSWER}")
_CRITICAL = re.compile(r"\[\s*(?:wichtig|important)\s*\]")
WINDOW = timedelta(days=90)
MISUSES = 3


def beginning(subject: str) -> str:
    """Return what a subject begins with after the marks of answers and forwards, as a reader takes it: in lower case.

    Invisible signs, look-alike letters and the alphabet of the brackets do not matter.
    """
    bracketed = "".join(_BRACKETS.get(sign, sign) for sign in subject)
    return _MARKS.sub("", fold(bracketed).text, count=1)


def is_critical(subject: str) -> bool:
    """Say whether a subject begins with [Wichtig] or [Important]."""
    return bool(_CRITICAL.match(beginning(subject)))


def may_pass(subject: str, opted_out: bool) -> bool:
    """Say whether a message reaches a buyer: always, unless they opted out and it is not marked critical."""
    return not opted_out or is_critical(subject)


def is_flagged(misuses: Collection[datetime], now: datetime) -> bool:
    """Say whether a seller misused the mark three times within the 90 days before now."""
    return sum(now - WINDOW < misuse <= now for misuse in misuses) >= MISUSES
