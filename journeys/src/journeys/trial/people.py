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
        email = f"{secrets.token_hex(6)}@example.org"
        person = Customer(self.shop.suite, self.shop.tenant, name, email, keep_data=keep_data, company=company)
        return await person.arrive()
