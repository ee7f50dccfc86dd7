"""Customers, made for a test."""

import secrets

from journeys.customer import Customer
from journeys.seller import Shop


class People:
    """Makes customers with addresses of their own."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def arrive(
        self, name: str = "Erika Musterfrau", *, keep_data: bool = True, company: str | None = None
    ) -> Customer:
        email = f"{secrets.token_hex(6)}@example.org"
        person = Customer(self.shop.suite, self.shop.tenant, name, email, keep_data=keep_data, company=company)
        return await person.arrive()
