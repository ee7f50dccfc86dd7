"""What operators do: tenants, staff, services."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from accounts.domain.people import STAFF_ROLES
from chassis_testing.harness import until
from chassis_testing.refusing import refusing
from contracts.accounts import TenantChanged, TenantOpened

from .conftest import PASSWORD, SELLER, House

DEMO = Path(__file__).parents[4] / "local/data/tenant.yaml"


def described(tenant: str, **changes: Any) -> dict[str, Any]:
    return {"tenant": tenant, "name": "Ein Haus", "sellers": [SELLER], **changes}


async def published(house: House, tenant: str) -> list[TenantOpened | TenantChanged]:
    await house.home.settled()
    events: list[Any] = []
    for kind in (TenantOpened, TenantChanged):
        events += [event for event in house.published(kind) if event.tenant == tenant]
    return events


async def until_published(house: House, tenant: str, count: int) -> list[TenantOpened | TenantChanged]:
    async def enough() -> list[TenantOpened | TenantChanged]:
        events = await published(house, tenant)
        return events if len(events) >= count else []

    return await until(enough, what=f"{count} events of {tenant}")


async def test_a_tenant_is_opened_with_records_keys_for_this_year_and_the_next(house: House):  # M29
    await house.run("tenant", "open", "--file", house.file(described("new-house")))
    (opened,) = await until_published(house, "new-house", 1)
    year = house.home.clock.now().year
    assert isinstance(opened, TenantOpened)
    assert [key.year for key in opened.sellers[0].records_keys] == [year, year + 1]
    assert opened.sellers[0].bank_account.payee == SELLER["legal_name"]


async def test_an_unchanged_file_publishes_nothing_and_a_changed_one_what_is_now_true(house: House):
    for name in ("Vorher", "Vorher", "Nachher"):
        done = await house.run("tenant", "open", "--file", house.file(described("renamed", name=name)))
        assert done.exit_code == 0, done.output
    opened, changed = await until_published(house, "renamed", 2)
    assert (type(opened), opened.name, type(changed), changed.name) == (
        TenantOpened,
        "Vorher",
        TenantChanged,
        "Nachher",
    )
    assert opened.sellers[0].records_keys == changed.sellers[0].records_keys


async def test_the_demos_tenant_has_two_sellers(house: House):
    done = await house.run("tenant", "open", "--file", str(DEMO))
    assert done.output.strip() == "kontor: opened"
    (opened,) = await until_published(house, "kontor", 1)
    assert [seller.legal_name for seller in opened.sellers] == ["Kontor Software GmbH", "Nordlicht Systemhaus GmbH"]


async def test_every_fault_of_a_file_is_shown_at_once(house: House):
    seller: dict[str, Any] = {
        **SELLER,
        "vat_id": "DE136695977",
        "bank_account": {**SELLER["bank_account"], "iban": "DE00", "bic": "X"},
    }
    seller |= {"country": "Germany", "discount": 5}
    done = await house.run("tenant", "open", "--file", house.file(described("No Id", sellers=[seller, seller])))
    assert done.exit_code == 1
    for place in ("tenant:", "vat_id:", "iban:", "bic:", "country:", "discount:"):
        assert place in done.output


async def test_F_P30_a_card_number_in_a_tenants_file_is_refused_and_not_shown(house: House):
    seller = {**SELLER, "address": "Kartenweg 4111 1111 1111 1111"}
    done = await house.run("tenant", "open", "--file", house.file(described("pasted", sellers=[seller])))
    assert (done.exit_code, "looks like a card number" in done.output) == (1, True)
    assert "1111" not in done.output


@pytest.mark.parametrize("text", ["", "[]", "a: [", "tenant: x\nname: y\nsellers: []", "!!python/object:os.system {}"])
async def test_what_is_no_tenants_file_is_refused(house: House, text: str):
    assert (await house.run("tenant", "open", "--file", house.file(text))).exit_code == 1


@pytest.mark.parametrize("place", ["name", "legal_name", "address", "payee"])
async def test_a_character_that_no_table_holds_is_refused_with_a_sentence(house: House, place: str):
    account: dict[str, Any] = SELLER["bank_account"]
    bad: dict[str, Any] = {place: "Kon\0tor"}
    seller = SELLER | {key: bad[key] for key in bad if key in SELLER} | {"bank_account": account | bad}
    changes: dict[str, Any] = {"name": bad["name"]} if place == "name" else {"sellers": [seller]}
    if place != "payee":
        seller["bank_account"] = account
    done = await house.run("tenant", "open", "--file", house.file(described("nul", **changes)))
    assert done.exit_code == 1
    assert f"{place}: this has a control character" in done.output
    assert ":1: out-of-range: " in done.output


async def test_two_sellers_of_one_name_are_refused(house: House):
    done = await house.run("tenant", "open", "--file", house.file(described("twice", sellers=[SELLER, SELLER])))
    assert (done.exit_code, ": repeated: kontor stands there twice" in done.output) == (1, True)


async def test_staff_have_their_roles_and_a_private_area(house: House, tenant: str):
    token = await house.staff(tenant, *STAFF_ROLES)
    status, me = await house.ask("GET", "/me", token=token)
    assert (status, me["name"], me["roles"]) == (200, "Stefan Stäffler", sorted(STAFF_ROLES))
    assert (await house.ask("POST", "/me/deletion", token=token))[0] == 403


async def test_staff_added_again_have_what_was_entered_last(house: House, tenant: str):
    words = ["staff", "add", "--tenant", tenant, "--email", "again@kontor.example", "--name", "Anna Again"]
    first = await house.run(*words, "--role", "sales", "--password-file", house.file(PASSWORD))
    second = await house.run(*words, "--role", "files", "--password-file", house.file("ein anderes kennwort"))
    assert (first.output.strip(), second.output.strip()) == ("added", "changed")
    body = {"tenant": tenant, "email": "again@kontor.example", "password": PASSWORD}
    assert (await house.ask("POST", "/sign-in", body))[0] == 401
    status, tokens = await house.ask("POST", "/sign-in", {**body, "password": "ein anderes kennwort"})
    assert status == 200
    assert (await house.ask("GET", "/me", token=tokens["access_token"]))[1]["roles"] == ["files"]


async def test_staff_that_cannot_be_are_refused_in_one_sentence(house: House, tenant: str):
    customer = await house.register(tenant)
    for words, password in (
        (["--tenant", tenant, "--email", customer.email, "--role", "sales"], PASSWORD),
        (["--tenant", tenant, "--email", "x@kontor.example", "--role", "customer"], PASSWORD),
        (["--tenant", tenant, "--email", "x@kontor.example", "--role", "sales"], "kurz"),
        (["--tenant", tenant, "--email", "no address", "--role", "sales"], PASSWORD),
    ):
        done = await house.run("staff", "add", "--name", "X", *words, "--password-file", house.file(password))
        assert (done.exit_code, len(done.output.strip().splitlines())) == (1, 1), done.output


async def test_a_services_secret_has_to_be_long_and_its_name_plain(house: House):
    assert (await house.run("service", "add", "orders", "--secret-file", house.file("short"))).exit_code == 1
    assert (await house.run("service", "add", "Or ders", "--secret-file", house.file("x" * 40))).exit_code == 1


async def test_next_years_records_keys_are_made_a_year_ahead(house: House):
    tenant = await house.open_tenant()
    year = house.home.clock.now().year
    await house.shift(timedelta(days=365))

    async def made() -> list[Any]:
        return [event for event in await published(house, tenant) if isinstance(event, TenantChanged)]

    (changed,) = await until(made, timeout=30, what="the next year's keys")
    assert [key.year for key in changed.sellers[0].records_keys] == [year, year + 1, year + 2]


async def test_a_tenant_whose_key_cannot_be_made_holds_up_no_other(house: House):
    bad, good = f"aa-bad-{uuid4().hex[:6]}", f"zz-good-{uuid4().hex[:6]}"
    for tenant in (bad, good):
        await house.run("tenant", "open", "--file", house.file(described(tenant)))
        await until_published(house, tenant, 1)
    async with refusing(house.home, "subject_keys", "tenant", bad):
        await house.home.sql("delete from subject_keys where tenant = any($1) and kind = 'records'", [bad, good])
        await until_published(house, good, 2)
        assert len(await published(house, bad)) == 1
