"""A customer downloads all that is known of them from the account's pages."""

import io
import re
import zipfile

import pytest
from playwright.async_api import expect

from .browser import DESK, PHONE, Browser
from .conftest import Storefront
from .test_account import bought, customer_of, send, sign_in

EXPORT = re.compile(r"/account/privacy/exports/[0-9a-f-]{36}$")


@pytest.mark.parametrize(
    ("width", "language", "scripts"),
    [(PHONE, "de", True), pytest.param(DESK, "de", False, marks=pytest.mark.torture), (DESK, "en", True)],
)
async def test_a_customer_asks_for_their_data_watches_and_downloads_it(
    front: Storefront, chromium: Browser, width: int, language: str, scripts: bool
):
    customer, order = await bought(front)
    async with chromium.person(
        f"export-{width}-{language}-{scripts}", width=width, language=language, scripts=scripts
    ) as person:
        await sign_in(person, front, customer, "/account/privacy")
        await person.page.locator("main a[href='/account/privacy/exports']").click()
        await person.look()
        await send(person, "form[action='/account/privacy/exports']")
        assert EXPORT.search(person.page.url)
        button = person.page.locator("main a[download]")
        if scripts:
            await expect(button).to_be_visible(timeout=30_000)
        else:
            for _ in range(60):
                if await button.count():
                    break
                await person.page.wait_for_timeout(500)
                await person.page.reload()
        await person.look()
        async with person.page.expect_download() as fetched:
            await button.click()
        path = await (await fetched.value).path()
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            assert archive.namelist()[:2] == ["README.txt", "accounts.json"]
            assert order in archive.read("orders.json").decode()
        await person.open(f"{front.address}/account/privacy/exports")
        assert await person.page.locator("main a.line").count() == 1


async def test_anothers_file_is_not_found(front: Storefront, chromium: Browser):
    customer, other = await customer_of(front), await customer_of(front, "Otto Anders")
    async with chromium.person("export-refused", width=DESK, language="de", scripts=True) as person:
        await sign_in(person, front, customer, "/account/privacy/exports")
        await send(person, "form[action='/account/privacy/exports']")
        address = person.page.url
    async with chromium.person("export-foreign", width=DESK, language="de", scripts=True) as person:
        await sign_in(person, front, other)
        for path in (address, f"{address}/file"):
            answer = await person.page.goto(path)
            assert answer is not None
            assert answer.status == 404
