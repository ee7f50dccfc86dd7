"""The doors of the pages are attacked: foreign forms, forged tokens, stolen addresses, other people's pages."""

import secrets

import pytest
from journeys.seller import Shop
from journeys.suite import Suite, until

from .conftest import PASSWORD, Storefront, open_pages
from .signing_in import come, register, secret, sign_in
from .visitor import visitor

SKU = "WORKS-9-ESD"


async def test_ASVS_3_a_page_tells_browsers_what_it_may_do(front: Storefront):
    async with visitor(front.address) as guest:
        _, _, headers = await guest.get("/")
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "private, no-store"
        cookie = headers["Set-Cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/"))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=str,
)
async def test_ASVS_3_5_a_form_of_another_site_is_refused(front: Storefront, headers: dict[str, str]):
    async with visitor(front.address) as guest:
        await guest.get("/")
        status, text, _ = await guest.post("/cart", {"sku": SKU}, **headers)
        assert (status, 'data-problem="foreign-form"' in text) == (403, True)


@pytest.mark.parametrize("token", ["", "0" * 64, "x", "ä"])
async def test_ASVS_3_5_a_form_without_the_visitors_token_is_refused(front: Storefront, token: str):
    async with visitor(front.address) as guest, visitor(front.address) as other:
        await guest.get("/")
        await other.get("/")
        assert (await guest.post("/cart", {"sku": SKU, "token": token}))[0] == 403
        assert (await guest.post("/cart", {"sku": SKU, "token": other.token}))[0] == 403
        assert (await guest.post("/cart", {"sku": SKU}))[0] == 303


@pytest.mark.parametrize("after", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"])
async def test_after_a_form_nobody_is_led_away(front: Storefront, after: str):
    async with visitor(front.address) as guest:
        await guest.get("/")
        status, _, headers = await guest.post("/language", {"language": "en", "after": after})
        assert (status, headers["Location"]) == (303, "/")


async def test_with_a_sign_in_the_cookie_changes_and_with_its_end_the_session_is_over(front: Storefront):
    async with visitor(front.address) as guest:
        await guest.get("/register")
        before = secret(guest)
        await register(guest, front)
        during = secret(guest)
        assert before != during
        assert (await guest.get("/account"))[0] == 200
        assert (await guest.post("/sign-out", {}))[0] == 303
        assert (await guest.get("/account"))[0] == 303
        # whoever has kept the cookie has nothing
        assert (await guest.get("/account", Cookie=f"storefront-visitor={during}"))[0] == 303


async def test_an_order_is_its_customers_alone(front: Storefront):
    async with visitor(front.address) as guest, visitor(front.address) as other:
        await register(guest, front)
        await guest.get("/")
        await guest.post("/cart", {"sku": SKU})
        _, text, _ = await guest.get("/checkout")
        fields = {name: _value(text, name) for name in ("once", "shown", "terms")}
        fields |= {"name": "Dora Dritt", "street": "Weg 1", "postal_code": "20457", "city": "Hamburg", "country": "DE"}
        status, _, headers = await guest.post("/checkout", fields | {"payment_method": "transfer"})
        assert status == 303
        place = headers["Location"]
        assert (await guest.get(place))[0] == 200
        # the same form again is the same order
        await guest.post("/cart", {"sku": SKU})
        assert (await guest.post("/checkout", fields | {"payment_method": "transfer"}))[2]["Location"] == place
        assert (await other.get(place))[0] == 303
        await register(other, front)
        for path in (place, f"{place}/events"):
            assert (await other.get(path))[0] == 404
        await other.get("/")
        assert (await other.post(f"{place}/cancellation", {}))[0] == 404


async def test_whatever_fields_a_form_lacks_or_has_it_is_shown_again(front: Storefront):
    async with visitor(front.address) as guest:
        await register(guest, front)
        await guest.get("/")
        await guest.post("/cart", {"sku": SKU})
        odd = {"get": "x", "items": "x", "keys": "x", "once": "x", "shown": "-1", "payment_method": "cash"}
        for fields in ({}, odd, {"name": "x" * 9999, "country": "de"}):
            status, text, _ = await guest.post("/checkout", fields)
            assert (status, "Traceback" in text) == (422, False)
    async with visitor(front.address) as guest:
        for path in ("/register", "/sign-in", "/forgotten"):
            there, place = await come(guest, path)
            for fields in ({}, odd, {"name": "x" * 9999, "country": "de"}):
                status, text, _ = await there.post(place, fields)
                assert (status, "Traceback" in text) == (422, False), path


async def test_a_closed_shop_is_gone_and_another_may_have_its_address(running: Suite, shop: Shop):
    hosts = [f"closed-{shop.tenant}.localhost:{running.state.ports['storefront']}"]
    await open_pages(running, shop.tenant, shop="first", hosts=hosts)
    async with visitor(f"http://{hosts[0]}") as guest:
        assert (await guest.get("/"))[0] == 200
        await running.stack_run("storefront", "shop", "close", "first")
        await open_pages(running, shop.tenant, shop="second", hosts=hosts, name="Second")

        async def another() -> bool:
            return "Second" in (await guest.get("/"))[1]

        await until(another, "the other shop")


async def test_a_card_number_goes_no_further_than_the_form(front: Storefront):
    async with visitor(front.address) as guest:
        there, place = await come(guest, "/register")
        fields = {"name": "4242 4242 4242 4242", "email": "a@example.org", "password": PASSWORD}
        status, text, _ = await there.post(place, fields | {"country": "DE", "keep": "keep"})
        assert status == 422
        assert "4242 4242" not in text
        assert (await guest.get("/?q=4242424242424242"))[0] == 422


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/products/nothing", 404),
        ("/products/00000000-0000-0000-0000-000000000000", 404),
        ("/assets/..%2F..%2Fsite.py", 404),
        ("/assets/style.css", 404),
        ("/texts/nothing", 404),
        ("/texts/terms/2020-01-01", 404),
        ("/orders/1", 404),
        ("/?q=a&q=b", 400),
        ("/%00", 404),
    ],
)
async def test_what_is_not_there_is_a_page_that_gives_nothing_away(front: Storefront, path: str, status: int):
    async with visitor(front.address) as guest:
        await guest.get("/")
        answered, text, _ = await guest.get(path)
        assert answered == status
        assert 'href="/"' in text
        assert "Traceback" not in text


