"""Invitations count once, for a week, and for whoever reads the address they were sent to. PLT-1"""

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from chassis_testing.fixtures import ServiceHome
from contracts.accounts import OrganisationInvitationRequested

from .companies import Colleague, guest_codes
from .conftest import House, opened


@pytest.fixture(scope="module")
async def strict(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[House]:
    """An accounts where addresses are confirmed."""
    async with opened(service_home, tmp_path_factory.mktemp("inviting"), address_confirmation="required") as house:
        yield house


async def test_a_customer_sees_what_the_code_is_for_and_accepts_it_once(house: House, tenant: str):
    owner, guest = await Colleague.arrive(house, tenant), await Colleague.arrive(house, tenant)
    organisation = await owner.open()
    status, made = await owner.invite(organisation, guest.person.email.upper(), "auditor")
    assert (status, made["email"].lower(), made["role"]) == (201, guest.person.email.lower(), "auditor")
    (code,) = await guest.codes()
    status, offer = await guest.ask("POST", "/me/organisation-invitation", {"code": code.lower()})
    assert status == 200, offer
    assert (offer["name"], offer["role"], offer["invited_by"]) == ("Muster & Söhne", "auditor", owner.person.name)
    assert await guest.of() == {}  # nothing has changed yet
    assert (await guest.accept(code))[0] == 200
    assert await guest.of() == {organisation: "auditor"}
    status, refused = await guest.accept(code)
    assert (status, refused["type"]) == (404, "/problems/invitation-unknown")
    assert (await owner.remove(organisation, guest.id))[0] == 204
    assert (await guest.accept(code))[0] == 404  # nor does it bring back who was removed
    assert await guest.of() == {}


async def test_the_letter_carries_nothing_that_the_inviter_wrote(house: House, tenant: str):
    owner, guest = await Colleague.arrive(house, tenant), await Colleague.arrive(house, tenant)
    await owner.invite(await owner.open("Gewinnen Sie auf www.boese.example"), guest.person.email)
    await guest.codes()
    (event,) = [one for one in house.published(OrganisationInvitationRequested) if one.customer == guest.id]
    boxes = {"name", "email", "code"}
    assert {name for name, value in event.model_dump().items() if isinstance(value, dict)} == boxes
    assert await house.opened_box(event.name) == guest.person.name
    assert "boese" not in event.model_dump_json()


async def test_a_code_is_of_use_to_nobody_else(house: House, tenant: str):
    owner, guest, thief = [await Colleague.arrive(house, tenant) for _ in range(3)]
    foreigner = await Colleague.arrive(house, await house.open_tenant(), email=guest.person.email)
    organisation = await owner.open()
    await owner.invite(organisation, guest.person.email, "owner")
    (code,) = await guest.codes()
    for one in (thief, foreigner):
        assert (await one.accept(code))[0] == 404
        assert (await one.ask("POST", "/me/organisation-invitation", {"code": code}))[0] == 404
        assert await one.of() == {}
    assert (await guest.accept("ABCDE-ABCDE-ABCDE-ABCDE"))[0] == 404
    assert (await guest.accept(code))[0] == 200


async def test_withdrawn_and_replaced_and_old_ones_count_no_more(house: House, tenant: str):
    owner, guest = await Colleague.arrive(house, tenant), await Colleague.arrive(house, tenant)
    organisation = await owner.open()
    first = (await owner.invite(organisation, guest.person.email, "owner"))[1]
    await owner.invite(organisation, guest.person.email)
    codes = await guest.codes()
    assert (await guest.accept(codes[0]))[0] == 404
    path = f"/organisations/{organisation}/invitations"
    (shown,) = (await owner.ask("GET", path))[1]["items"]
    assert (shown["email"], shown["role"]) == (guest.person.email, "buyer")
    assert (await owner.ask("DELETE", f"{path}/{first['invitation']}"))[0] == 404
    assert (await owner.ask("DELETE", f"{path}/{shown['invitation']}"))[0] == 204
    assert (await guest.accept(codes[1]))[0] == 404
    await owner.invite(organisation, guest.person.email)
    third = (await guest.codes())[-1]
    await house.shift(timedelta(days=7, seconds=1))
    guest.tokens = await house.sign_in(guest.person)
    assert (await guest.accept(third))[0] == 404


async def test_invitations_of_an_owner_who_is_one_no_more_count_no_more(house: House, tenant: str):
    owner, second, guest = [await Colleague.arrive(house, tenant) for _ in range(3)]
    organisation = await owner.open()
    await owner.take_in(second, organisation, "owner")
    await second.invite(organisation, guest.person.email, "owner")
    (code,) = await guest.codes()
    assert await owner.change(organisation, second.id, "buyer") == 204
    assert (await guest.accept(code))[0] == 404


async def test_three_letters_a_day_go_to_one_address_whoever_invites(house: House, tenant: str):
    guest = await Colleague.arrive(house, tenant)
    answers: list[int] = []
    for _ in range(4):
        owner = await Colleague.arrive(house, tenant)
        answers.append((await owner.invite(await owner.open(), guest.person.email))[0])
    assert answers == [201, 201, 201, 429]
    assert len(await guest.codes()) == 3


async def test_a_member_is_not_invited_again(house: House, tenant: str):
    owner, guest = await Colleague.arrive(house, tenant), await Colleague.arrive(house, tenant)
    organisation = await owner.open()
    await owner.take_in(guest, organisation)
    status, refused = await owner.invite(organisation, guest.person.email, "owner")
    assert (status, refused["type"]) == (409, "/problems/already-member")


async def test_who_has_registered_meanwhile_accepts_with_the_code_of_the_first_letter(strict: House):
    tenant = await strict.open_tenant()
    person = await strict.register(tenant)
    owner = Colleague(strict, person, await strict.confirm(person))
    organisation = await owner.open()
    assert (await owner.invite(organisation, "later@example.org"))[0] == 201
    (code,) = await guest_codes(strict, tenant)
    guest = await Colleague.arrive(strict, tenant, email="later@example.org")
    assert (await guest.accept(code))[0] == 403  # who has not shown that they read the address
    guest.tokens = await strict.confirm(guest.person, guest.tokens)
    assert await guest.codes() == []  # one letter is enough
    assert (await guest.accept(code))[0] == 200
    assert await guest.of() == {organisation: "buyer"}


async def test_staff_are_not_written_to(house: House, tenant: str):
    owner = await Colleague.arrive(house, tenant)
    clerk = await house.clerk(tenant, "sales")
    before = len(house.published(OrganisationInvitationRequested))
    assert (await owner.invite(await owner.open(), clerk.email))[0] == 201
    await house.home.settled()
    assert len(house.published(OrganisationInvitationRequested)) == before
    assert await guest_codes(house, clerk.tenant, clerk.email) == []


async def test_all_addresses_of_a_mailbox_are_counted_together(house: House, tenant: str):
    owner = await Colleague.arrive(house, tenant)
    organisation = await owner.open()
    ways = [f"n.ora{'+' * (n > 0)}{n or ''}@example.org" for n in range(4)]
    assert [(await owner.invite(organisation, way))[0] for way in ways] == [201, 201, 201, 429]
