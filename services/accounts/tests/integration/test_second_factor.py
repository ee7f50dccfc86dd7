"""Codes of an authenticator app as a second factor, and recovery codes. ORD-1"""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import asyncpg
import pytest
from chassis_testing.harness import until

from .conftest import PASSWORD, House, Person
from .devices import App, Enrolled, begins, enrols, signs_in
from .test_signing_in import claims_of


@pytest.fixture
async def enrolled(house: House, person: Person) -> Enrolled:
    return await enrols(house, person)


def kind(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    return answer[0], answer[1].get("type", "").removeprefix("/problems/")


NEEDED, REFUSED = (401, "second-factor-needed"), (401, "second-factor-refused")


async def test_an_app_is_enrolled_by_a_first_code_and_asked_for_at_sign_in(house: House, person: Person):  # ORD-1
    tokens = await house.sign_in(person)
    token = tokens["access_token"]
    app = await begins(house, person, token)
    assert (app.issuer, app.account) == ("Ein Haus", person.email)
    await house.sign_in(person)  # not confirmed: it does not count yet
    await app.look()
    status, confirmed = await house.ask("POST", "/me/second-factor/confirmation", {"code": app.code()}, token)
    assert (status, len(set(confirmed["recovery_codes"]))) == (200, 10)
    assert kind(await signs_in(house, person)) == NEEDED
    status, signed_in = await signs_in(house, person, app.code(1))
    assert status == 200
    for pair in (confirmed["tokens"], signed_in):
        assert claims_of(pair["access_token"])["amr"] == ["pwd", "otp", "mfa"]
    assert (await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]}))[0] == 401
    _, seen = await house.ask("GET", "/me/second-factor", token=signed_in["access_token"])
    assert (seen["enrolled"], seen["recovery_codes"]) == (True, 10)


async def test_a_qr_code_shows_the_same_address_as_an_image(house: House, person: Person):  # ORD-1
    token = (await house.sign_in(person))["access_token"]
    _, device = await house.ask("POST", "/me/second-factor", {"password": PASSWORD}, token)
    assert base64.b32decode(device["secret"]) == App.reads(device["uri"]).secret
    assert device["qr"].startswith("data:image/svg+xml")
    assert "<svg" in unquote(device["qr"])


async def test_a_session_remembers_how_it_began(house: House, enrolled: Enrolled):  # ORD-1
    _, refreshed = await house.ask("POST", "/refresh", {"refresh_token": enrolled.tokens["refresh_token"]})
    assert claims_of(refreshed["access_token"])["amr"] == ["pwd", "otp", "mfa"]


async def test_a_wrong_password_shows_nothing_of_a_second_factor(
    house: House, person: Person, enrolled: Enrolled
):  # ORD-1
    without = await house.register(person.tenant)
    wrong = {"password": "not the password"}
    answers = [
        await house.ask("POST", "/sign-in", {**person.sign_in, **wrong}),
        await house.ask("POST", "/sign-in", {**person.sign_in, **wrong, "code": enrolled.app.code()}),
        await house.ask("POST", "/sign-in", {**without.sign_in, **wrong}),
        await house.ask("POST", "/sign-in", {**without.sign_in, **wrong, "code": "123456"}),
        await house.ask("POST", "/sign-in", {**person.sign_in, "email": "nobody@example.org", "code": "123456"}),
    ]
    assert kind(answers[0]) == (401, "sign-in-refused")
    assert all(answer == answers[0] for answer in answers)
    assert (await signs_in(house, person, enrolled.app.code()))[0] == 200  # the code was not used up


async def test_a_code_counts_once(house: House, person: Person, enrolled: Enrolled):  # ORD-1
    assert kind(await signs_in(house, person, enrolled.app.code(-1))) == REFUSED  # confirmed the enrolment
    code = enrolled.app.code()
    assert (await signs_in(house, person, code))[0] == 200
    assert kind(await signs_in(house, person, code)) == REFUSED


async def test_a_code_counts_once_also_when_it_comes_twice_at_once(
    house: House, person: Person, enrolled: Enrolled
):  # ORD-1
    code = enrolled.app.code()
    connection = await asyncpg.connect(house.home.database_url)
    try:
        async with connection.transaction():
            await connection.execute("select 1 from second_factors where subject_id = $1 for update", person.id)
            both = [asyncio.create_task(signs_in(house, person, code)) for _ in range(2)]
            await until(lambda: waiting(house, 2), what="both to come as far as they can")
        answers = await asyncio.gather(*both)
    finally:
        await connection.close()
    assert sorted(status for status, _ in answers) == [200, 401]


async def test_after_a_later_code_an_earlier_one_counts_no_more(house: House, person: Person, enrolled: Enrolled):
    earlier = enrolled.app.code()
    assert (await signs_in(house, person, enrolled.app.code(1)))[0] == 200
    assert kind(await signs_in(house, person, earlier)) == REFUSED


