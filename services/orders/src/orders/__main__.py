"""Assembles orders:  python -m orders [serve|migrate|parked|dead]."""

import holidays
from chassis.identity.keyrings import KeyRings
from chassis.service import Service

from orders import jobs, messaging, web
from orders.settings import Settings
from orders.usecases.placing import Rules


def doors(settings: Settings, keys: KeyRings) -> Doors:
    """The doors of orders."""
    days_off = holidays.country_holidays(settings.holidays_of)
    rules = Rules(settings.pay_within, days_off.__contains__)
    return Doors(
        routes=web.routes(rules, settings.claim_window, keys),
        reactions=messaging.reactions(settings.claim_window, keys.forget),
        jobs=jobs.jobs(settings.claim_window),
    )


service = Service("orders", Settings, doors=doors)

if __name__ == "__main__":
    service.run()
