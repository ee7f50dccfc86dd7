"""Several customers buy for an organisation, each in a role that its owners decide. L11 PLT-1"""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from accounts.domain.organisation import Role

from .companies import Colleague, claims_of
from .conftest import PASSWORD, House
from .test_exporting import answered_by_all, fetch, requested, unpacked


async def company(house: House, tenant: str) -> tuple[str, Colleague, Colleague, Colleague]:
    """An organisation with an owner, a buyer and an auditor."""
    owner, buyer, auditor = [await Colleague.arrive(house, tenant) for _ in range(3)]
    organisation = await owner.open()
    await owner.take_in(buyer, organisation)
    await owner.take_in(auditor, organisation, "auditor")
    return organisation, owner, buyer, auditor


async def test_members_see_their_organisation_and_owners_the_addresses(house: House, tenant: str):
    organisation, owner, buyer, auditor = await company(house, tenant)
    status, seen = await owner.ask("GET", f"/organisations/{organisation}")
    assert (status, seen["name"], seen["vat_id"], seen["role"]) == (200, "Muster & Söhne", "DE123456789", "owner")
    everybody = [(owner, "owner"), (buyer, "buyer"), (auditor, "auditor")]
    assert [(one["name"], one["email"], one["role"]) for one in seen["members"]] == [
        (one.person.name, one.person.email, role) for one, role in everybody
    ]
    for one in (buyer, auditor):
        seen = (await one.ask("GET", f"/organisations/{organisation}"))[1]
        assert [member["email"] for member in seen["members"]] == [None] * 3
        assert (await one.ask("GET", f"/organisations/{organisation}/invitations"))[0] == 403


async def test_nothing_of_it_is_kept_in_clear(house: House, tenant: str):
    organisation = await (await Colleague.arrive(house, tenant)).open()
    rows = await house.home.sql("select name, vat_id from organisations where id = $1", organisation)
    assert "Muster" not in rows[0]["name"]
    assert "123456789" not in rows[0]["vat_id"]


async def test_only_owners_decide(house: House, tenant: str):
    organisation, owner, buyer, auditor = await company(house, tenant)
    named = {"name": "Anders", "vat_id": None}
    for one in (buyer, auditor):
        path = f"/organisations/{organisation}"
        assert await one.change(organisation, one.id, "owner") == 403
        assert (await one.remove(organisation, owner.id))[0] == 403
        assert (await one.invite(organisation, "friend@example.org"))[0] == 403
        assert (await one.ask("PUT", path, named))[0] == 403
        assert (await one.ask("DELETE", path))[0] == 403
    assert (await owner.ask("PUT", f"/organisations/{organisation}", named))[1]["name"] == "Anders"
    assert await owner.change(organisation, buyer.id, "owner") == 204
    assert (await buyer.remove(organisation, auditor.id))[0] == 204
    assert await auditor.of() == {}


async def test_a_role_that_there_is_not_is_refused(house: House, tenant: str):
    organisation, owner, buyer, _ = await company(house, tenant)
    assert await owner.change(organisation, buyer.id, "administrator") == 422
    assert (await owner.invite(organisation, "friend@example.org", "staff"))[0] == 422


async def test_who_is_no_member_learns_nothing(house: House, tenant: str):
    organisation, owner, *_ = await company(house, tenant)
    elsewhere = await house.open_tenant()
    neighbour, foreigner = await Colleague.arrive(house, tenant), await Colleague.arrive(house, elsewhere)
    await neighbour.open("Nachbar")
    for one in (neighbour, foreigner):
        path = f"/organisations/{organisation}"
        for method, at, body in (
            ("GET", path, None),
            ("PUT", path, {"name": "Anders"}),
            ("DELETE", path, None),
            ("GET", f"{path}/invitations", None),
            ("POST", f"{path}/invitations", {"email": "friend@example.org", "role": "buyer"}),
            ("PUT", f"{path}/members/{owner.id}", {"role": "buyer"}),
            ("DELETE", f"{path}/members/{owner.id}", None),
            ("PUT", "/me/acting", {"organisation": organisation}),
        ):
            known, unknown = (
                await one.ask(method, at, body),
                await one.ask(
                    method,
                    at.replace(organisation, str(uuid4())),
                    {**body, "organisation": str(uuid4())} if body and "organisation" in body else body,
                ),
            )
            assert (known[0], known[1]["type"]) == (404, unknown[1]["type"]), (method, at)


