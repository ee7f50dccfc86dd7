"""Before the sale: a tenant with two sellers and their staff."""

import asyncio
from pathlib import Path

from journeys.customer import Customer
from journeys.demo.programme import load_programme
from journeys.demo.sale import Sale
from journeys.demo.show import Show
from journeys.seller import DATA, Shop, Staff, hire
from journeys.shops import shop_file, tenant_file, until_open
from journeys.suite import Suite

TENANT = "kontor"


async def open_shop(suite: Suite, tenant: str = TENANT) -> Shop:
    """Open the tenant and hire its staff."""
    file = DATA / "tenant.yaml" if tenant == TENANT else tenant_file(Path(suite.state.home), tenant)
    await suite.stack_run("accounts", "tenant", "open", "--file", str(file))
    await until_open(suite, tenant)
    roles = ("sales", "files", "support")
    seller = Staff(suite, tenant, roles, "vertrieb@kontor.example", "Vera Vertrieb")
    bookkeeper = Staff(suite, tenant, ("bookkeeping",), "buchhaltung@kontor.example", "Bruno Buch")
    keeper = Staff(suite, tenant, ("operator", "administrator"), "betrieb@kontor.example", "Bea Betrieb")
    reviewer = Staff(suite, tenant, ("reviewer",), "pruefung@kontor.example", "Paula Prüfung")
    await hire(seller, bookkeeper, keeper, reviewer)
    return Shop(suite, tenant, seller, bookkeeper, keeper, reviewer)


async def open_pages(suite: Suite) -> None:
    """Open the pages of the shop; a partner opens its own while everything runs."""
    state = suite.state
    file = shop_file(Path(state.home), TENANT, state.ports["storefront"])
    await suite.stack_run("storefront", "shop", "open", "--file", str(file))


async def begin(suite: Suite, show: Show) -> Sale:
    """Everything the steps need."""
    shop = await open_shop(suite)
    await asyncio.gather(load_programme(suite, TENANT), open_pages(suite))
    first = Customer(suite, TENANT, "Erika Musterfrau", "erika@example.org")
    business = Customer(suite, TENANT, "Gero Geschäft", "gero@example.com", company="Musterfirma KG")
    leaver = Customer(suite, TENANT, "Lena Löschmich", "lena@example.net", keep_data=False)
    return Sale(suite, show, shop, first, business, leaver)
