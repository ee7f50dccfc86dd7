"""The link of an invitation leads who has no account to one, and shows the offer to nobody but its reader. PLT-1"""

import re
import secrets

from journeys.customer import Customer
from journeys.mailbox import Mailbox

from .conftest import PASSWORD, Storefront
from .signing_in import back, come, sign_in
from .test_account import customer_of
from .visitor import Visitor, visitor

LINK = re.compile(r"https?://[^\s/]+(/invited\?code=[A-Z0-9-]+)")
FIELDS = {"name": "Gerda Gast", "password": PASSWORD, "country": "DE", "keep": "keep"}


async def invite(owner: Customer, email: str) -> str:
    """Invite an address to a new organisation; return the path of the link in the letter."""
    body = {"name": "Muster & Söhne", "vat_id": None}
    house = await owner.suite.call("accounts", "POST", "/organisations", json=body, token=owner.token)
    path, wanted = f"/organisations/{house['organisation']}/invitations", {"email": email, "role": "buyer"}
    await owner.suite.call("accounts", "POST", path, json=wanted, token=owner.token)
    letter = (await Mailbox(owner.suite, email).wait(1))[-1]
    assert owner.name in letter.subject
    found = LINK.search(letter.text)
    assert found is not None, letter.text
    return found[1]


async def join(guest: Visitor, path: str) -> None:
    """Open an account by the link; one is back at the shop as a member."""
    there, place = await come(guest, path)
    code = path.partition("code=")[2]
    status, _, headers = await back(guest, await there.post(place.partition("&")[0], FIELDS | {"invitation": code}))
    assert (status, "organisation-joined" in headers["Location"]) == (303, True)
    assert "Muster &amp; Söhne" in (await guest.get("/account/organisation"))[1]


async def acts(guest: Visitor) -> None:
    """Order on behalf of the organisation: each page of the shop shows it, and leads back."""
    _, text, _ = await guest.get("/account/organisation")
    found = re.search(r'name="organisation" value="([0-9a-f-]{36})"', text)
    assert found is not None
    assert (await guest.post("/account/organisation/acting", {"organisation": found[1]}))[0] == 303
    for page in ("/", "/cart", "/account", "/account/security", "/texts/imprint"):
        assert "Sie bestellen im Namen von Muster &amp; Söhne" in (await guest.get(page, Accept_Language="de"))[1], page
    await guest.get("/cart")
    await guest.post("/account/organisation/acting", {"organisation": "", "after": "/cart"})
    assert "im Namen von" not in (await guest.get("/cart", Accept_Language="de"))[1]


async def test_PLT_1_who_has_no_account_opens_one_by_the_link_and_belongs_to_it(front: Storefront):
    owner = await customer_of(front)
    email = f"{secrets.token_hex(6)}@example.org"
    path = await invite(owner, email)
    async with visitor(front.address) as guest, visitor(front.address) as late:
        await join(guest, path)
        assert (await guest.get(path))[0] == 404  # it has counted
        await acts(guest)
        status, _, headers = await late.get(path)
        assert (status, "login_hint" in headers["Location"]) == (303, True)


async def test_PLT_1_somebody_else_is_told_so_and_may_sign_out(front: Storefront):
    owner = await customer_of(front)
    other = await customer_of(front)
    path = await invite(owner, f"{secrets.token_hex(6)}@example.org")
    async with visitor(front.address) as guest:
        assert await sign_in(guest, other.email, other.password) == 303
        status, text, _ = await guest.get(path)
        assert (status, other.email in text, "Muster" in text) == (404, True, False)
        status, _, headers = await guest.post("/invited", {"code": path.partition("code=")[2], "token": "0" * 64})
        assert status == 403
        await guest.get(path)
        status, _, headers = await guest.post("/invited", {"code": path.partition("code=")[2]})
        assert (status, headers["Location"]) == (303, path)
        await join(guest, path)


async def test_a_code_that_is_none_leads_nowhere_else(front: Storefront):
    async with visitor(front.address) as guest:
        for code in ("", "x" * 64, "%0d%0aSet-Cookie:a=b", "//evil.example", "<script>"):
            status, _, headers = await guest.get(f"/invited?code={code}")
            assert status == 303
            assert "evil.example/" not in headers["Location"]
        assert (await guest.get("/invited?code=" + "x" * 65))[0] in (400, 422)
