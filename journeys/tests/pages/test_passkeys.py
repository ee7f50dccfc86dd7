"""Passkeys: made by a device, and signed in with, at the installation's own domain and at a shop's. ORD-1 PLT-2"""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from .browser import Browser
from .conftest import PASSWORD, Storefront, open_pages
from .test_account import customer_of, send, sign_in


@pytest.fixture
async def trusted(front: Storefront, request: pytest.FixtureRequest) -> AsyncGenerator[Storefront]:
    """The same shop, at the address to which passkeys of this stack belong or at its own."""
    if request.param == "own":
        yield front
        return
    suite, shop = front.shop.suite, f"{front.shop.tenant}-local"
    host = f"localhost:{suite.state.ports['storefront']}"
    await open_pages(suite, front.shop.tenant, shop=shop, hosts=[host])
    yield Storefront(front.shop, f"http://{host}")
    # a shop that is closed keeps its addresses
    await open_pages(suite, front.shop.tenant, shop=shop, hosts=[f"{shop}.{host}"])


@pytest.mark.parametrize("trusted", ["installation", "own"], indirect=True)
async def test_a_device_makes_a_passkey_and_signs_in_with_it(trusted: Storefront, chromium: Browser):  # ORD-1
    front = trusted
    customer = await customer_of(front)
    async with chromium.person("passkey") as person:
        device: Any = await person.page.context.new_cdp_session(person.page)
        await device.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
        verified = {**options, "isUserVerified": True, "automaticPresenceSimulation": True}
        await device.send("WebAuthn.addVirtualAuthenticator", {"options": verified})
        await sign_in(person, front, customer, "/account/security/passkeys")
        await person.write(name="Telefon")
        await send(person)
        await send(person, "form[data-passkey]")
        assert "done=passkey-added" in person.page.url
        assert "Telefon" in await person.text()
        await person.open(f"{front.address}/account")
        await person.press("Abmelden")
        await person.open(f"{front.address}/sign-in?after=/account/security")
        await person.press("Mit Passkey anmelden")
        await send(person, "form[data-signs]")
        assert person.page.url.endswith("/account/security")
        await person.page.get_by_role("link", name="Entfernen Telefon").click()
        await send(person)
        await person.write(email=customer.email, password=PASSWORD)
        await send(person)
        assert "done=passkey-removed" in person.page.url