async def test_staff_and_who_has_not_confirmed_have_no_organisations(house: House, tenant: str):
    clerk = await house.staff(tenant, "administrator", "support")
    assert (await house.ask("GET", "/organisations", token=clerk))[0] == 403


async def test_the_last_owner_neither_leaves_nor_becomes_less(house: House, tenant: str):
    organisation, owner, buyer, _ = await company(house, tenant)
    status, refused = await owner.remove(organisation, owner.id)
    assert (status, refused["type"]) == (409, "/problems/last-owner")
    assert await owner.change(organisation, owner.id, "buyer") == 409
    assert await owner.change(organisation, buyer.id, "owner") == 204
    assert (await owner.remove(organisation, owner.id))[0] == 204
    assert (await buyer.remove(organisation, buyer.id))[0] == 409


async def test_what_changes_who_is_of_it_asks_who_one_is(house: House, tenant: str):  # RFC 9470
    organisation, owner, buyer, _ = await company(house, tenant)
    await owner.change(organisation, buyer.id, "owner")
    path = f"/organisations/{organisation}"
    changes: list[tuple[str, str, Any]] = [
        ("POST", f"{path}/invitations", {"email": "friend@example.org", "role": "buyer"}),
        ("PUT", f"{path}/members/{buyer.id}", {"role": "auditor"}),
        ("DELETE", f"{path}/members/{buyer.id}", None),
        ("DELETE", f"{path}/members/{owner.id}", None),
        ("DELETE", path, None),
    ]
    house.home.shift_clock(301)
    for refreshed in (False, True):  # a new token of the same session proves nothing anew
        if refreshed:
            await owner.refresh()
        for method, at, body in changes:
            status, refused = await owner.ask(method, at, body)
            assert (status, refused["type"]) == (401, "/problems/insufficient-user-authentication"), (method, at)
    assert (await owner.ask("GET", path))[0] == 200
    again = Colleague(house, owner.person, await house.sign_in(owner.person))
    assert await again.change(organisation, buyer.id, "auditor") == 204
    assert (await again.remove(organisation, buyer.id))[0] == 204


@pytest.mark.parametrize("attempt", range(3))
async def test_two_owners_who_remove_each_other_leave_one(house: House, tenant: str, attempt: int):
    organisation, owner, buyer, _ = await company(house, tenant)
    await owner.change(organisation, buyer.id, "owner")
    done = await asyncio.gather(owner.remove(organisation, buyer.id), buyer.remove(organisation, owner.id))
    assert sorted(status for status, _ in done) == [204, 404]
    roles = await house.home.sql("select role from organisation_members where organisation_id = $1", organisation)
    assert sorted(row["role"] for row in roles) == ["auditor", "owner"]


async def test_two_owners_who_leave_at_the_same_time_leave_one(house: House, tenant: str):
    organisation, owner, buyer, _ = await company(house, tenant)
    await owner.change(organisation, buyer.id, "owner")
    done = await asyncio.gather(owner.remove(organisation, owner.id), buyer.remove(organisation, buyer.id))
    assert sorted(status for status, _ in done) == [204, 409]


async def test_the_session_chooses_for_whom_it_acts(house: House, tenant: str):
    organisation, owner, buyer, _ = await company(house, tenant)
    assert await buyer.refresh() is None
    assert await buyer.act_for(organisation) == 204
    assert await buyer.refresh() == {
        "organisation": organisation,
        "role": "buyer",
        "name": "Muster & Söhne",
        "vat_id": "DE123456789",
    }
    other = Colleague(house, buyer.person, await house.sign_in(buyer.person))
    assert await other.refresh() is None  # another session of theirs has not chosen
    await owner.change(organisation, buyer.id, "auditor")
    assert (await buyer.refresh() or {})["role"] == "auditor"
    assert await buyer.act_for(None) == 204
    assert await buyer.refresh() is None


