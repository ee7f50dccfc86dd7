"""When another e-mail address counts: its reader confirms it, and that of the former one agrees or does not object."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.domain.mailed_code import LIFETIME

# Long enough that an owner who reads the former address hears of a thief, short enough for one who has lost it.
WAIT = timedelta(days=3)
# For consent and objection: as long as the change can wait.
FORMER_LIFETIME = LIFETIME + WAIT
# Who presses twice gets one pair of letters.
PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AddressChange:
    """How far a change has come; `confirmed_at` is by the new address, `consented_at` by the former one."""

    asked_at: datetime
    expires_at: datetime
    confirmed_at: datetime | None = None
    consented_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """When it takes effect if the former address neither consents nor objects."""
        return None if self.confirmed_at is None else self.confirmed_at + WAIT

    def waits(self, now: datetime) -> bool:
        """Return whether it can still take effect."""
        return self.confirmed_at is not None or now < self.expires_at

    def takes_effect(self, now: datetime) -> bool:
        """Return whether it takes effect now."""
        if self.due_at is None:
            return False
        return self.consented_at is not None or self.due_at <= now
