"""Customers change the address at which they are written to, and nobody else can. ORD-1"""

import asyncio
from datetime import timedelta
from typing import Any

from chassis_testing.harness import until
from contracts.accounts import EmailChanged, EmailChangeRequested, EmailConsentRequested

from .conftest import PASSWORD, House, Person


async def asked(house: House, person: Person, token: str, email: str, password: str = PASSWORD) -> int:
    return (await house.ask("POST", "/me/email", {"email": email, "password": password}, token))[0]


async def codes(house: House, person: Person, count: int) -> list[str]:
    """The codes that were mailed for a customer, waiting until there are so many."""
    await house.home.settled()
    found = [event for event in house.published(EmailChangeRequested) if event.customer == person.id]
    assert len(found) == count
    return [await house.opened_box(event.code) for event in found]


async def former_codes(house: House, person: Person, count: int) -> list[str]:
    """The codes that were mailed to a customer's address until now, waiting until there are so many."""
    await house.home.settled()
    found = [event for event in house.published(EmailConsentRequested) if event.customer == person.id]
    assert [await house.opened_box(event.email) for event in found] == [person.email] * count
    return [await house.opened_box(event.code) for event in found]


async def waiting(house: House, token: str) -> dict[str, Any] | None:
    """The change that waits, as the customer sees it."""
    status, answer = await house.ask("GET", "/me/email", token=token)
    assert status == 200, answer
    return answer["waiting"]


async def objected(house: House, tenant: str, code: str) -> int:
    return (await house.ask("POST", "/email-objection", {"tenant": tenant, "code": code}))[0]


async def changed(house: House, person: Person) -> list[EmailChanged]:
    await house.home.settled()
    return [event for event in house.published(EmailChanged) if event.customer == person.id]


async def confirmed(house: House, token: str, code: str) -> int:
    return (await house.ask("POST", "/me/email/confirmation", {"code": code}, token))[0]


async def test_an_address_counts_once_both_codes_were_sent_back(house: House, tenant: str):
    person, other = await house.register(tenant), await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    new = f"neu-{person.id.hex}@stra\xdfe.example"
    assert await asked(house, person, token, new, "not the password") == 403
    assert await asked(house, person, token, other.email) == 409
    assert await asked(house, person, token, "no address") == 422
    assert await asked(house, person, token, new) == 202
    (code,) = await codes(house, person, 1)
    assert (await house.ask("GET", "/me", token=token))[1]["email"] == person.email
    theirs = (await house.sign_in(other))["access_token"]
    assert await confirmed(house, theirs, code) == 404
    assert await confirmed(house, token, "ABCDE-ABCDE-ABCDE-ABCDE") == 404
    assert await confirmed(house, token, f" {code.lower().replace('-', ' ')} ".strip()) == 200
    assert await confirmed(house, token, code) == 404
    seen = await waiting(house, token)
    assert seen is not None
    assert (seen["confirmed"], seen["consented"]) == (True, False)
    assert await changed(house, person) == []
    (former,) = await former_codes(house, person, 1)
    assert await confirmed(house, theirs, former) == 404
    assert await house.ask("POST", "/me/email/confirmation", {"code": former}, token) == (200, {"waiting": None})
    assert await confirmed(house, token, former) == 404
    assert (await house.ask("GET", "/me", token=token))[1]["email"] == new
    assert (await house.ask("POST", "/sign-in", person.sign_in))[0] == 401
    await house.sign_in(Person(tenant, new, person.name, PASSWORD))
    (event,) = await changed(house, person)
    assert await house.opened_box(event.email_contact) == new
    # the former address is told, so that whoever has stolen a session is noticed
    told = [await house.opened_box(box) for box in (event.former_email, event.name) if box is not None]
    assert told == [person.email, person.name]
    await house.register(tenant, email=person.email)  # the old address is free again


async def test_a_code_counts_for_a_day_and_the_latest_alone(house: House, tenant: str):
    person = await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    for number in range(2):
        assert await asked(house, person, token, f"{number}-{person.id.hex}@example.org") == 202
    first, second = await codes(house, person, 2)
    assert await confirmed(house, token, first) == 404
    await house.shift(timedelta(days=1, seconds=1))
    token = (await house.sign_in(person))["access_token"]
    assert await confirmed(house, token, second) == 404


async def test_an_address_that_is_not_confirmed_in_time_is_forgotten(house: House, tenant: str):
    people = [await house.register(tenant) for _ in range(2)]
    for person in people:
        token = (await house.sign_in(person))["access_token"]
        assert await asked(house, person, token, f"neu-{person.id.hex}@example.org") == 202
        if person is people[0]:
            await house.shift(timedelta(days=1, seconds=1))
    kept = "select customer_id from email_changes where customer_id = any($1)"

    async def forgotten() -> bool:
        rows = await house.home.sql(kept, [person.id for person in people])
        return [row["customer_id"] for row in rows] == [people[1].id]

    await until(forgotten, what="one address to be forgotten")


async def test_a_new_password_voids_the_code_that_was_asked_for_with_the_old_one(house: House, tenant: str):
    person = await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    assert await asked(house, person, token, f"dieb-{person.id.hex}@example.org") == 202
    (code,) = await codes(house, person, 1)
    new = {"current": PASSWORD, "new": "ein ganz anderes Gewitter zieht auf"}
    assert (await house.ask("PUT", "/me/password", new, token))[0] == 200
    assert await confirmed(house, token, code) == 404