async def test_a_removed_member_acts_for_it_no_longer_than_a_token_lives(house: House, tenant: str):
    organisation, owner, buyer, _ = await company(house, tenant)
    await buyer.act_for(organisation)
    await buyer.refresh()
    token = claims_of(buyer.tokens["access_token"])
    assert token["exp"] - token["iat"] == timedelta(minutes=10).total_seconds()
    await owner.remove(organisation, buyer.id)
    assert await buyer.act_for(organisation) == 404
    assert (await buyer.ask("GET", f"/organisations/{organisation}"))[0] == 404
    assert await buyer.refresh() is None


async def test_an_ended_organisation_is_nobodys_and_its_name_cannot_be_read(house: House, tenant: str):
    organisation, owner, buyer, _ = await company(house, tenant)
    await buyer.act_for(organisation)
    assert (await owner.ask("DELETE", f"/organisations/{organisation}"))[0] == 204
    assert (await owner.of(), await buyer.of(), await buyer.refresh()) == ({}, {}, None)
    keys = await house.home.sql(
        "select destroyed_at, (select count(*) from private_keys where key_id = id) as left_over "
        "from subject_keys where subject = $1",
        organisation,
    )
    assert [(row["destroyed_at"] is not None, row["left_over"]) for row in keys] == [(True, 0)]


async def test_no_service_is_given_the_key_of_an_organisation(house: House, tenant: str):
    organisation = await (await Colleague.arrive(house, tenant)).open()
    key = (await house.home.sql("select id from subject_keys where subject = $1", organisation))[0]["id"]
    letters = await house.service("letters")
    for purpose in ("send e-mails", "archive", "export"):
        assert await house.keys(letters, purpose, key) == {}


async def test_an_erased_member_is_one_no_more_and_the_organisation_goes_on(house: House, tenant: str):
    organisation, owner, buyer, _ = await company(house, tenant)
    await owner.change(organisation, buyer.id, "owner")
    await owner.invite(organisation, "friend@example.org")
    assert (await house.ask("POST", "/me/deletion", {"password": PASSWORD}, owner.tokens["access_token"]))[0] == 200
    status, seen = await buyer.ask("GET", f"/organisations/{organisation}")
    assert (status, [one["role"] for one in seen["members"]]) == (200, ["owner", "auditor"])
    assert (await buyer.ask("GET", f"/organisations/{organisation}/invitations"))[1]["items"] == []


async def test_an_organisation_ends_with_the_erasure_of_its_last_owner(house: House, tenant: str):
    organisation, owner, buyer, _ = await company(house, tenant)
    await buyer.act_for(organisation)
    await buyer.refresh()
    assert (await house.ask("POST", "/me/deletion", {"password": PASSWORD}, owner.tokens["access_token"]))[0] == 200
    assert (await buyer.of(), await buyer.refresh()) == ({}, None)
    key = await house.home.sql("select destroyed_at from subject_keys where subject = $1", organisation)
    assert key[0]["destroyed_at"] is not None


async def test_nobody_is_of_more_than_twenty(house: House, tenant: str):
    owner = await Colleague.arrive(house, tenant)
    for number in range(20):
        await owner.open(f"Nr. {number}")
    status, refused = await owner.ask("POST", "/organisations", {"name": "Zu viel"})
    assert (status, refused["type"]) == (409, "/problems/too-many-organisations")


async def test_an_export_has_the_organisations_by_name(house: House, tenant: str):
    organisation, owner, buyer, _ = await company(house, tenant)
    token = buyer.tokens["access_token"]
    request = await requested(house, token)
    await answered_by_all(house, request)
    status, data = await fetch(house, token, request.export)
    assert status == 200
    (found,) = unpacked(data)["accounts.json"]["organisations"]
    assert (found["organisation"], found["name"], found["role"]) == (organisation, "Muster & Söhne", "buyer")
    assert owner.person.email not in json.dumps(unpacked(data))


def test_the_roles_are_those_of_the_contract():
    assert [str(role) for role in Role] == ["owner", "buyer", "auditor"]