async def test_codes_further_away_than_one_step_do_not_count(house: House, person: Person, enrolled: Enrolled):
    await forget_steps(house, person)
    for steps in (-2, 3):
        assert kind(await signs_in(house, person, enrolled.app.code(steps))) == REFUSED
    assert (await signs_in(house, person, enrolled.app.code(-1)))[0] == 200


async def test_the_code_of_another_account_does_not_count(house: House, person: Person, enrolled: Enrolled):  # ORD-1
    other = await enrols(house, await house.register(person.tenant))
    foreign = await enrols(house, await house.register(await house.open_tenant(), email=person.email))
    for code in (other.app.code(), foreign.app.code(), other.recovery_codes[0], foreign.recovery_codes[0]):
        assert kind(await signs_in(house, person, code)) == REFUSED
    assert (await signs_in(house, person, enrolled.app.code()))[0] == 200


async def test_guesses_at_a_code_are_throttled_together_with_passwords(
    house: House, person: Person, enrolled: Enrolled
):  # ORD-1
    wrong = enrolled.app.wrong()
    before = await house.hashes()
    await house.ask("POST", "/sign-in", {**person.sign_in, "password": "not the password"})
    answers = await asyncio.gather(*(signs_in(house, person, wrong) for _ in range(20)))
    assert sorted(status for status, _ in answers) == [401] * 4 + [429] * 16
    assert await house.hashes() == before + 5
    assert kind(await signs_in(house, person, enrolled.app.code())) == (429, "throttled")


async def test_asking_whether_a_code_is_needed_neither_counts_nor_forgives(
    house: House, person: Person, enrolled: Enrolled
):
    for _ in range(2):
        assert kind(await signs_in(house, person, enrolled.app.wrong())) == REFUSED
        for _ in range(4):
            assert kind(await signs_in(house, person)) == NEEDED
    for _ in range(3):
        assert kind(await signs_in(house, person, enrolled.app.wrong())) == REFUSED
    assert kind(await signs_in(house, person)) == (429, "throttled")


async def test_a_recovery_code_counts_once_however_it_is_spelled(
    house: House, person: Person, enrolled: Enrolled
):  # ORD-1
    first, second = enrolled.recovery_codes[:2]
    status, tokens = await signs_in(house, person, first)
    assert (status, claims_of(tokens["access_token"])["amr"]) == (200, ["pwd", "otp", "mfa"])
    assert kind(await signs_in(house, person, first)) == REFUSED
    assert (await signs_in(house, person, second.replace("-", " ").lower()))[0] == 200
    _, seen = await house.ask("GET", "/me/second-factor", token=tokens["access_token"])
    assert seen["recovery_codes"] == 8


async def test_recovery_codes_are_renewed_for_password_and_code(house: House, person: Person, enrolled: Enrolled):
    path, body = "/me/second-factor/recovery-codes", {"password": PASSWORD, "code": enrolled.app.code()}
    status, renewed = await house.ask("POST", path, body, enrolled.token)
    assert status == 200
    assert not set(renewed["recovery_codes"]) & set(enrolled.recovery_codes)
    assert kind(await signs_in(house, person, enrolled.recovery_codes[0])) == REFUSED
    assert (await signs_in(house, person, renewed["recovery_codes"][0]))[0] == 200
    plain = (await house.sign_in(other := await house.register(person.tenant)))["access_token"]
    body = {"password": other.password, "code": "123456"}
    assert kind(await house.ask("POST", path, body, plain)) == (409, "second-factor-absent")


async def test_only_password_and_code_together_remove_it(house: House, person: Person, enrolled: Enrolled):  # ORD-1
    path, right = "/me/second-factor/removal", {"password": PASSWORD, "code": enrolled.app.code()}
    for wrong, problem in (
        ({"password": "not the password"}, "password-refused"),
        ({"code": enrolled.app.wrong()}, "second-factor-refused"),
        ({"code": enrolled.app.code(-1)}, "second-factor-refused"),
    ):
        assert kind(await house.ask("POST", path, right | wrong, enrolled.token)) == (403, problem)
    alone = await house.ask("POST", path, {"password": PASSWORD}, enrolled.token)
    assert kind(alone) == (403, "second-factor-needed")
    assert (await house.ask("POST", path, right, enrolled.token))[0] == 204
    assert (await house.ask("POST", "/refresh", {"refresh_token": enrolled.tokens["refresh_token"]}))[0] == 401
    again = await house.sign_in(person)
    assert kind(await house.ask("POST", path, right, again["access_token"])) == (409, "second-factor-absent")


