"""Administrators invite, remove and help staff over HTTP, each time for their own password. ORD-1 PLT-19"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from chassis_testing.harness import until
from contracts.accounts import StaffInvited

from .conftest import PASSWORD, WORKCENTER, House, Person
from .devices import enrols, signs_in

INA = {"name": "Ina Invitata", "roles": ["support", "files"]}
ACTS = "select actor, operation from chassis.audit where kind = 'staff' and object_id = $1 and purpose = ''"


async def administrator(house: House, tenant: str) -> tuple[Person, str]:
    person = await house.clerk(tenant, "administrator")
    return person, (await house.sign_in(person))["access_token"]


async def invite(house: House, token: str, email: str, password: str = PASSWORD, **more: Any) -> tuple[int, Any]:
    return await house.ask("POST", "/staff", {**INA, "email": email, "password": password, **more}, token)


async def listed(house: House, token: str) -> dict[str, Any]:
    status, found = await house.ask("GET", "/staff", token=token)
    assert status == 200, found
    return {one["email"]: one for one in found["items"]}


async def test_somebody_is_invited_chooses_a_password_and_is_listed(house: House, tenant: str):
    person, token = await administrator(house, tenant)
    status, invited = await invite(house, token, "ines@kontor.example")
    assert (status, invited["new"]) == (200, True)
    before = (await listed(house, token))["ines@kontor.example"]
    assert (before["name"], before["roles"], before["has_password"]) == ("Ina Invitata", ["files", "support"], False)
    assert before["invited_until"] is not None
    assert before["seen_at"] is None
    accept = {"tenant": tenant, "invitation": (await mailed(house, before["member"]))[-1], "password": PASSWORD}
    assert (await house.ask("POST", "/invitation", accept))[0] == 204
    ina = Person(tenant, "ines@kontor.example", "Ina", PASSWORD)
    assert (await house.sign_in(ina))["access_token"]
    after = (await listed(house, token))["ines@kontor.example"]
    assert (after["has_password"], after["invited_until"], after["seen_at"] is not None) == (True, None, True)
    (act,) = await house.home.sql(ACTS, before["member"])
    assert act["operation"] == "POST /staff"
    _, me = await house.ask("GET", "/me", token=token)
    assert act["actor"] == me["subject"]
    readings = "select count(*) from chassis.audit where purpose = 'administration' and actor = $1 and object_id = $2"
    assert (await house.home.sql(readings, me["subject"], before["member"]))[0]["count"] == 2
    assert person.email in await listed(house, token)


async def mailed(house: House, member: str, expected: int = 1) -> list[str]:
    """The codes that were mailed to a member, as letters reads them; only they are readable, and only by letters."""

    async def published() -> list[StaffInvited]:
        found = [event for event in house.published(StaffInvited) if str(event.member) == member]
        return found if len(found) >= expected else []

    events = await until(published, what="StaffInvited")
    return [await house.opened_box(event.code) for event in events]


async def test_an_invitation_is_mailed_again_in_the_other_language_and_the_earlier_one_is_void(
    house: House, tenant: str
):
    _, token = await administrator(house, tenant)
    status, invited = await invite(house, token, "nochmal@kontor.example")
    assert (status, "invitation" in invited) == (200, False)
    member = (await listed(house, token))["nochmal@kontor.example"]["member"]
    path = f"/staff/{member}/invitation"
    status, again = await house.ask("POST", path, {"language": "en"}, token)
    assert (status, set(again)) == (200, {"expires_at"})
    first, second = await mailed(house, member, 2)
    event = house.published(StaffInvited)[-1]
    assert (event.language, event.page) == ("en", f"{WORKCENTER}/invitation?tenant={tenant}")
    for tenant_, code, wanted in ((tenant, first, 401), (tenant, "x", 401), ("other", second, 401)):
        accept = {"tenant": tenant_, "invitation": code, "password": PASSWORD}
        assert (await house.ask("POST", "/invitation", accept))[0] == wanted
    accept = {"tenant": tenant, "invitation": second.lower().replace("-", " "), "password": PASSWORD}
    assert (await house.ask("POST", "/invitation", accept))[0] == 204
    assert (await house.ask("POST", "/invitation", accept))[0] == 401
    assert (await house.ask("POST", f"/staff/{uuid4()}/invitation", {}, token))[0] == 404
    sales = await house.staff(tenant, "sales")
    assert (await house.ask("POST", path, {}, sales))[0] == 403
    assert (await house.ask("POST", f"/staff/{member}/removal", {}, token))[0] == 204
    # nobody opens letters to whoever has left
    keys = await house.keys(await house.service("letters"), "send e-mails", event.code.key)
    assert keys[event.code.key].get("private") is None


async def test_each_act_asks_for_ones_own_password_and_code(house: House, tenant: str):
    person, token = await administrator(house, tenant)
    clerk = await house.clerk(tenant, "support")
    member = (await listed(house, token))[clerk.email]["member"]
    for path, body in (
        ("/staff", {**INA, "email": "x@kontor.example"}),
        (f"/staff/{member}/removal", {}),
        (f"/staff/{member}/second-factor-reset", {}),
    ):
        status, problem = await house.ask("POST", path, {**body, "password": "not the password"}, token)
        assert (status, problem["type"]) == (403, "/problems/password-refused")
    enrolled = await enrols(house, person, token)
    status, problem = await invite(house, enrolled.token, "x@kontor.example")
    assert (status, problem["type"]) in (
        (401, "/problems/second-factor-needed"),
        (403, "/problems/second-factor-needed"),
    )
    assert (await invite(house, enrolled.token, "x@kontor.example", code=enrolled.app.wrong()))[0] in (401, 403)
    assert "x@kontor.example" not in await listed(house, enrolled.token)
    assert (await invite(house, enrolled.token, "x@kontor.example", code=enrolled.app.code()))[0] == 200


async def test_whoever_has_just_signed_in_is_asked_for_nothing_and_later_for_that_again(house: House, tenant: str):
    person, token = await administrator(house, tenant)
    status, _ = await house.ask("POST", "/staff", {**INA, "email": "frisch@kontor.example"}, token)
    assert status == 200
    member = (await listed(house, token))["frisch@kontor.example"]["member"]
    await house.shift(timedelta(minutes=5, seconds=1))
    later = await house.sign_in(person)
    await house.shift(timedelta(minutes=5, seconds=1))
    _, later = await house.ask("POST", "/refresh", {"refresh_token": later["refresh_token"]})
    for path, body in (
        ("/staff", {**INA, "email": "x@kontor.example"}),
        (f"/staff/{member}/removal", {}),
        (f"/staff/{member}/second-factor-reset", {}),
    ):
        status, problem = await house.ask("POST", path, body, later["access_token"])
        assert (status, problem["type"]) == (401, "/problems/insufficient-user-authentication")


async def test_one_who_is_removed_is_out_and_gone_from_the_list(house: House, tenant: str):
    _, token = await administrator(house, tenant)
    clerk = await house.clerk(tenant, "support")
    tokens = await house.sign_in(clerk)
    member = (await listed(house, token))[clerk.email]["member"]
    proof = {"password": PASSWORD}
    assert (await house.ask("POST", f"/staff/{member}/removal", proof, token))[0] == 204
    assert (await house.ask("POST", "/sign-in", clerk.sign_in))[0] == 401
    assert (await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401
    assert clerk.email not in await listed(house, token)
    assert (await house.ask("POST", f"/staff/{member}/removal", proof, token))[0] == 404


async def test_a_lost_second_factor_is_reset(house: House, tenant: str):
    _, token = await administrator(house, tenant)
    clerk = await house.clerk(tenant, "support")
    await enrols(house, clerk)
    assert (await signs_in(house, clerk))[0] == 401
    one = (await listed(house, token))[clerk.email]
    assert one["second_factor"] is True
    path = f"/staff/{one['member']}/second-factor-reset"
    assert await house.ask("POST", path, {"password": PASSWORD}, token) == (200, {"removed": True})
    assert (await signs_in(house, clerk))[0] == 200
    assert await house.ask("POST", path, {"password": PASSWORD}, token) == (200, {"removed": False})


async def test_nobody_changes_their_own_account_nor_a_customers_nor_one_of_another_tenant(house: House, tenant: str):
    person, token = await administrator(house, tenant)
    _, me = await house.ask("GET", "/me", token=token)
    customer = await house.register(tenant)
    elsewhere = await house.open_tenant()
    stranger, _ = await administrator(house, elsewhere)
    (other,) = await house.home.sql("select subject_id from logins where tenant = $1", elsewhere)
    assert (await invite(house, token, person.email))[0] == 409
    assert (await invite(house, token, customer.email))[0] == 409
    for member, status in ((me["subject"], 409), (customer.id, 404), (other["subject_id"], 404), (uuid4(), 404)):
        for act in ("removal", "second-factor-reset"):
            found, _ = await house.ask("POST", f"/staff/{member}/{act}", {"password": PASSWORD}, token)
            assert found == status
    assert stranger.email not in await listed(house, token)
    assert (await house.sign_in(stranger))["access_token"]


@pytest.mark.parametrize("role", ["sales", "files", "bookkeeping", "support", "reviewer", "operator"])
async def test_others_than_administrators_do_nothing_with_staff(house: House, tenant: str, role: str):
    token = await house.staff(tenant, role)
    assert (await house.ask("GET", "/staff", token=token))[0] == 403
    assert (await invite(house, token, "x@kontor.example"))[0] == 403
    for act in ("removal", "second-factor-reset"):
        assert (await house.ask("POST", f"/staff/{uuid4()}/{act}", {"password": PASSWORD}, token))[0] == 403


async def test_reviewers_read_what_staff_of_their_tenant_is_called_and_it_is_recorded_once(house: House, tenant: str):
    person = await house.clerk(tenant, "reviewer")
    token = (await house.sign_in(person))["access_token"]
    await house.clerk(tenant, "sales")
    status, found = await house.ask("GET", "/staff/names", token=token)
    assert status == 200
    assert person.name in {one["name"] for one in found["items"]}
    assert all(one.keys() == {"member", "name"} for one in found["items"])
    rows = await house.home.sql("select purpose from chassis.audit where object_id = $1 and purpose <> ''", tenant)
    assert [row["purpose"] for row in rows] == ["names"]
    for role in ("sales", "administrator", "operator"):
        other = (await house.sign_in(await house.clerk(tenant, role)))["access_token"]
        assert (await house.ask("GET", "/staff/names", token=other))[0] == 403
