"""Passkeys of a shop beyond the installation's own domain: they are the shop's, and name nobody else. ORD-1 PLT-2"""

import html
import json
from typing import Any
from uuid import uuid4

from .authenticator import Browser as Device
from .authenticator import creation, keep
from .browser import Browser, answer_of, shop_of
from .conftest import House, Person
from .test_authorization_pages import OPTIONS

BRAND, OTHER = "brand.example", "other.example"


async def token_at(shop: Browser, person: Person) -> str:
    _, tokens = await shop.trade(await shop.code(person))
    return tokens["access_token"]


async def made_at(house: House, shop: Browser, token: str) -> tuple[Device, dict[str, Any]]:
    """A device with a passkey of this shop, and the passkey."""
    origin = f"https://{shop.name}"
    device = Device(origin=origin)
    options = await creation(house, token, origin=origin)
    assert options["rp"]["id"] == shop.name
    body = {"name": "Telefon", "credential": device.create(options), "origin": origin}
    status, passkey = await house.ask("POST", "/me/passkeys", body, token, **{"Idempotency-Key": str(uuid4())})
    assert status == 201, passkey
    return device, passkey


async def enters(shop: Browser, device: Device) -> tuple[int, dict[str, str]]:
    """The answer to what a device signs on the page of this shop, whatever the page asks for."""
    place = await shop.arrive("passkey")
    options = json.loads(html.unescape(OPTIONS.findall((await shop.ask("GET", place))[1])[0]))
    assert options["rpId"] == shop.name
    status, _, headers = await shop.send(place, {"credential": json.dumps(device.get(options))})
    return status, headers


async def test_a_shop_of_another_domain_has_passkeys_of_its_own(house: House, person: Person):
    shop = await shop_of(house, person.tenant, BRAND, "https")
    device, passkey = await made_at(house, shop, await token_at(shop, person))
    assert passkey["domain"] == BRAND
    assert "/authorize/passkey" in (await shop.ask("GET", await shop.arrive()))[1]
    device.origin = answer_of((await shop.signs_in(person))[2])["iss"]  # the pages of accounts for this shop
    status, headers = await enters(shop, device)
    assert status == 303
    assert (await shop.trade(answer_of(headers)["code"]))[0] == 200


async def test_a_passkey_counts_at_no_other_shop(house: House, person: Person):
    shop = await shop_of(house, person.tenant, BRAND, "https")
    device, _ = await made_at(house, shop, await token_at(shop, person))
    other = await shop_of(house, person.tenant, OTHER, "https")
    here, there = [answer_of((await one.signs_in(person))[2])["iss"] for one in (shop, other)]
    for device.origin in (here, there):  # there: a page of the other shop that has got at the passkey of this one
        assert (await enters(other, device))[0] == 401
    assert (await enters(shop, device))[0] == 401  # nor at this one on the page of the other
    device.origin = here
    assert (await enters(shop, device))[0] == 303


async def test_a_session_makes_passkeys_for_the_pages_of_its_own_shop_alone(house: House, person: Person):
    shop = await shop_of(house, person.tenant, BRAND, "https")
    await shop_of(house, person.tenant, OTHER, "https")
    token = await token_at(shop, person)
    for origin in (f"https://{OTHER}", f"http://{BRAND}", f"https://{BRAND}:8443", f"https://a.{BRAND}"):
        status, answer = await house.ask("POST", "/me/passkeys/options", {"origin": origin}, token)
        assert (status, answer["type"].rpartition("/")[2]) == (400, "client-unknown"), origin
    for origin in (f"https://{BRAND}/path", "javascript:1", f"https://{BRAND}\r\nx: y"):
        assert (await house.ask("POST", "/me/passkeys/options", {"origin": origin}, token))[0] == 422
    # whoever has signed in by JSON belongs to no shop
    plain = (await house.sign_in(person))["access_token"]
    assert (await creation(house, plain, origin=f"https://{BRAND}"))["rp"]["id"] == "shop.example"


async def test_what_was_begun_for_one_domain_is_not_kept_for_another(house: House, person: Person):
    shop = await shop_of(house, person.tenant, BRAND, "https")
    token = await token_at(shop, person)
    device = Device(origin=f"https://{BRAND}")
    credential = device.create(await creation(house, token, origin=f"https://{BRAND}"))
    assert (await keep(house, token, credential))[0] == 422
