"""Sessions: listed, ended one by one or all, and over in the end. ORD-1"""

from datetime import timedelta

from .browser import answer_of, shop_of
from .conftest import House, Person


async def refreshed(house: House, tokens: dict[str, str]) -> int:
    return (await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]}))[0]


async def shown(house: House, token: str) -> list[tuple[str, bool]]:
    status, page = await house.ask("GET", "/me/sessions", token=token)
    assert status == 200, page
    return [(one["session"], one["current"]) for one in page["items"]]


async def test_one_session_is_ended_and_the_others_go_on(house: House, tenant: str):
    person, other = await house.register(tenant), await house.register(tenant)
    here, there = await house.sign_in(person), await house.sign_in(person)
    token, foreign = here["access_token"], (await house.sign_in(other))["access_token"]
    (lost, is_lost), (_, is_here) = await shown(house, token)
    assert (is_lost, is_here) == (False, True)
    assert (await house.ask("DELETE", f"/me/sessions/{lost}", token=foreign))[0] == 404
    assert (await house.ask("DELETE", f"/me/sessions/{lost}", token=token))[0] == 204
    assert (await house.ask("DELETE", f"/me/sessions/{lost}", token=token))[0] == 404
    assert (await refreshed(house, there), await refreshed(house, here)) == (401, 200)
    assert len(await shown(house, token)) == 1


async def test_all_sessions_are_ended_by_their_owner_or_an_operator(house: House, tenant: str):
    person = await house.register(tenant)
    who = ("--tenant", tenant, "--email", person.email)
    tokens = [await house.sign_in(person) for _ in range(3)]
    assert (await house.ask("DELETE", "/me/sessions", token=tokens[0]["access_token"]))[0] == 204
    tokens.append(await house.sign_in(person))
    listed = await house.run("sessions", "list", *who)
    assert (listed.exit_code, len(listed.output.splitlines())) == (0, 1)
    assert (await house.run("sessions", "end", *who)).output.strip() == "ended: 1"
    assert [await refreshed(house, one) for one in tokens] == [401] * 4
    assert (await house.run("sessions", "end", *who[:3], "nobody@example.org")).exit_code == 1


async def kept_alive(house: House, person: Person, step: timedelta, times: int) -> list[int]:
    """Refresh a session so many times, and return the statuses."""
    tokens, statuses = await house.sign_in(person), list[int]()
    for _ in range(times):
        await house.shift(step)
        status, answer = await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})
        tokens = answer if status == 200 else tokens
        statuses.append(status)
    return statuses


async def test_a_session_ends_however_often_it_is_refreshed(house: House, tenant: str):
    clerk, person = await house.clerk(tenant, "support"), await house.register(tenant)
    assert await kept_alive(house, clerk, timedelta(hours=10), 3) == [200, 200, 401]
    assert await kept_alive(house, person, timedelta(days=25), 4) == [200, 200, 200, 401]


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0"


async def devices(house: House, token: str) -> list[tuple[str | None, str | None]]:
    status, page = await house.ask("GET", "/me/sessions", token=token)
    assert status == 200, page
    return [(one["browser"], one["system"]) for one in page["items"]]


async def test_each_session_names_its_device_and_no_header_is_kept(house: House, person: Person):
    await house.ask("POST", "/sign-in", person.sign_in, **{"User-Agent": FIREFOX})
    await house.ask("POST", "/sign-in", person.sign_in, **{"User-Agent": "<b>Firefox</b> " + "x" * 7_000})
    browser = await shop_of(house, person.tenant)
    status, text, headers = await browser.signs_in(person)
    assert status == 303, text
    place = await browser.arrive()
    fields = {"email": person.email, "password": person.password}
    _, _, headers = await browser.send(place, fields, **{"User-Agent": FIREFOX})
    _, tokens = await browser.trade(answer_of(headers)["code"])
    assert await devices(house, tokens["access_token"]) == [
        ("Firefox", "Windows"),
        (None, None),
        ("Firefox", "Windows"),
    ]
    # the shop that trades the code is no device of theirs, and going on changes nothing
    _, next_ = await house.ask("POST", "/refresh", {"refresh_token": tokens["refresh_token"]})
    assert (await devices(house, next_["access_token"]))[0] == ("Firefox", "Windows")
    for table in ("sessions", "authorization_codes"):
        rows = await house.home.sql(f"select to_jsonb({table})::text as row from {table}")
        assert not any("Mozilla" in row["row"] or "<b>" in row["row"] for row in rows)
