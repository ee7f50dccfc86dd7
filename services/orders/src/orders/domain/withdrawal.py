"""The consumer's right of withdrawal (BGB 355, 356) and what follows for delivery (ORD-7)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PERIOD = timedelta(days=14)
BOTH = frozenset({"immediate_delivery", "withdrawal_lost"})


class ConsentIncomplete(Exception):
    """Immediate delivery needs both statements, in the wording that is valid now."""


def period_end(contract: datetime, zone: str, is_holiday: Callable[[date], bool]) -> datetime:
    """Return the first moment after the period.

    It ends with the 14th day, local time, or the next working day (BGB 193).
    """
    local = ZoneInfo(zone)
    day = contract.astimezone(local).date() + PERIOD
    while day.weekday() >= 5 or is_holiday(day):
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), local).astimezone(UTC)


def lost_at(delivered: datetime | None, confirmed: datetime | None) -> datetime | None:
    """Return when the right to withdraw from a download was lost; None where the customer has it.

    It takes delivery on both statements and their confirmation by an e-mail that was accepted, whichever is later
    (BGB 356(5) no. 2).
    """
    return None if delivered is None or confirmed is None else max(delivered, confirmed)


def deliver_from(customer_type: str, consents: frozenset[str], end: datetime) -> datetime | None:
    """Return from when a line may be delivered; None, at once, for businesses and on both consents.

    Raises ConsentIncomplete where only one statement was made.
    """
    if customer_type == "business" or consents >= BOTH:
        return None
    if consents:
        raise ConsentIncomplete
    return end
