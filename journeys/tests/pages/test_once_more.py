"""What hurts asks who one is, on the pages of accounts, and leads back to where one was."""

import asyncio
import secrets
from urllib.parse import quote_plus

from .browser import PHONE, Browser
from .conftest import PASSWORD, Storefront
from .test_account import customer_of, send, sign_in


async def test_what_hurts_asks_who_one_is_and_shops_see_no_password(front: Storefront, chromium: Browser):  # ORD-1
    customer, new = await customer_of(front), f"n{secrets.token_hex(4)}@example.org"
    async with chromium.person("once-more", width=PHONE) as person:
        typed: list[str] = []
        shop = front.address
        person.page.on("request", lambda one: typed.append(one.post_data or "") if one.url.startswith(shop) else None)
        await sign_in(person, front, customer, "/account/security/email")
        await asyncio.to_thread(front.shop.suite.stack.shift_clock, 301)
        # the form was shown before; what it asks for comes too late
        await person.write(email=new)
        await send(person)
        assert "/authorize/sign-in" in person.page.url
        await person.write(email=customer.email, password=PASSWORD)
        await send(person)
        assert person.page.url.endswith("/account/security/email?done=signed-in-again")
        assert "Jetzt können Sie weitermachen" in await person.text()
        await asyncio.to_thread(front.shop.suite.stack.shift_clock, 301)
        for page in ("security/email", "security/factor", "security/passkeys", "privacy/deletion", "privacy/exports"):
            await person.open(f"{shop}/account/{page}")
            assert await person.page.locator("main form").count() == 0
        await person.open(f"{shop}/account/privacy")
        await person.press("Noch einmal anmelden")
        await person.write(email=customer.email, password=PASSWORD)
        await send(person)
        assert person.page.url.endswith("/account/privacy")
        await send(person)
        assert person.page.url.endswith("?done=chosen")
        assert len([one for one in typed if one]) == 2
        assert not [one for one in typed if "password" in one or quote_plus(PASSWORD) in one]
