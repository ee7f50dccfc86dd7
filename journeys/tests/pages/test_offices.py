"""Offices of the desk that look after the desk itself: operations, the audit log's chain, staff, the earning rules."""

import asyncio
import re
import secrets

from journeys.mailbox import Mailbox
from journeys.seller import Shop, Staff
from journeys.shops import KEYLESS
from journeys.suite import Suite
from journeys.trial.people import People
from journeys.trial.sale import buy

from .signing_in import back, come
from .test_desk import address, hired, sign_in
from .visitor import Visitor, visitor

PASSWORD = "korrekt pferd batterie klammer"
ENGLISH = {"Accept_Language": "en"}
RULES = """rules:
  - {rule: held-meeting, kind: frequency, valid_from: 2099-01-01T00:00:00Z, points: 150, minimum_minutes: 15,
     minimum_participants: 2}
"""


async def signed_in(guest: Visitor, shop: Shop, *roles: str) -> Staff:
    """Sign a new member of staff in."""
    member = await hired(shop, *roles)
    assert await sign_in(guest, shop.tenant, member.email, member.password) == 303
    return member


async def test_an_operator_sees_each_service_and_replays_only_what_is_there(running: Suite, shop: Shop):  # PLT-10
    async with visitor(address(running)) as guest:
        await signed_in(guest, shop, "operator")
        status, text, _ = await guest.get("/services", **ENGLISH)
        assert status == 200
        for service in ("accounts", "orders", "mail-relay"):
            assert f'<a href="/services/{service}">' in text
        assert "Not available at the moment" not in text
        assert (await guest.get("/services/orders?state=waiting"))[0] == 200
        status, _, headers = await guest.post("/services/orders/dead/9223372036854775807/replay", {})
        assert (status, headers["Location"]) == (303, "/services/orders?state=dead&note=refused-not-found")
        assert (await guest.get("/services/nothing"))[0] == 404


async def test_a_reviewer_sees_that_the_chain_holds(running: Suite, shop: Shop):  # PLT-19
    async with visitor(address(running)) as guest:
        await signed_in(guest, shop, "reviewer")
        status, text, _ = await guest.get("/acts?service=accounts&check=0", **ENGLISH)
        assert status == 200
        assert re.search(r"All [\d,]+ entries are as they were written", text)


async def test_an_administrator_invites_and_removes_from_a_page_shortly_after_signing_in(running: Suite, shop: Shop):
    email = f"{secrets.token_hex(4)}@kontor.example"
    async with visitor(address(running)) as guest:
        admin = await signed_in(guest, shop, "administrator")
        await guest.get("/staff")
        invite = {"name": "Nora Neu", "email": email, "roles": "support"}
        await asyncio.to_thread(running.stack.shift_clock, 301)
        status, _, headers = await guest.post("/staff", invite)
        again = "/sign-in?prompt=login&after=/staff?note%3Ddone-signed-in-again"
        assert (status, headers["Location"]) == (303, again)
        assert 'method="post" action="/staff"' not in (await guest.get("/staff"))[1]
        there, place = await come(guest, again)
        answer = await there.post(place, {"email": admin.email, "password": admin.password})
        status, _, headers = await back(guest, answer)
        assert (status, headers["Location"]) == (303, "/staff?note=done-signed-in-again")
        await guest.get("/staff")
        status, text, _ = await guest.post("/staff", invite | {"email": "x"})
        assert (status, 'aria-invalid="true"' in text, "data-copy" in text) == (422, True, False)
        status, _, headers = await guest.post("/staff", invite)
        assert (status, email in headers["Location"]) == (303, False)
        status, text, _ = await guest.get(headers["Location"].partition("#")[0])
        assert status == 200
        assert email in text
        mailbox = Mailbox(running, email)
        code = (await mailbox.wait(1))[0].code
        assert code not in text
        _, text, _ = await guest.get(f"/staff?find={email}")
        (member,) = set(re.findall(r"/staff/([0-9a-f-]{36})/invitation", text))
        status, _, headers = await guest.post(f"/staff/{member}/invitation", {})
        assert (status, headers["Location"]) == (303, "/staff?note=done-invited-again")
        first, second = await mailbox.wait(2)
        assert f"/invitation?tenant={shop.tenant}" in second.text
        async with visitor(address(running)) as newcomer:
            there, place = await come(newcomer, f"/sign-in?prompt=invited&tenant={shop.tenant}")
            assert (await there.post(place, {"invitation": first.code, "password": PASSWORD}))[0] == 401
            assert (await there.post(place, {"invitation": second.code, "password": "passwort1234"}))[0] == 422
            assert (await there.post(place, {"invitation": second.code, "password": PASSWORD}))[0] == 303
            assert (await there.post(place, {"invitation": second.code, "password": PASSWORD}))[0] == 401
            assert await sign_in(newcomer, shop.tenant, email, PASSWORD) == 303
            assert (await newcomer.get("/rewards"))[0] == 200
            assert (await newcomer.get("/staff"))[0] == 403
        await guest.get("/staff")
        status, _, headers = await guest.post(f"/staff/{member}/removal", {})
        assert (status, headers["Location"]) == (303, "/staff?note=done-staff-removed")
    async with visitor(address(running)) as gone:
        assert await sign_in(gone, shop.tenant, email, PASSWORD) == 401


async def test_sales_tries_rules_before_loading_them(running: Suite, shop: Shop):  # REW-14
    async with visitor(address(running)) as guest:
        await signed_in(guest, shop, "sales")
        await guest.get("/rewards/rules")
        status, text, _ = await guest.post("/rewards/rules/trial", {"content": RULES, "meetings": "50"})
        assert status == 200
        assert 'id="trial"' in text
        status, text, _ = await guest.post("/rewards/rules/trial", {"content": RULES + "  - x", "meetings": "50"})
        assert (status, 'id="faults"' in text) == (422, True)


async def test_a_torn_upload_is_its_senders_fault(running: Suite, shop: Shop):
    async with visitor(address(running)) as guest:
        await signed_in(guest, shop, "files")
        await guest.get(f"/skus/{KEYLESS}")
        body = (
            f'--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n{guest.token}\r\n'
            '--b\r\nContent-Disposition: form-data; name="file"; filename="half.exe"\r\n\r\nhalf of it'
        )
        kind = {"Content_Type": "multipart/form-data; boundary=b"}
        assert (await guest.post(f"/skus/{KEYLESS}/files", body.encode(), **kind))[0] == 400
        assert "half.exe" not in (await guest.get(f"/skus/{KEYLESS}"))[1]


async def test_an_order_is_found_by_its_number_and_shows_its_card_payment(running: Suite, shop: Shop, people: People):
    customer = await people.arrive()
    order = await buy(customer, {KEYLESS: 1})
    await customer.pay_by_card(order["order"])
    await customer.wait_for_state(order["order"], "delivered")
    async with visitor(address(running)) as guest:
        await signed_in(guest, shop, "sales")
        number = order["number"].lower()
        status, _, headers = await guest.get(f"/search?q={number}")
        assert (status, headers["Location"]) == (303, f"/orders/{order['order']}")
        assert order["number"] in (await guest.get(f"/orders?number={number}"))[1]
        _, text, _ = await guest.get(f"/orders/{order['order']}", **ENGLISH)
        assert "captured" in text
