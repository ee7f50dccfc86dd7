"""Whoever has an account is written to about what a thief might do to it, and about each new device once. ORD-1"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from chassis_testing.harness import until
from contracts.accounts import PasswordResetRequested
from contracts.event import Event
from contracts.security import (
    AccountEvent,
    NewDeviceSignedIn,
    RecoveryCodesRenewed,
    RecoveryCodeUsed,
    SecondFactorAdded,
    SecondFactorRemoved,
    SecondFactorsReset,
)

from .authenticator import registered
from .browser import Browser, answer_of, shop_of
from .conftest import PASSWORD, PROOF, WORKCENTER, House, Person
from .devices import enrols, signs_in
from .test_administering import administrator, invite, listed, mailed

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:131.0) Gecko/20100101 Firefox/131.0 <b>boese.example</b>"
CHANGED = "another phrase for tests"
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1"
)
EVENTS: tuple[type[Event], ...] = (
    SecondFactorAdded,
    SecondFactorRemoved,
    SecondFactorsReset,
    RecoveryCodeUsed,
    RecoveryCodesRenewed,
    NewDeviceSignedIn,
)


async def about(house: House, person_id: Any) -> list[AccountEvent]:
    """What was published about somebody's account, in the order of time."""
    await house.home.settled()
    found: list[Any] = [one for event in EVENTS for one in house.published(event)]
    return sorted((one for one in found if str(one.holder) == str(person_id)), key=lambda one: one.happened_at)


async def names(house: House, person: Person) -> list[str]:
    return [type(one).__name__ for one in await about(house, person.id)]


async def enter(house: House, person: Person, agent: str, **more: str) -> int:
    return (await house.ask("POST", "/sign-in", person.sign_in | more, **{"User-Agent": agent}))[0]


async def test_of_each_factor_its_owner_is_written_to(house: House, person: Person):
    enrolled = await enrols(house, person)
    proof = {**PROOF, "code": enrolled.recovery_codes[0]}
    path = "/me/second-factor/recovery-codes"
    status, renewed = await house.ask("POST", path, proof, enrolled.token, **{"User-Agent": FIREFOX})
    assert status == 200, renewed
    gone = {**PROOF, "code": enrolled.app.code()}
    status, refused = await house.ask("POST", "/me/second-factor/removal", gone, enrolled.token)
    assert status == 204, refused
    added, used, new, removed = await about(house, person.id)
    assert isinstance(added, SecondFactorAdded)
    assert isinstance(used, RecoveryCodeUsed)
    assert isinstance(new, RecoveryCodesRenewed)
    assert isinstance(removed, SecondFactorRemoved)
    assert (added.factor, removed.factor, used.left) == ("authenticator", "authenticator", 9)
    assert (new.browser, new.system, new.shop, new.language) == ("Firefox", "Windows", "Ein Haus", "de")
    assert [await house.opened_box(box) for box in (new.name, new.email)] == [person.name, person.email]
    secrets = [*enrolled.recovery_codes, *renewed["recovery_codes"], person.email, person.name, "boese"]
    assert not any(secret in one.model_dump_json() for one in (added, used, new, removed) for secret in secrets)


async def test_of_a_passkey_too_and_what_is_refused_is_no_news(house: House, person: Person, token: str):
    _, passkey = await registered(house, token)
    removal = f"/me/passkeys/{passkey}/removal"
    assert (await house.ask("POST", removal, {"password": "not this one"}, token))[0] == 403
    assert await names(house, person) == ["SecondFactorAdded"]
    assert (await house.ask("POST", removal, PROOF, token))[0] == 204
    assert (await house.ask("POST", removal, PROOF, token))[0] == 404
    added, removed = await about(house, person.id)
    assert [one.model_dump()["factor"] for one in (added, removed)] == ["passkey", "passkey"]


async def test_behind_the_pages_of_a_shop_the_device_is_that_of_the_session(house: House, person: Person):
    browser = await shop_of(house, person.tenant)
    status, answer, headers = await browser.send(
        await browser.arrive(), {"email": person.email, "password": PASSWORD}, **{"User-Agent": FIREFOX}
    )
    assert status == 303, answer
    _, tokens = await browser.trade(answer_of(headers)["code"])
    await registered(house, tokens["access_token"])  # as the shop asks, which is no browser
    await enrols(house, person, tokens["access_token"])
    added = await about(house, person.id)
    assert [(one.browser, one.system) for one in added] == [("Firefox", "Windows")] * 2


