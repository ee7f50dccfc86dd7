"""Assembles orders:  python -m orders [serve|migrate|parked|dead]."""

from collections.abc import Iterable

import holidays
from chassis.identity import KeyRings
from chassis.service import Service

from orders.domain.bank_days import BankDays
from orders.jobs import JOBS
from orders.messaging import REACTIONS
from orders.settings import Settings
from orders.usecases.placing import ZONE, Rules
from orders.web import ROUTES
from orders.web.limits import OrderRate


def provide(settings: Settings, _: KeyRings) -> Iterable[object]:
    """Provide the rules of the installation."""
    yield OrderRate(settings.orders_per_minute, 60)
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


service = Service("orders", Settings, routes=ROUTES, reactions=REACTIONS, jobs=JOBS, provide=provide)

if __name__ == "__main__":
    service.run()
