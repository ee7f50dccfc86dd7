"""The bank: transfers are booked on one statement every two seconds."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from journeys.load.client import NoAnswer, Refused, RetryingClient
from journeys.seller import Shop
from journeys.statement import Credit, camt053

EVERY = 2.0
HEADERS = {"Content-Type": "application/xml"}
Booked = tuple[Credit, "asyncio.Future[None]"]


@dataclass(slots=True)
class Bank:
    """Collects transfers of customers, and has bookkeeping import their statements."""

    shop: Shop
    client: RetryingClient
    _waiting: dict[str, list[Booked]] = field(default_factory=dict[str, list[Booked]])

    async def transfer(self, iban: str, reference: str, amount: int) -> None:
        """Return when a statement with this money was imported; raises NoAnswer and Refused."""
        booked: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(iban, []).append((Credit(amount, reference), booked))
        await booked

    async def run(self) -> None:
        """Send statements until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            batches, self._waiting = self._waiting, {}
            for iban, batch in batches.items():
                await self._import(iban, batch)

    async def _import(self, iban: str, batch: Sequence[Booked]) -> None:
        statement = camt053(iban, [credit for credit, _ in batch])
        clerk = self.shop.bookkeeper
        try:
            await self.client.ask(
                "payments",
                "POST",
                "/statements",
                token=lambda: clerk.token,
                renew=clerk.sign_in,
                data=statement,
                headers=HEADERS,
            )
        except (NoAnswer, Refused) as error:
            for _, booked in batch:
                booked.set_exception(type(error)(str(error)))
            return
        for _, booked in batch:
            booked.set_result(None)
