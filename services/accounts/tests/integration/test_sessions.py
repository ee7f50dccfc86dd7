"""Sessions: listed, ended one by one or all, and over in the end. ORD-1"""

from datetime import timedelta

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
