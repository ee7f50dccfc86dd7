"""What an installation sets for its orders."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from orders.domain.bank_days import BankDays

ZONE: Final = "Europe/Berlin"


@dataclass(frozen=True, slots=True)
class Rules:
    """What an installation sets.

    How long an order may stay unpaid, how long it keeps a use of its coupon from others meanwhile, how long claims may
    come, how long it waits for a better address after its delivery bounced, how many orders of a customer may be unpaid
    in a day, and the holidays. The statement of a bank day is imported within so many bank days.
    """

    pay_within: timedelta
    coupon_hold: timedelta
    claim_window: timedelta
    bounce_patience: timedelta
    unpaid_orders: int
    is_holiday: Callable[[date], bool]
    bank: BankDays
    statement_within: int