async def test_of_two_who_ask_for_one_address_it_is_the_first_to_confirm_its(house: House, tenant: str):
    people = [await house.register(tenant) for _ in range(2)]
    new, sent = f"eins-{people[0].id.hex}@example.org", list[tuple[str, str]]()
    for person in people:
        token = (await house.sign_in(person))["access_token"]
        assert await asked(house, person, token, new) == 202
        sent += [(token, code) for code in await codes(house, person, 1)]
    assert await asyncio.gather(*(confirmed(house, *one) for one in sent)) == [200, 200]
    former = [(token, (await former_codes(house, who, 1))[0]) for who, (token, _) in zip(people, sent, strict=True)]
    assert sorted(await asyncio.gather(*(confirmed(house, *one) for one in former))) == [200, 409]


async def test_asking_for_taken_addresses_is_counted_and_keeps_nobody_from_signing_in(house: House, tenant: str):
    person, other = await house.register(tenant), await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    statuses = [await asked(house, person, token, other.email) for _ in range(8)]
    assert statuses == [*[409] * 4, *[429] * 4]
    await house.sign_in(person)


async def test_nobody_can_have_many_codes_mailed(house: House, tenant: str):
    person = await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    statuses = [await asked(house, person, token, f"m{n}-{person.id.hex}@example.org") for n in range(5)]
    assert statuses == [202, 202, 202, 202, 429]


async def test_the_former_address_may_agree_first(house: House, tenant: str):
    person = await house.register(tenant)
    token = (await house.sign_in(person))["access_token"]
    assert await asked(house, person, token, f"neu-{person.id.hex}@example.org") == 202
    (former,) = await former_codes(house, person, 1)
    assert await confirmed(house, token, former) == 200
    assert await changed(house, person) == []
    assert await confirmed(house, token, (await codes(house, person, 1))[0]) == 200
    assert len(await changed(house, person)) == 1


async def test_who_cannot_read_the_former_address_waits_for_days_and_sees_it(house: House, tenant: str):
    person = await house.register(tenant)
    new = f"neu-{person.id.hex}@example.org"
    token = (await house.sign_in(person))["access_token"]
    assert await waiting(house, token) is None
    assert await asked(house, person, token, new) == 202
    assert await confirmed(house, token, (await codes(house, person, 1))[0]) == 200
    await house.shift(timedelta(days=2, hours=23))
    token = (await house.sign_in(person))["access_token"]
    seen = await waiting(house, token)
    assert seen is not None
    assert (seen["confirmed"], seen["expires_at"]) == (True, None)
    assert await changed(house, person) == []
    await house.shift(timedelta(hours=1, seconds=1))

    async def done() -> bool:
        return (await house.ask("POST", "/sign-in", {**person.sign_in, "email": new}))[0] == 200

    await until(done, what="the address to be changed")
    (event,) = await changed(house, person)
    assert await house.opened_box(event.email_contact) == new
    assert (await house.ask("POST", "/sign-in", person.sign_in))[0] == 401


async def test_an_owner_objects_with_the_code_that_was_mailed_to_the_former_address(house: House, tenant: str):
    person = await house.register(tenant)
    tokens = await house.sign_in(person)
    token = tokens["access_token"]
    assert await asked(house, person, token, f"dieb-{person.id.hex}@example.org") == 202
    (code,), (former,) = await codes(house, person, 1), await former_codes(house, person, 1)
    assert await confirmed(house, token, code) == 200
    assert await objected(house, tenant, code) == 404
    assert await objected(house, await house.open_tenant(), former) == 404
    assert await objected(house, tenant, former.lower()) == 204
    assert await objected(house, tenant, former) == 404
    assert (await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401
    assert await confirmed(house, token, former) == 404
    await house.shift(timedelta(days=3, seconds=1))
    assert (await house.ask("POST", "/sign-in", person.sign_in))[0] == 200
    assert await changed(house, person) == []


async def test_a_customer_may_leave_the_address_as_it_is(house: House, tenant: str):
    person, other = await house.register(tenant), await house.register(tenant)
    token, theirs = [(await house.sign_in(one))["access_token"] for one in (person, other)]
    assert await asked(house, person, token, f"neu-{person.id.hex}@example.org") == 202
    assert (await house.ask("DELETE", "/me/email/change", token=theirs))[0] == 404
    assert (await house.ask("DELETE", "/me/email/change", token=token))[0] == 204
    assert await waiting(house, token) is None
    assert await confirmed(house, token, (await codes(house, person, 1))[0]) == 404


async def test_who_presses_twice_gets_one_pair_of_letters_and_both_codes_count(house: House, tenant: str):
    person = await house.register(tenant)
    token, new = (await house.sign_in(person))["access_token"], f"neu-{person.id.hex}@example.org"
    assert [await asked(house, person, token, new) for _ in range(2)] == [202, 202]
    (code,), (former,) = await codes(house, person, 1), await former_codes(house, person, 1)
    assert [await confirmed(house, token, one) for one in (code, former)] == [200, 200]


async def test_an_address_that_somebody_takes_meanwhile_is_not_taken_from_them(house: House, tenant: str):
    person = await house.register(tenant)
    new = f"neu-{person.id.hex}@example.org"
    token = (await house.sign_in(person))["access_token"]
    assert await asked(house, person, token, new) == 202
    assert await confirmed(house, token, (await codes(house, person, 1))[0]) == 200
    other = await house.register(tenant, email=new)
    await house.shift(timedelta(days=3, seconds=1))

    async def given_up() -> bool:
        return not await house.home.sql("select from email_changes where customer_id = $1", person.id)

    await until(given_up, what="the change to be given up")
    assert await changed(house, person) == []
    assert (await house.sign_in(other))["subject"] == str(other.id)
    await house.sign_in(person)
