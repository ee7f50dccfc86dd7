"""Sessions of visitors: renewed while they are used, by one request at a time, and ended in time."""

import asyncio

import asyncpg
from journeys.mailbox import Mailbox
from journeys.suite import Suite

from .conftest import PASSWORD, Storefront
from .signing_in import register, sign_in
from .visitor import visitor


async def test_a_session_goes_on_after_its_token_ends_however_many_pages_ask_at_once(running: Suite, front: Storefront):
    async with visitor(front.address) as guest:
        await register(guest, front)
        for _ in range(2):
            await asyncio.to_thread(running.stack.shift_clock, 11 * 60)
            statuses = await asyncio.gather(*(guest.get("/account") for _ in range(6)))
            assert [status for status, _, _ in statuses] == [200] * 6


async def test_a_session_that_accounts_has_ended_ends_here_at_once(running: Suite, front: Storefront):
    async with visitor(front.address) as guest:
        email = await register(guest, front)
        body = {"tenant": front.shop.tenant, "email": email, "password": PASSWORD}
        token = (await running.call("accounts", "POST", "/sign-in", json=body))["access_token"]
        assert (await guest.get("/account/keys"))[0] == 200
        await running.call("accounts", "DELETE", "/me/sessions", token=token, expect=204)
        assert (await guest.get("/account/keys"))[0] == 303
        assert (await guest.get("/account"))[0] == 303
        assert await sign_in(guest, email) == 303
        assert (await guest.get("/account"))[0] == 200


async def test_another_browser_is_signed_out_at_once_by_a_reset_of_the_password(running: Suite, front: Storefront):
    async with visitor(front.address) as thief:
        email = await register(thief, front)
        assert (await thief.get("/account/keys"))[0] == 200
        mailbox, who = Mailbox(running, email), {"tenant": front.shop.tenant}
        await running.call("accounts", "POST", "/password-reset", json={**who, "email": email}, expect=202)
        (mail,) = await mailbox.wait(1)
        body = {**who, "code": mail.code, "password": "ein anderer satz zum merken"}
        await running.call("accounts", "POST", "/password-reset/confirmation", json=body, expect=204)
        for path in ("/account/keys", "/account/downloads", "/account"):
            assert (await thief.get(path))[0] == 303
        _, letter = await mailbox.wait(2)
        assert letter.subject.startswith("Ihr Passwort bei ")
        assert "/forgotten" in letter.text
        assert email not in letter.text


async def test_while_accounts_is_away_a_session_goes_on_as_long_as_its_token(running: Suite, front: Storefront):
    async with visitor(front.address) as guest:
        await register(guest, front)
        await asyncio.to_thread(running.stack.stop, "accounts")
        try:
            assert (await guest.get("/account/orders"))[0] == 200
        finally:
            await asyncio.to_thread(running.stack.start, "accounts")


async def test_no_session_outlives_its_days(running: Suite, front: Storefront):
    async with visitor(front.address) as guest:
        await register(guest, front)
        # not the clock: it is everybody's, and what others test has its own days
        connection = await asyncpg.connect(running.state.databases["storefront"])
        try:
            await connection.execute("update sessions set expires_at = expires_at - interval '30 days 1 second'")
        finally:
            await connection.close()
        assert (await guest.get("/account"))[0] == 303


async def test_while_accounts_is_away_the_shop_is_open_and_a_session_is_not_lost(running: Suite, front: Storefront):
    async with visitor(front.address) as guest:
        await register(guest, front)
        await asyncio.to_thread(running.stack.shift_clock, 11 * 60)
        await asyncio.to_thread(running.stack.stop, "accounts")
        try:
            status, text, _ = await guest.get("/")
            assert (status, "Anmelden" in text) == (200, True)
            assert (await guest.get("/account"))[0] == 303
        finally:
            await asyncio.to_thread(running.stack.start, "accounts")
        assert (await guest.get("/account"))[0] == 200