async def test_whoever_lost_all_factors_learns_that_staff_has_removed_them(house: House, person: Person):
    await enrols(house, person)
    for _ in range(2):
        done = await house.run("second-factor", "reset", "--tenant", person.tenant, "--email", person.email)
        assert done.exit_code == 0, done.output
    assert await names(house, person) == ["SecondFactorAdded", "SecondFactorsReset"]


async def test_programs_are_known_by_their_kind_and_the_first_is_no_news(house: House, person: Person):
    assert [await enter(house, person, FIREFOX) for _ in range(3)] == [200] * 3
    assert await names(house, person) == []
    assert await enter(house, person, SAFARI, password="not this one at all") == 401
    assert await names(house, person) == []
    assert [await enter(house, person, SAFARI) for _ in range(3)] == [200] * 3
    (new,) = await about(house, person.id)
    assert (type(new), new.browser, new.system) == (NewDeviceSignedIn, "Safari", "macOS")


async def signed_in(browser: Browser, person: Person, agent: str, place: str = "") -> int:
    place = place or await browser.arrive()
    fields = {"email": person.email, "password": person.password}
    return (await browser.send(place, fields, **{"User-Agent": agent}))[0]


async def test_browsers_are_known_by_their_cookie_and_all_new_ones_of_an_hour_bring_one_letter(
    house: House, person: Person
):
    home = await shop_of(house, person.tenant)
    assert await signed_in(home, person, FIREFOX) == 303
    assert await signed_in(home, person, FIREFOX) == 303
    assert await signed_in(home, person, SAFARI) == 303  # a browser that calls itself otherwise after an update
    assert await names(house, person) == []
    # another computer, with the same browser on the same system
    others = [await shop_of(house, person.tenant) for _ in range(3)]
    for other in others:
        assert await signed_in(other, person, FIREFOX) == 303
    assert await enter(house, person, "a program without a name") == 200
    assert await names(house, person) == ["NewDeviceSignedIn"]
    await house.shift(timedelta(hours=1, minutes=1))

    async def written() -> bool:
        return await names(house, person) == ["NewDeviceSignedIn"] * 2

    await until(written, what="one letter about those that came within the hour")
    *_, late = await about(house, person.id)
    assert isinstance(late, NewDeviceSignedIn)
    assert (late.browser, late.system) == (None, None)
    # none hides behind the newest
    assert [(one.browser, one.system) for one in late.earlier] == [("Firefox", "Windows")] * 2
    assert late.more == 0
    moments = [late.happened_at, *(one.at for one in late.earlier)]
    assert moments == sorted(moments, reverse=True)
    assert moments[0] < house.home.clock.now() - timedelta(hours=1)
    await house.shift(timedelta(hours=1, minutes=1))
    assert await signed_in(others[0], person, FIREFOX) == 303
    assert await enter(house, person, "a program without a name") == 200
    assert await names(house, person) == ["NewDeviceSignedIn"] * 2
    assert await signed_in(await shop_of(house, person.tenant), person, FIREFOX) == 303
    assert await names(house, person) == ["NewDeviceSignedIn"] * 3


async def test_a_new_password_leaves_but_the_browser_known_with_which_it_was_chosen(house: House, person: Person):
    owner, thief = [await shop_of(house, person.tenant) for _ in range(2)]
    assert await signed_in(owner, person, FIREFOX) == 303
    assert await signed_in(thief, person, FIREFOX) == 303
    assert await names(house, person) == ["NewDeviceSignedIn"]
    change = {"email": person.email, "current": person.password, "new": CHANGED}
    assert (await owner.send((await owner.arrive()).replace("/sign-in", "/password"), change))[0] == 303
    person.password = CHANGED
    await house.shift(timedelta(days=1, minutes=1))
    assert await signed_in(owner, person, FIREFOX) == 303
    assert await names(house, person) == ["NewDeviceSignedIn"]
    assert await signed_in(thief, person, FIREFOX) == 303
    assert await names(house, person) == ["NewDeviceSignedIn"] * 2


async def test_after_a_forgotten_password_the_browser_of_the_code_alone_is_known(house: House, person: Person):
    assert await enter(house, person, FIREFOX) == 200
    known = "select browser from known_devices where subject_id = $1"
    await house.ask("POST", "/password-reset", {"tenant": person.tenant, "email": person.email})
    await house.home.settled()
    (sent,) = [one for one in house.published(PasswordResetRequested) if one.customer == person.id]
    body = {"tenant": person.tenant, "code": await house.opened_box(sent.code), "password": CHANGED}
    status, refused = await house.ask("POST", "/password-reset/confirmation", body, **{"User-Agent": SAFARI})
    assert status == 204, refused
    assert [row["browser"] for row in await house.home.sql(known, person.id)] == ["Safari"]
    assert await enter(house, person, SAFARI, password=CHANGED) == 200
    assert await names(house, person) == []
    assert await enter(house, person, FIREFOX, password=CHANGED) == 200
    assert await names(house, person) == ["NewDeviceSignedIn"]


