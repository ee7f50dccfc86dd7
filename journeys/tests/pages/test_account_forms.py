"""What is wrong, empty or too long in the forms of an account is answered with a page, and never with a failure."""

import pytest

from .conftest import Storefront
from .signing_in import sign_in
from .test_account import customer_of
from .visitor import visitor

PAGE = "/account/security"
FORMS = {
    f"{PAGE}/email": ("email",),
    f"{PAGE}/email/confirmation": ("code",),
    f"{PAGE}/factor": ("code", "secret", "uri", "qr"),
    f"{PAGE}/factor/confirmation": ("code", "secret"),
    f"{PAGE}/factor/recovery-codes": ("code",),
    f"{PAGE}/factor/recovery-codes/file": ("recovery_code",),
    f"{PAGE}/factor/removal": ("code",),
    f"{PAGE}/passkeys": ("name",),
    f"{PAGE}/passkeys/00000000-0000-7000-8000-000000000000/removal": ("name",),
    "/account/organisation": ("name", "vat_id", "once"),
    "/account/organisation/invitation": ("code",),
    "/account/organisation/invitation/acceptance": ("code",),
    "/account/organisation/acting": ("organisation", "after"),
    "/invited": ("nothing",),
}
BAD = ("", "   ", "x", "x" * 5_000, "x" * 70_000, "<script>alert(1)</script>", "a\r\nSet-Cookie: b=c", "\0", "4" * 16)


@pytest.mark.parametrize("path", FORMS)
async def test_no_form_of_the_account_fails(front: Storefront, path: str):
    customer = await customer_of(front)
    async with visitor(front.address) as guest:
        assert await sign_in(guest, customer.email, customer.password) == 303
        for bad in BAD:
            await guest.get(PAGE)
            status, text, headers = await guest.post(path, dict.fromkeys(FORMS[path], bad))
            assert status < 500, (path, bad[:20])
            assert "<script>alert" not in text
            assert "b=c" not in headers.get("Set-Cookie", "")


async def test_a_factor_that_is_gone_already_is_not_removed_twice(front: Storefront):
    customer = await customer_of(front)
    async with visitor(front.address) as guest:
        assert await sign_in(guest, customer.email, customer.password) == 303
        await guest.get(f"{PAGE}/factor")
        status, text, _ = await guest.post(f"{PAGE}/factor/removal", {})
        assert (status, 'role="alert"' in text or "notice bad" in text) == (409, True)