async def test_where_no_shop_is_nothing_is(front: Storefront):
    async with visitor(front.address.replace("http://", "http://no-")) as guest:
        assert (await guest.get("/"))[0] == 404


async def test_a_form_that_is_no_form_is_refused(front: Storefront):
    async with visitor(front.address) as guest:
        await guest.get("/")
        assert (await guest.post("/cart", "{}", Content_Type="application/json"))[0] == 415
        assert (await guest.post("/cart", {"sku": "x" * 70_000}))[0] == 413
        many = "&".join(f"a{number}=1" for number in range(1000))
        form = "application/x-www-form-urlencoded"
        assert (await guest.post("/cart", many, Content_Type=form))[0] == 400
        assert (await guest.post("/cart", "token=%ff", Content_Type=form))[0] == 403
        assert (await guest.post("/cart", {"sku": "a\0b"}))[0] == 400


async def test_PLT_2_customers_of_one_tenant_are_unknown_in_another(running: Suite, shop: Shop, front: Storefront):
    from journeys.demo.opening import open_shop

    other = await open_shop(running, f"t{secrets.token_hex(4)}")
    address = await open_pages(running, other.tenant, name="Andere", color="#0f766e")
    async with visitor(front.address) as guest:
        email = await register(guest, front)
        cookie = secret(guest)
        async with visitor(address) as foreigner:
            assert "#0f766e" in (await foreigner.get("/brand.css"))[1]
            assert await sign_in(foreigner, email) == 401
            # a session of one shop is none in another
            assert (await foreigner.get("/account", Cookie=f"storefront-visitor={cookie}"))[0] == 303
        assert (await guest.get("/account"))[0] == 200


def _value(text: str, name: str) -> str:
    return text.partition(f'name="{name}" value="')[2].partition('"')[0]
