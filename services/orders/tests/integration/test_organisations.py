"""What is ordered for an organisation is seen by whoever decides or checks there, and by nobody else. ORD-14 PLT-1"""

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from chassis_testing import until
from contracts.accounts import KeyDestroyed, KeyKind
from contracts.orders import OrderPlaced

from .conftest import Shop

NAME, VAT_ID = "Muster & Söhne", "DE123456789"


def acting(
    shop: Shop, organisation: UUID | None, role: str, customer: UUID | None = None, tenant: str = "kontor"
) -> dict[str, str]:
    """A customer who acts for an organisation, or for themself."""
    claims: dict[str, Any] = shop.home.accounts.person_claims()
    if organisation is not None:
        claims["organisation"] = {
            "organisation": str(organisation),
            "role": role,
            "name": NAME,
            "vat_id": VAT_ID,
        }
    token = shop.home.accounts.token(customer or uuid4(), "customer", tenant=tenant, **claims)
    return shop.home.bearer(token)


def business(shop: Shop, **changes: Any) -> dict[str, Any]:
    return shop.request(customer_type="business", consents=[], **changes)


async def bought(shop: Shop, headers: dict[str, str], **changes: Any) -> dict[str, Any]:
    status, order = await shop.post("/orders", business(shop, **changes), headers)
    assert status == 201, order
    return order


async def listed(shop: Shop, headers: dict[str, str]) -> list[str]:
    status, found = await shop.get("/orders", headers)
    assert status == 200, found
    return [one["order"] for one in found["items"]]


async def test_an_order_belongs_to_the_organisation_and_bears_its_name(shop: Shop):
    organisation = uuid4()
    order = await bought(shop, acting(shop, organisation, "buyer"), company="Anders AG", vat_id="DE999999999")
    assert order["organisation"] == str(organisation)

    async def published() -> list[OrderPlaced]:
        return [one for one in await shop.home.published(OrderPlaced) if str(one.order) == order["order"]]

    (placed,) = await until(published, what="OrderPlaced")
    assert placed.organisation == organisation
    status, billing = await shop.get(f"/orders/{order['order']}/billing?purpose=invoice", shop.staff("bookkeeping"))
    assert (status, billing["company"], billing["vat_id"]) == (200, NAME, VAT_ID)


async def test_who_acts_for_themself_orders_for_themself(shop: Shop):
    order = await bought(shop, acting(shop, None, ""), company="Anders AG")
    assert order["organisation"] is None
    billing = (await shop.get(f"/orders/{order['order']}/billing?purpose=invoice", shop.staff("bookkeeping")))[1]
    assert billing["company"] == "Anders AG"


async def test_an_auditor_buys_nothing(shop: Shop):
    status, refused = await shop.post("/orders", business(shop), acting(shop, uuid4(), "auditor"))
    assert (status, refused["type"]) == (403, "/problems/buys-nothing")


async def test_an_organisation_is_no_consumer(shop: Shop):
    status, refused = await shop.post("/orders", shop.request(), acting(shop, uuid4(), "owner"))
    assert (status, refused["type"]) == (422, "/problems/must-be-business")


async def test_owners_and_auditors_see_all_and_buyers_their_own(shop: Shop):
    organisation, buyer = uuid4(), uuid4()
    mine = (await bought(shop, acting(shop, organisation, "buyer", buyer)))["order"]
    others = (await bought(shop, acting(shop, organisation, "buyer")))["order"]
    private = (await bought(shop, acting(shop, None, "", buyer)))["order"]
    for role in ("owner", "auditor"):
        one = acting(shop, organisation, role)
        assert await listed(shop, one) == [others, mine]
        assert (await shop.get(f"/orders/{mine}", one))[0] == 200
        assert (await shop.get(f"/orders/{private}", one))[0] == 404
        assert await listed(shop, acting(shop, None, "")) == []
    one = acting(shop, organisation, "buyer", buyer)
    assert await listed(shop, one) == [mine]
    assert (await shop.get(f"/orders/{others}", one))[0] == 404
    # for themself, also after they have left
    assert await listed(shop, acting(shop, None, "", buyer)) == [private, mine]
    assert (await shop.get(f"/orders/{mine}", acting(shop, None, "", buyer)))[0] == 200


async def test_an_owner_finds_an_order_by_its_number(shop: Shop):
    organisation = uuid4()
    order = await bought(shop, acting(shop, organisation, "buyer"))
    path = f"/orders?number={order['number']}"
    assert [one["order"] for one in (await shop.get(path, acting(shop, organisation, "owner")))[1]["items"]] == [
        order["order"]
    ]
    assert (await shop.get(path, acting(shop, uuid4(), "owner")))[1]["items"] == []
    assert (await shop.get(f"/orders?customer={order['customer']}", acting(shop, uuid4(), "owner")))[1]["items"] == []


