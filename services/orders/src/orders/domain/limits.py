"""How often one customer may order: each order is written about, to an address that nobody may have confirmed."""

from datetime import datetime, timedelta

WINDOW = timedelta(days=1)


class TooManyUnpaidOrders(Exception):
    """You have placed many orders that are not paid; pay what you want to keep, or order again later."""

    def __init__(self, oldest: datetime, now: datetime) -> None:
        super().__init__(oldest)
        self.facts = {"retry_after_seconds": max(1, int((oldest + WINDOW - now).total_seconds()) + 1)}
