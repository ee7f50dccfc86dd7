"""What a reviewer decides about a message that the policy held or blocked, and until when its writer may ask for it."""

from datetime import timedelta
from enum import StrEnum

APPEAL_WITHIN = timedelta(days=30)


class JudgementUnknown(Exception):
    """The policy has neither held nor blocked such a message."""


class AlreadyDecided(Exception):
    """Somebody has decided about this message already, or it can be passed on no more."""


class NothingToAppeal(Exception):
    """No message of the last 30 days waits for a decision that could be asked for."""


class Denial(StrEnum):
    """Why a reviewer does not pass a message on."""

    OFF_PLATFORM = "off_platform"
    HARMFUL = "harmful"
    UNLAWFUL = "unlawful"
    UNWANTED = "unwanted"


class Abuse(StrEnum):
    """Why staff switches an alias off."""

    SPAM = "spam"
    FRAUD = "fraud"
    MALWARE = "malware"
    COMPROMISED = "compromised"
