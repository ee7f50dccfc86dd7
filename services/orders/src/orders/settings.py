"""What orders reads from its environment."""

from datetime import timedelta

from chassis.config import ServiceSettings
from pydantic import Field


class Settings(ServiceSettings):
    """How long an order may stay unpaid, keep its coupon from others meanwhile, and how long claims may come.

    Orders by transfer wait so many bank days more: until then the bank's statement of the last day has been imported.
    `bounce_patience_days` is how long it waits, once its delivery bounced, until it closes as it is. One customer may
    order so often a minute at each replica, and have so many orders of one day unpaid. Without signing in, a network
    may declare so many withdrawals a minute at each replica, and of one e-mail address there may be so many an hour.
    """

    pay_within_days: int = Field(default=14, ge=1)
    statement_within_bank_days: int = Field(default=2, ge=0)
    coupon_hold_minutes: int = Field(default=60, ge=1)
    # boxed goods may be sent back for 14 days from receipt (BGB 355, 356), and a parcel takes up to 14 to arrive
    claim_window_days: int = Field(default=30, ge=28)
    bounce_patience_days: int = Field(default=14, ge=1)
    orders_per_minute: int = Field(default=20, ge=1)
    unpaid_orders_per_day: int = Field(default=20, ge=1)
    withdrawals_per_minute: int = Field(default=5, ge=1)
    withdrawals_per_hour: int = Field(default=5, ge=1)
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
