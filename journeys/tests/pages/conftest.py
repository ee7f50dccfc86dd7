import asyncio
import os
import re
import secrets
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from journeys.mailbox import Mailbox
from journeys.seller import Shop
from journeys.shops import shop_file
from journeys.suite import Suite, until
from stack.stack import ROOT

from .browser import Browser, Person, browser, program

PASSWORD = "korrekt pferd batterie klammer"


@dataclass
class Storefront:
    """A tenant's shop with pages at an address of its own."""

    shop: Shop
    address: str

    async def arrive(self, person: Person, path: str = "/register") -> Mailbox:
        """Open an account in the shop's pages; return the new customer's mailbox."""
        email = f"p{secrets.token_hex(4)}@example.org"
        await person.open(self.address + path)
        await person.write(name="Nina Neu", email=email, password=PASSWORD)
        await person.page.click("main form button")
        await person.page.wait_for_url(re.compile("/confirm"))
        await person.look()
        mailbox = Mailbox(self.shop.suite, email)
        await person.write(code=await mailbox.code())
        await person.page.click("main form button >> nth=0")
        await person.page.wait_for_url(re.compile(r"^(?!.*/confirm)"))
        await person.look()
        return mailbox


async def open_pages(suite: Suite, tenant: str, *, hosts: Sequence[str] = (), **changed: object) -> str:
    """Open the pages of a tenant's shop; return their address."""
    port = suite.state.ports["storefront"]
    host = f"{tenant}.localhost:{port}"
    what = {"shop": tenant, "tenant": tenant, "hosts": list(hosts) or [host], **changed}
    file = await asyncio.to_thread(shop_file, Path(suite.state.home), "kontor", port, **what)
    await suite.stack_run("storefront", "shop", "open", "--file", str(file))
    await until_known(suite, list(hosts) or [host])
    return f"http://{host}"


async def until_known(suite: Suite, hosts: Sequence[str]) -> None:
    """Wait until accounts has pages for whoever is at these hosts of a shop."""
    for host in hosts:
        name = host.partition(":")[0]
        at = {"Host": f"{name}:{suite.state.ports['accounts']}"}

        async def known(at: dict[str, str] = at) -> object:
            path = "/.well-known/oauth-authorization-server"
            return await suite.call("accounts", "GET", path, headers=at, expect=200)

        await until(known, f"accounts to know the shop at {host}")


@pytest.fixture(scope="module")
async def front(running: Suite, shop: Shop) -> Storefront:
    """The pages of this module's shop."""
    return Storefront(shop, await open_pages(running, shop.tenant))


@pytest.fixture(scope="session")
async def chromium() -> AsyncGenerator[Browser]:
    """A browser; its pictures stay in `.local/pictures`."""
    if program() is None:
        if "CI" in os.environ:
            pytest.fail("there is no Chromium: apt-get install chromium")
        pytest.skip("there is no Chromium: apt-get install chromium")
    async with browser(ROOT / ".local" / "pictures") as found:
        yield found
