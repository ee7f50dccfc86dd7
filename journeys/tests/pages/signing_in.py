"""Signing in without a browser: from the shop to the pages of accounts, and back."""

import secrets
from urllib.parse import urlsplit

from journeys.mailbox import Mailbox

from .conftest import PASSWORD, Storefront
from .visitor import Answer, Visitor

STOREFRONT = "storefront-visitor"


def secret(guest: Visitor) -> str:
    """What the shop has put into the browser's cookie."""
    return next(cookie.value for cookie in guest.http.cookie_jar if cookie.key == STOREFRONT)


async def come(guest: Visitor, path: str = "/sign-in") -> tuple[Visitor, str]:
    """Go from a shop to a page of accounts; return the visitor there, and the page's path."""
    status, _, headers = await guest.get(path)
    assert status == 303
    address, question = apart(headers["Location"])
    there = Visitor(guest.http, address)
    status, _, headers = await there.get(question)
    assert status == 303
    assert (await there.get(headers["Location"]))[0] == 200
    return there, headers["Location"]


async def back(guest: Visitor, answer: Answer) -> Answer:
    """Go back to the shop with what accounts has answered."""
    status, text, headers = answer
    assert status == 303, text
    address, path = apart(headers["Location"])
    assert address == guest.address
    return await guest.get(path)


def apart(location: str) -> tuple[str, str]:
    """Return the origin of an address, and the rest."""
    parts = urlsplit(location)
    return f"{parts.scheme}://{parts.netloc}", f"{parts.path}?{parts.query}"


async def sign_in(guest: Visitor, email: str, password: str = PASSWORD) -> int:
    """Sign in; return the status of the page of accounts, 303 where one is back at the shop."""
    there, place = await come(guest)
    answer = await there.post(place, {"email": email, "password": password})
    if answer[0] == 303:
        assert (await back(guest, answer))[0] == 303
    return answer[0]


async def register(guest: Visitor, front: Storefront) -> str:
    """Open an account, and confirm its address; return it."""
    email = f"d{secrets.token_hex(4)}@example.org"
    there, place = await come(guest, "/register")
    fields = {"name": "Dora Dritt", "email": email, "password": PASSWORD, "country": "DE", "keep": "keep"}
    status, _, headers = await back(guest, await there.post(place, fields))
    assert (status, headers["Location"].partition("?")[0]) == (303, "/confirm")
    await guest.get("/confirm")
    code = await Mailbox(front.shop.suite, email).code()
    assert (await guest.post("/confirm", {"code": code}))[0] == 303
    return email
