"""What a version of a policy covers, and how long before it acts it is announced (K2, K4, K18)."""

from datetime import datetime, timedelta
from enum import StrEnum

# Regulation (EU) 2019/1150, Article 3(2): business users hear of changed terms at least 15 days before
NOTICE = timedelta(days=15)


class Coverage(StrEnum):
    """Which contacts the relay carries: those before there is an order, or all (K4)."""

    FIRST_CONTACT = "first_contact"
    ALL = "all"


class Ownership(StrEnum):
    """Whose customers they are: of the platform, so that partners see aliases, or of the partner (K18)."""

    MARKETPLACE = "marketplace"
    WHITE_LABEL = "white_label"


class Urgency(StrEnum):
    """Why a version cannot wait (Regulation (EU) 2019/1150, Article 3(4)): the law, or fraud, spam and the like."""

    LEGAL_DUTY = "legal_duty"
    DANGER = "danger"


class TooSoon(Exception):
    """A policy begins 15 days after its publication at the earliest, or at once for an urgent reason."""


class InThePast(Exception):
    """A policy cannot begin before it is published: what was received is judged already."""


def check_notice(valid_from: datetime, now: datetime, urgency: Urgency | None) -> None:
    """Let a version begin at this time. Raises TooSoon, InThePast."""
    if valid_from < now:
        raise InThePast
    if urgency is None and valid_from < now + NOTICE:
        raise TooSoon
