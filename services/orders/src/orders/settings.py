"""What orders reads from its environment."""

from datetime import timedelta

from chassis.config import ServiceSettings
from pydantic import Field


class Settings(ServiceSettings):
    """How long an order may stay unpaid, keep its coupon from others meanwhile, and how long claims may come.

    Orders by transfer wait so many bank days more: until then the bank's statement of the last day has been imported.
    `bounce_patience_days` is how long it waits, once its delivery bounced, until it closes as it is. One customer may
    order so often a minute at each replica, and have so many orders of one day unpaid.
    """

    pay_within_days: int = 14
    statement_within_bank_days: int = 2
    coupon_hold_minutes: int = 60
    claim_window_days: int = 30
    bounce_patience_days: int = 14
    orders_per_minute: int = Field(default=20, ge=1)
    unpaid_orders_per_day: int = Field(default=20, ge=1)
    holidays_of: str = "DE"

    @property
    def pay_within(self) -> timedelta:
        """The time to pay."""
        return timedelta(days=self.pay_within_days)

    @property
    def coupon_hold(self) -> timedelta:
        """The time for which an unpaid order keeps a use of its coupon from others."""
        return timedelta(minutes=self.coupon_hold_minutes)

    @property
    def claim_window(self) -> timedelta:
        """The time in which a claim may come."""
        return timedelta(days=self.claim_window_days)

    @property
    def bounce_patience(self) -> timedelta:
        """The time for which an order waits for a better address."""
        return timedelta(days=self.bounce_patience_days)