async def test_guesses_with_a_stolen_token_are_counted_like_sign_ins(house: House, person: Person, enrolled: Enrolled):
    body = {"password": PASSWORD, "code": enrolled.app.wrong()}
    path = "/me/second-factor/removal"
    statuses = [(await house.ask("POST", path, body, enrolled.token))[0] for _ in range(6)]
    assert statuses == [403] * 5 + [429]


async def test_an_access_token_alone_neither_enrols_nor_replaces(house: House, person: Person, enrolled: Enrolled):
    other = await house.register(person.tenant)
    token = (await house.sign_in(other))["access_token"]
    wrong = {"password": "not the password"}
    assert kind(await house.ask("POST", "/me/second-factor", wrong, token)) == (403, "password-refused")
    again = await house.ask("POST", "/me/second-factor", {"password": PASSWORD}, enrolled.token)
    assert kind(again) == (409, "second-factor-present")
    path = "/me/second-factor/confirmation"
    assert kind(await house.ask("POST", path, {"code": "123456"}, enrolled.token)) == (409, "second-factor-present")
    assert kind(await house.ask("POST", path, {"code": "123456"}, token)) == (409, "second-factor-absent")


async def test_guesses_at_the_first_code_are_counted_too(house: House, person: Person):
    token = (await house.sign_in(person))["access_token"]
    app = await begins(house, person, token)
    path = "/me/second-factor/confirmation"
    answers = [await house.ask("POST", path, {"code": app.wrong()}, token) for _ in range(6)]
    assert [status for status, _ in answers] == [403] * 5 + [429]


async def test_an_enrolment_begun_anew_has_another_secret(house: House, person: Person):
    token = (await house.sign_in(person))["access_token"]
    first, second = await begins(house, person, token), await begins(house, person, token)
    path = "/me/second-factor/confirmation"
    assert kind(await house.ask("POST", path, {"code": first.code()}, token)) == (403, "second-factor-refused")
    assert (await house.ask("POST", path, {"code": second.code()}, token))[0] == 200


async def test_an_enrolment_is_void_after_a_quarter_of_an_hour(house: House, person: Person):
    app = await begins(house, person, (await house.sign_in(person))["access_token"])
    await house.shift(timedelta(minutes=16))
    token = (await house.sign_in(person))["access_token"]
    answer = await house.ask("POST", "/me/second-factor/confirmation", {"code": app.code()}, token)
    assert kind(answer) == (409, "second-factor-absent")


async def test_a_new_password_keeps_the_factor_and_breaks_an_unfinished_enrolment_off(
    house: House, person: Person, enrolled: Enrolled
):  # ORD-1
    new = "ein ganz neues kennwort"
    change = {"current": PASSWORD, "new": new}
    assert (await house.ask("PUT", "/me/password", change, enrolled.token))[0] == 200
    assert (await house.ask("POST", "/refresh", {"refresh_token": enrolled.tokens["refresh_token"]}))[0] == 401
    renewed = Person(person.tenant, person.email, person.name, new)
    assert kind(await signs_in(house, renewed)) == NEEDED
    assert (await signs_in(house, renewed, enrolled.app.code()))[0] == 200

    other = await house.register(person.tenant)
    token = (await house.sign_in(other))["access_token"]
    app = await begins(house, other, token)
    await house.ask("PUT", "/me/password", change, token)
    answer = await house.ask("POST", "/me/second-factor/confirmation", {"code": app.code()}, token)
    assert kind(answer) == (409, "second-factor-absent")


@pytest.mark.parametrize("code", ["", "12345", "1" * 41, "12345\n", "١٢٣٤٥٦", "12345'", 123456, ["123456"]])
async def test_what_cannot_be_a_code_is_refused_without_echo(house: House, person: Person, code: Any):
    status, problem = await house.ask("POST", "/sign-in", {**person.sign_in, "code": code})
    assert status == 422
    assert not code or str(code) not in json.dumps(problem)


async def test_one_who_is_not_signed_in_or_is_a_service_sees_nothing(house: House):
    service = await house.service("delivery")
    for method, path in (
        ("GET", "/me/second-factor"),
        ("POST", "/me/second-factor"),
        ("POST", "/me/second-factor/confirmation"),
        ("POST", "/me/second-factor/recovery-codes"),
        ("POST", "/me/second-factor/removal"),
    ):
        assert (await house.ask(method, path, {}))[0] == 401
        assert (await house.ask(method, path, {}, service))[0] == 403


async def forget_steps(house: House, person: Person) -> None:
    """As if no code had been used yet."""
    await house.home.sql("update second_factors set last_step = null where subject_id = $1", person.id)


async def waiting(house: House, count: int) -> bool:
    """Whether so many wait for a row that another has locked."""
    stuck = """
        select count(*) as n
        from pg_stat_activity
        where datname = current_database()
          and wait_event_type = 'Lock'
          and query like '%second_factors%'
    """
    return (await house.home.sql(stuck))[0]["n"] >= count
