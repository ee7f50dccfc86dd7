"""Customers for tests."""

import secrets

from journeys.customer import Customer
from journeys.seller import Shop


class People:
    """Registers customers, each with an e-mail address of its own."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def arrive(
        self, name: str = "Erika Musterfrau", *, keep_data: bool = True, company: str | None = None
    ) -> Customer:
        """Register and sign in a customer."""
        return await self.newcomer(name, keep_data=keep_data, company=company).arrive()

    def newcomer(
        self, name: str = "Erika Musterfrau", *, keep_data: bool = True, company: str | None = None
    ) -> Customer:
        """Return somebody who has no account yet."""
        email = f"{secrets.token_hex(6)}@example.org"
        return Customer(self.shop.suite, self.shop.tenant, name, email, keep_data=keep_data, company=company)