async def test_members_of_others_and_of_other_tenants_see_nothing(shop: Shop):
    organisation = uuid4()
    order = (await bought(shop, acting(shop, organisation, "owner")))["order"]
    for one in (
        acting(shop, uuid4(), "owner"),
        acting(shop, organisation, "owner", tenant="lumen"),
        acting(shop, None, ""),
    ):
        assert (await shop.get(f"/orders/{order}", one))[0] == 404
        assert await listed(shop, one) == []
        assert (await shop.post(f"/orders/{order}/cancellation", {}, one))[0] == 404


async def test_orders_of_nobodys_organisation_are_not_shown_to_who_acts_for_one(shop: Shop):
    order = (await bought(shop, acting(shop, None, "")))["order"]
    assert (await shop.get(f"/orders/{order}", acting(shop, uuid4(), "owner")))[0] == 404


async def test_owners_cancel_what_is_unpaid_and_auditors_do_not(shop: Shop):
    organisation = uuid4()
    order = (await bought(shop, acting(shop, organisation, "buyer")))["order"]
    path = f"/orders/{order}/cancellation"
    assert (await shop.post(path, {}, acting(shop, organisation, "auditor")))[0] == 404
    assert (await shop.post(path, {}, acting(shop, organisation, "buyer")))[0] == 404
    status, after = await shop.post(path, {}, acting(shop, organisation, "owner"))
    assert (status, after["state"]) == (200, "cancelled")


async def test_a_role_that_there_is_not_gives_nothing(shop: Shop):
    organisation = uuid4()
    order = (await bought(shop, acting(shop, organisation, "buyer")))["order"]
    for role in ("administrator", "OWNER", ""):
        one = acting(shop, organisation, role)
        assert (await shop.get(f"/orders/{order}", one))[0] == 404
        assert await listed(shop, one) == []


async def test_staff_have_no_organisation_whatever_their_token_has(shop: Shop):
    order = await bought(shop, acting(shop, uuid4(), "buyer"))
    status, seen = await shop.get(f"/orders/{order['order']}", shop.staff("sales"))
    assert (status, seen["organisation"]) == (200, order["organisation"])


async def test_a_role_that_somebody_has_written_into_their_token_is_refused(shop: Shop):
    organisation = uuid4()
    order = (await bought(shop, acting(shop, organisation, "buyer")))["order"]
    own = acting(shop, organisation, "buyer")["Authorization"].removeprefix("Bearer ")
    head, payload, signature = own.split(".")
    claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["organisation"]["role"] = "owner"
    forged = base64.urlsafe_b64encode(orjson.dumps(claims)).rstrip(b"=").decode()
    headers = shop.home.bearer(f"{head}.{forged}.{signature}")
    assert (await shop.get(f"/orders/{order}", headers))[0] == 401
    assert (await shop.get("/orders", headers))[0] == 401


async def test_a_token_of_before_the_removal_ends_with_its_ten_minutes(shop: Shop):
    organisation, claims = uuid4(), shop.home.accounts.person_claims()
    claims["organisation"] = {"organisation": str(organisation), "role": "owner", "name": NAME, "vat_id": None}
    token = shop.home.accounts.token(uuid4(), "customer", lifetime=timedelta(minutes=10), **claims)
    headers = shop.home.bearer(token)
    await bought(shop, headers)
    shop.home.shift_clock(timedelta(minutes=10, seconds=10).total_seconds())

    async def over() -> bool:
        return (await shop.get("/orders", headers))[0] == 401

    await until(over, what="the end of a token")
    assert (await shop.post("/orders", business(shop), headers))[0] == 401


async def test_an_erased_buyers_orders_stay_the_organisations_and_in_bookkeeping(shop: Shop):  # ORD-2 ORD-13
    organisation, buyer = uuid4(), uuid4()
    order = await bought(shop, acting(shop, organisation, "buyer", buyer))
    rows = await shop.home.sql("select placed -> 'keys' as keys from orders where id = $1", UUID(order["order"]))
    for kind, key in orjson.loads(rows[0]["keys"]).items():
        shop.home.accounts.erased.add(UUID(key["key"]))
        now = shop.home.clock.now()
        await shop.home.publish(
            KeyDestroyed(tenant="kontor", customer=buyer, key=UUID(key["key"]), kind=KeyKind(kind), destroyed_at=now)
        )
    await shop.home.settled()
    owner = acting(shop, organisation, "owner")
    assert await listed(shop, owner) == [order["order"]]
    status, seen = await shop.get(f"/orders/{order['order']}", owner)
    assert (status, seen["customer"]) == (200, str(buyer))
    path = f"/orders/{order['order']}/billing?purpose=tax-audit"
    billing = (await shop.get(path, shop.staff("bookkeeping")))[1]
    assert (billing["company"], billing["vat_id"], billing["billing_address"]["city"]) == (NAME, VAT_ID, "Köln")
