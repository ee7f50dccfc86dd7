"""Keep or delete: what is destroyed when, what is published, who has confirmed. M26 ORD-2"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from accounts.domain.erasure import HOLDERS
from chassis_testing.harness import until
from contracts.accounts import CustomerErased, KeyDestroyed, PrivacyChosen
from contracts.shared import ErasureConfirmed

from .conftest import PROOF, House, Person

MONTH = timedelta(days=30)


async def destroyed(house: House, person: Person, count: int) -> dict[str, UUID]:
    """Return the keys whose destruction was published, by kind, waiting until there are so many."""

    async def enough() -> dict[str, UUID]:
        found = {event.kind.value: event.key for event in house.published(KeyDestroyed) if event.customer == person.id}
        return found if len(found) >= count else {}

    return await until(enough, what=f"{count} keys to be destroyed")


async def alive(house: House, person: Person) -> bool:
    return (await house.ask("POST", "/sign-in", person.sign_in))[0] == 200


async def confirm(house: House, person: Person, *kinds: str, services: tuple[str, ...] = HOLDERS) -> None:
    keys = await house.keys_of(person)
    for kind in kinds:
        for service in services:
            confirmed = ErasureConfirmed(tenant=person.tenant, customer=person.id, key=keys[kind], service=service)
            await house.home.publish(confirmed, source=service)
    await house.home.settled()


async def report(house: House, person: Person) -> dict[str, Any]:
    token = await house.staff(person.tenant, "reviewer")
    status, erasure = await house.ask("GET", f"/erasures/{person.id}", token=token)
    assert status == 200, erasure
    return erasure


async def order(house: House, person: Person, until: timedelta = MONTH) -> None:
    """An order placed and closed."""
    number = uuid4()
    await house.home.publish(house.placed(person, number), house.closed(person, number, until))
    await house.home.settled()


async def test_one_who_chose_deletion_is_erased_when_the_order_is_closed(house: House, tenant: str):
    person = await house.register(tenant, keep_data=False)
    keys = await house.keys_of(person)
    tokens = await house.sign_in(person)
    number = uuid4()
    await house.home.publish(house.placed(person, number))
    await house.home.settled()
    assert await alive(house, person)
    await house.home.publish(house.closed(person, number, MONTH))
    assert await destroyed(house, person, 1) == {"profile": keys["profile"]}
    (erased,) = [event for event in house.published(CustomerErased) if event.customer == person.id]
    assert tuple(erased.expected) == HOLDERS
    assert not await alive(house, person)
    assert (await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401
    for method, path, body in (
        ("GET", "/me", None),
        ("PUT", "/me/choice", {"keep_data": True, **PROOF}),
        ("POST", "/me/deletion", PROOF),
    ):
        assert (await house.ask(method, path, body, tokens["access_token"]))[0] == 410


async def test_the_address_opens_until_the_windows_have_closed_and_then_never_again(house: House, tenant: str):
    person = await house.register(tenant, keep_data=False)
    keys = await house.keys_of(person)
    await order(house, person)
    assert (await house.keys(await house.service("delivery"), "download statistics", keys["profile"])) == {
        keys["profile"]: {"key": str(keys["profile"]), "private": None, "erased": True}
    }
    given = await house.keys(await house.service("letters"), "send e-mails", keys["contact"])
    assert given[keys["contact"]]["private"]
    await house.shift(MONTH)
    assert await destroyed(house, person, 2) == keys
    given = await house.keys(await house.service("letters"), "send e-mails", keys["contact"])
    assert given[keys["contact"]]["erased"] is True
    assert await house.home.sql("select 1 from private_keys where key_id = any($1::uuid[])", list(keys.values())) == []


async def test_the_latest_window_of_an_order_counts(house: House, tenant: str):
    person = await house.register(tenant, keep_data=False)
    number = uuid4()
    await house.home.publish(house.placed(person, number), house.closed(person, number, timedelta(days=60)))
    await house.home.publish(house.closed(person, number, timedelta(days=10)))
    await house.home.settled()
    await house.shift(timedelta(days=30))
    await house.home.publish(house.closed(person, number, timedelta(days=60)))
    await house.home.settled()
    await house.shift(timedelta(days=40))
    assert list(await destroyed(house, person, 1)) == ["profile"]
    await house.shift(timedelta(days=21))
    assert sorted(await destroyed(house, person, 2)) == ["contact", "profile"]


async def test_an_erased_customers_late_order_keeps_the_address_until_it_is_closed(house: House, tenant: str):
    person = await house.register(tenant, keep_data=False)
    await order(house, person, timedelta())
    late = uuid4()
    await house.home.publish(house.placed(person, late))
    await house.home.settled()
    await house.shift(timedelta(hours=1))
    assert list(await destroyed(house, person, 1)) == ["profile"]
    await house.home.publish(house.closed(person, late, timedelta()))
    assert sorted(await destroyed(house, person, 2)) == ["contact", "profile"]


async def test_one_who_keeps_data_is_not_erased_by_an_order(house: House, tenant: str):
    person = await house.register(tenant)
    await order(house, person)
    assert await alive(house, person)


async def test_one_who_chose_deletion_and_has_not_ordered_yet_is_kept(house: House, tenant: str):
    person = await house.register(tenant, keep_data=False)
    token = (await house.sign_in(person))["access_token"]
    status, choice = await house.ask("PUT", "/me/choice", {"keep_data": False, **PROOF}, token)
    assert (status, choice["keep_data"], choice["erased_at"]) == (200, False, None)
    assert await alive(house, person)


async def test_a_changed_choice_is_published_and_an_unchanged_one_is_not(house: House, tenant: str):  # M26
    person = await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    for keep_data in (True, False, False, True):
        await house.ask("PUT", "/me/choice", {"keep_data": keep_data, **PROOF}, token)
    await house.home.settled()
    published = [choice for choice in await house.home.published(PrivacyChosen) if choice.customer == person.id]
    assert [choice.keep_data for choice in published] == [False, True]


async def test_an_access_token_alone_deletes_nobody(house: House, person: Person, token: str):  # ORD-2 ORD-1
    wrong = {"password": "not the password"}
    await house.shift(timedelta(minutes=5, seconds=1))  # who has signed in just now need not name it
    for method, path, body in (("POST", "/me/deletion", {}), ("PUT", "/me/choice", {"keep_data": False})):
        assert (await house.ask(method, path, body, token))[0] == 401
        assert (await house.ask(method, path, {**body, **wrong}, token))[0] == 403
    statuses = [(await house.ask("POST", "/me/deletion", wrong, token))[0] for _ in range(4)]
    assert statuses == [403] * 3 + [429]
    known = (await house.ask("GET", "/me", token=token))[1]
    assert (known["keep_data"], known["deletion_asked_at"]) == (True, None)


async def test_who_asks_for_deletion_without_any_order_is_erased_at_once(house: House, tenant: str):
    person = await house.register(tenant)
    keys = await house.keys_of(person)
    token = (await house.sign_in(person))["access_token"]
    status, choice = await house.ask("POST", "/me/deletion", PROOF, token)
    assert (status, choice["erased_at"] is None) == (200, False)
    assert await destroyed(house, person, 2) == keys


async def test_who_asks_for_deletion_waits_for_open_orders_and_may_change_their_mind(house: House, tenant: str):
    keeps, goes = await house.register(tenant), await house.register(tenant)
    for person in (keeps, goes):
        number = uuid4()
        await house.home.publish(house.placed(person, number))
        await house.home.settled()
        token = (await house.sign_in(person))["access_token"]
        choice = (await house.ask("POST", "/me/deletion", PROOF, token))[1]
        assert (choice["deletion_asked_at"] is None, choice["erased_at"]) == (False, None)
        if person is keeps:
            await house.ask("PUT", "/me/choice", {"keep_data": True, **PROOF}, token)
        await house.home.publish(house.closed(person, number, MONTH))
    await house.home.settled()
    assert (await alive(house, keeps), await alive(house, goes)) == (True, False)


async def test_choosing_deletion_later_erases_when_all_orders_are_closed_already(house: House, tenant: str):
    person = await house.register(tenant)
    await order(house, person)
    token = (await house.sign_in(person))["access_token"]
    assert (await house.ask("PUT", "/me/choice", {"keep_data": False, **PROOF}, token))[1]["erased_at"] is not None
    assert not await alive(house, person)


async def test_an_erasure_waits_for_installed_services_only(house: House):  # ORD-2
    person = await house.register(await house.open_tenant(), keep_data=False)
    assert (await house.run("service", "remove", "rewards")).output.strip() == "removed"
    try:
        await order(house, person, timedelta())
        await destroyed(house, person, 1)
        (erased,) = [event for event in house.published(CustomerErased) if event.customer == person.id]
        assert erased.expected == [holder for holder in HOLDERS if holder != "rewards"]
        assert (await report(house, person))["expected"] == erased.expected
        await house.run("service", "remove", "licensing")
        assert "licensing" not in (await report(house, person))["expected"]
    finally:
        for holder in ("licensing", "rewards"):
            await house.service_secret(holder)
    assert "licensing" in (await report(house, person))["expected"]
    assert "rewards" not in (await report(house, person))["expected"]


async def test_an_erasure_is_complete_when_all_have_confirmed_all_and_no_cache_can_hold_a_key(house: House):  # PLT-8
    person = await house.register(await house.open_tenant(), keep_data=False)
    await confirm(house, person, "profile")  # consumed before anything is destroyed
    await order(house, person, timedelta())
    erasure = await report(house, person)
    by_kind = {key["kind"]: key for key in erasure["keys"]}
    assert (erasure["complete"], by_kind["profile"]["missing"], by_kind["contact"]["missing"]) == (
        False,
        [],
        list(HOLDERS),
    )
    assert sorted(by_kind["profile"]["confirmed"]) == list(HOLDERS)
    assert by_kind["contact"]["destroyed_at"] is None
    assert erasure["contact_until"] is not None
    await house.shift(timedelta(minutes=11))
    await destroyed(house, person, 2)
    await house.shift(timedelta(minutes=2))
    await confirm(house, person, "contact", services=HOLDERS[1:])
    erasure = await report(house, person)
    assert (erasure["complete"], erasure["keys"][1]["missing"]) == (False, [HOLDERS[0]])
    await confirm(house, person, "contact")
    assert (await report(house, person))["complete"] is True
    shown = await house.run("erasures", "--tenant", person.tenant)
    assert (shown.exit_code, f"{person.id}  complete" in shown.output) == (0, True)


async def test_an_erasure_is_not_complete_within_a_minute_of_the_destruction(house: House, tenant: str):
    person = await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    await house.ask("POST", "/me/deletion", PROOF, token)
    await confirm(house, person, "profile", "contact")
    early = await report(house, person)
    assert (early["complete"], [key["missing"] for key in early["keys"]]) == (False, [[], []])
    await house.shift(timedelta(seconds=60))
    assert (await report(house, person))["complete"] is True


async def test_the_list_of_erasures_comes_newest_first_a_page_at_a_time(house: House):
    tenant = await house.open_tenant()
    people: list[str] = []
    for _ in range(3):
        person = await house.register(tenant)
        await house.ask("POST", "/me/deletion", PROOF, (await house.sign_in(person))["access_token"])
        people.insert(0, str(person.id))
    token = await house.staff(tenant, "support")
    _, first = await house.ask("GET", "/erasures?limit=2", token=token)
    _, second = await house.ask("GET", f"/erasures?limit=2&cursor={first['next']}", token=token)
    assert [erasure["customer"] for erasure in first["items"] + second["items"]] == people
    assert second["next"] is None


@pytest.mark.parametrize("query", ["cursor=x", "cursor=2026-01-01_x", "limit=0", "limit=501", "page=2"])
async def test_a_bad_page_is_refused(house: House, tenant: str, query: str):
    token = await house.staff(tenant, "support")
    assert (await house.ask("GET", f"/erasures?{query}", token=token))[0] in (400, 422)


async def test_an_erasure_is_for_its_tenant_only(house: House, tenant: str):
    person = await house.register(tenant)
    await house.ask("POST", "/me/deletion", PROOF, (await house.sign_in(person))["access_token"])
    token = await house.staff(await house.open_tenant(), "support")
    assert (await house.ask("GET", f"/erasures/{person.id}", token=token))[0] == 404
    assert (await house.ask("GET", "/erasures", token=token))[1]["items"] == []
    assert (await house.ask("GET", "/erasures/not-an-id", token=token))[0] == 404


async def test_a_customer_is_found_by_address_or_words_until_erased_and_by_their_tenant_only(house: House):
    tenant = await house.open_tenant()
    person = await house.register(tenant, name="Jürgen  Özil-Meier")
    here, there = await house.staff(tenant, "support"), await house.staff(await house.open_tenant(), "support")
    questions = [{"email": person.email.upper()}, {"name": "özil JÜRGEN"}]
    for question in questions:
        assert (await house.ask("POST", "/customer-search", question, here))[1] == {
            "items": [{"customer": str(person.id), "orders": []}],
            "next": None,
        }
        assert (await house.ask("POST", "/customer-search", question, there))[1] == {"items": [], "next": None}
    assert (await house.ask("POST", "/customer-search", {"name": "Jürgen Nobody"}, here))[1] == {
        "items": [],
        "next": None,
    }
    for bad in ({}, {"email": "a@b", "name": "x"}, {"phone": "1"}):
        status, problem = await house.ask("POST", "/customer-search", bad, here)
        assert (status, [fault["at"].split(".")[0] for fault in problem["faults"]]) == (422, ["body"])
    await house.ask("POST", "/me/deletion", PROOF, (await house.sign_in(person))["access_token"])
    for question in questions:
        assert (await house.ask("POST", "/customer-search", question, here))[1] == {"items": [], "next": None}


async def test_one_who_was_erased_may_come_back_as_somebody_new(house: House, tenant: str):
    person = await house.register(tenant)
    await house.ask("POST", "/me/deletion", PROOF, (await house.sign_in(person))["access_token"])
    again = await house.register(tenant, email=person.email)
    assert again.id != person.id
