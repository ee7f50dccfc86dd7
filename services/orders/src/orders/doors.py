"""What is open while orders serves, and what its functions may ask for."""

from collections.abc import Iterable

import holidays
from chassis.identity import KeyRings
from chassis.service import Doors
from chassis.web import Rate

from orders.domain.bank_days import BankDays
from orders.domain.rules import ZONE, Rules
from orders.jobs import JOBS
from orders.messaging import REACTIONS, TAKEN_BACK
from orders.settings import Settings
from orders.web import ROUTES
from orders.web.limits import MailboxLimiter, OrderRate, QuoteRate, WithdrawalRate


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the rules of the installation."""
    yield OrderRate(settings.orders_per_minute, 60)
    yield QuoteRate(settings.orders_per_minute, 60)
    yield WithdrawalRate(settings.withdrawals_per_minute, 60)
    yield MailboxLimiter(Rate(settings.withdrawals_per_hour, 3600))
    days_off = holidays.country_holidays(settings.holidays_of)
    # of TARGET, the system in which euros are booked; its days are not those of any country
    bank = BankDays(ZONE, holidays.financial_holidays("ECB").__contains__)
    yield Rules(
        settings.pay_within,
        settings.coupon_hold,
        settings.claim_window,
        settings.bounce_patience,
        settings.unpaid_orders_per_day,
        days_off.__contains__,
        bank,
        settings.statement_within_bank_days,
    )


DOORS = Doors(ROUTES, REACTIONS, JOBS, provide, takes_back=TAKEN_BACK)