async def test_what_is_kept_of_a_browser_is_a_keyed_hash_of_its_own_for_each_account(house: House, tenant: str):
    one, two = [await house.register(tenant) for _ in range(2)]
    browser = await shop_of(house, tenant)
    for person in (one, two):
        assert await signed_in(browser, person, FIREFOX) == 303
    rows = await house.home.sql("select * from known_devices where subject_id = any($1)", [one.id, two.id])
    assert len({row["device_hmac"] for row in rows}) == 2
    (cookie,) = browser.cookies.values()
    assert not any(cookie in str(dict(row)) or cookie.encode() in row["device_hmac"] for row in rows)


async def test_nobody_is_written_to_at_an_address_that_is_not_confirmed(house: House, tenant: str):
    person = await house.register(tenant)
    await house.home.sql("update logins set confirmed_at = null where subject_id = $1", person.id)
    for agent in (FIREFOX, SAFARI):
        assert await enter(house, person, agent) == 200
    assert await names(house, person) == []


async def test_staff_is_written_to_in_the_language_of_their_invitation_and_led_to_work(house: House):
    tenant = await house.open_tenant()
    _, token = await administrator(house, tenant)
    assert (await invite(house, token, "ines@kontor.example", language="en"))[0] == 200
    member = (await listed(house, token))["ines@kontor.example"]["member"]
    accept = {"tenant": tenant, "invitation": (await mailed(house, member))[-1], "password": PASSWORD}
    assert (await house.ask("POST", "/invitation", accept))[0] == 204
    ines = Person(tenant, "ines@kontor.example", "Ina Invitata", PASSWORD)
    await enrols(house, ines)
    (added,) = await about(house, member)
    assert (added.staff, added.language, added.page) == (True, "en", f"{WORKCENTER}/")
    assert urlsplit(added.page).query == ""
    assert [await house.opened_box(box) for box in (added.name, added.email)] == [ines.name, ines.email]
    assert "ines" not in added.model_dump_json()


async def test_staff_that_a_command_has_added_is_written_to_as_well(house: House, tenant: str):
    clerk = await house.clerk(tenant, "sales")
    enrolled = await enrols(house, clerk)
    assert (await signs_in(house, clerk, enrolled.recovery_codes[3]))[0] == 200
    (member,) = await house.home.sql("select subject_id from recovery_codes order by subject_id desc limit 1")
    found = [one for one in await about(house, member["subject_id"]) if one.staff]
    assert [type(one) for one in found] == [SecondFactorAdded, RecoveryCodeUsed]
    assert await house.opened_box(found[0].email) == clerk.email
    assert {one.language for one in found} == {"de"}


async def test_a_command_names_the_language_and_knows_where_staff_work(house: House, tenant: str):
    words = ["--tenant", tenant, "--email", "nora@kontor.example", "--name", "Nora", "--role", "sales"]
    house.settings["WORKCENTER_ORIGINS"] = WORKCENTER
    try:
        done = await house.run("staff", "add", *words, "--language", "en", "--password-file", house.file(PASSWORD))
    finally:
        del house.settings["WORKCENTER_ORIGINS"]
    assert done.exit_code == 0, done.output
    await enrols(house, Person(tenant, "nora@kontor.example", "Nora", PASSWORD))
    await house.home.settled()
    (added,) = [one for one in house.published(SecondFactorAdded) if one.tenant == tenant and one.language == "en"]
    assert (added.staff, added.page) == (True, f"{WORKCENTER}/")
    wrong = await house.run("staff", "add", *words, "--language", "fr")
    assert wrong.exit_code != 0


async def test_devices_that_nobody_uses_are_forgotten_but_for_the_last(house: House, person: Person):
    for agent in (FIREFOX, SAFARI):
        assert await enter(house, person, agent) == 200
    old = "update known_devices set used_at = now() - interval '500 days' where subject_id = $1"
    await house.home.sql(old, person.id)
    await house.shift(timedelta(minutes=11))
    kept = "select browser from known_devices where subject_id = $1"

    async def one_left() -> bool:
        return len(await house.home.sql(kept, person.id)) == 1

    await until(one_left, what="old devices to be forgotten")
