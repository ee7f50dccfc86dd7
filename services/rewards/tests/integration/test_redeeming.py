import asyncio
from pathlib import Path
from uuid import UUID

from contracts.accounts import KeyDestroyed, KeyKind
from contracts.rewards import RewardFailed, RewardFulfilled, RewardRedeemed

from services.rewards.tests.integration.conftest import ACCOUNT, BASKET, FLIGHT, HOME, HOUR, Person, Stage

VOUCHER = {"reward": "restaurant-voucher"}


async def rich(stage: Stage, meetings: int) -> Person:
    member = await stage.member()
    await member.hold(meetings)
    return member


async def test_a_voucher_is_handed_over_at_once_sealed_to_its_member(  # L16 REW-10 I6
    stage: Stage, tmp_path: Path
):
    await stage.stock(tmp_path, "DINNER-4711")
    member = await rich(stage, 16)
    status, redemption = await member.post("/redemptions", VOUCHER)
    assert (status, redemption["code"], redemption["points"]) == (201, "DINNER-4711", 1500)
    assert redemption["fulfilled_at"] is not None
    assert await member.balance() == 100
    _, me = await member.get("/members/me")
    (redeemed,) = await stage.events_of(me["member"], RewardRedeemed, 1)
    (fulfilled,) = await stage.events_of(me["member"], RewardFulfilled, 1)
    assert redeemed.redemption == fulfilled.redemption == UUID(redemption["redemption"])
    assert str(fulfilled.code.key) == member.claims["keys"]["contact"]["key"]
    assert fulfilled.code.kind == "voucher_code"
    # both name, sealed, whom a letter goes to
    for event in (redeemed, fulfilled):
        assert event.reward_title == "Restaurantgutschein über 25 EUR"
        assert event.addressee.model_dump(mode="json") == {
            "language": "de",
            "name": member.claims["name_contact"],
            "email": member.claims["email_contact"],
        }
    for table in ("codes", "redemptions", "postings", "chassis.outbox", "chassis.idempotency"):
        rows = await stage.home.sql(f"select t::text as row from {table} t")
        assert not any("DINNER-4711" in row["row"] for row in rows), table
    assert not any(b"DINNER-4711" in record.value for records in stage.home.log.values() for record in records)


async def test_a_code_that_does_not_open_waits_alone_until_it_does(stage: Stage, tmp_path: Path):  # REW-10
    await stage.stock(tmp_path, "SHUT-0001", "SHUT-0002")
    (first, *_) = await stage.home.sql("select fingerprint, code from codes where redemption_id is null order by line")
    await stage.home.sql("update codes set code = '\\x00' where fingerprint = $1", first["fingerprint"])
    member = await rich(stage, 30)
    assert (await member.post("/redemptions", VOUCHER))[1]["code"] == "SHUT-0002"
    assert (await member.post("/redemptions", VOUCHER))[1]["type"] == "/problems/reward-out-of-stock"
    target = ("--reward", "restaurant-voucher", "--tenant", "kontor")
    retry = await stage.run("codes", "retry", *target)
    assert retry.output == "0 codes are in the pool again, 1 do not open\n"
    await stage.home.sql("update codes set code = $1 where unreadable", first["code"])
    retry = await stage.run("codes", "retry", *target)
    assert retry.output == "1 codes are in the pool again, 0 do not open\n"
    assert (await member.post("/redemptions", VOUCHER))[1]["code"] == "SHUT-0001"


async def test_a_voucher_is_listed_with_its_code_until_the_key_is_destroyed(stage: Stage, tmp_path: Path):  # REW-11
    await stage.stock(tmp_path, "DINNER-4712")
    member = await rich(stage, 15)
    await member.post("/redemptions", VOUCHER)
    _, listed = await member.get("/members/me/redemptions")
    assert [one["code"] for one in listed["items"]] == ["DINNER-4712"]
    key = UUID(member.claims["keys"]["contact"]["key"])
    stage.home.accounts.erased.add(key)
    moment = stage.home.clock.now()
    await stage.home.publish(
        KeyDestroyed(tenant="kontor", customer=member.id, key=key, kind=KeyKind.CONTACT, destroyed_at=moment)
    )
    await stage.home.settled()
    _, listed = await member.get("/members/me/redemptions")
    assert [one["code"] for one in listed["items"]] == [None]
    status, problem = await member.post("/redemptions", VOUCHER)
    assert (status, problem["type"]) == (409, "/problems/not-enough-points")


async def test_a_code_waits_while_keys_cannot_be_had(stage: Stage, tmp_path: Path):
    await stage.stock(tmp_path, "DINNER-4713")
    member = await rich(stage, 15)
    stage.home.accounts.away = True
    try:
        status, _ = await member.post("/redemptions", VOUCHER, key="one")
        assert status == 503
    finally:
        stage.home.accounts.away = False
    status, redemption = await member.post("/redemptions", VOUCHER, key="one")
    assert (status, redemption["code"]) == (201, "DINNER-4713")
    assert await member.balance() == 0


async def test_an_empty_pool_refuses_before_any_point_is_taken(stage: Stage):  # REW-10
    member = await rich(stage, 15)
    status, problem = await member.post("/redemptions", VOUCHER)
    assert (status, problem["type"]) == (409, "/problems/reward-out-of-stock")
    assert await member.balance() == 1500
    _, listed = await member.get("/rewards?tenant=kontor&market=DE")
    assert {one["reward"]: one["available"] for one in listed["items"]} == {
        "restaurant-voucher": False,
        "gift-basket": True,
        "flight-1600-km": True,
    }


async def test_the_last_code_goes_to_one_of_those_who_want_it(stage: Stage, tmp_path: Path):  # REW-10
    await stage.stock(tmp_path, "DINNER-4714")
    members = [await rich(stage, 15) for _ in range(4)]
    answers = await asyncio.gather(*(member.post("/redemptions", VOUCHER) for member in members))
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
    assert sorted([await member.balance() for member in members]) == [0, 1500, 1500, 1500]


async def test_F_R07_fifty_redemptions_at_once_never_overdraw_the_balance(stage: Stage):
    member = await rich(stage, 61)
    answers = await asyncio.gather(*(member.post("/redemptions", BASKET) for _ in range(50)))
    statuses = [status for status, _ in answers]
    assert statuses.count(201) == 2
    assert {*statuses} <= {201, 409, 503}
    assert await member.balance() == 100


async def test_a_redemption_repeated_under_its_key_takes_effect_once(stage: Stage):
    member = await rich(stage, 60)
    first = await member.post("/redemptions", BASKET, key="same")
    assert first == await member.post("/redemptions", BASKET, key="same")
    assert await member.balance() == 3000


async def test_a_member_redeems_a_limited_reward_so_often_and_no_more(stage: Stage, tmp_path: Path):  # REW-10
    await stage.stock(tmp_path, *(f"LIMITED-{number}" for number in range(5)))
    member = await rich(stage, 75)
    statuses = [(await member.post("/redemptions", VOUCHER))[0] for _ in range(5)]
    assert statuses == [201, 201, 201, 201, 409]
    assert await member.balance() == 1500


async def test_miles_are_fulfilled_when_staff_says_that_the_partner_has_credited_them(stage: Stage):  # L6 L16 L2
    member = await rich(stage, 60)
    _, redemption = await member.post("/redemptions", FLIGHT)
    open_path = "/redemptions?state=open"
    _, waiting = await stage.ask("GET", open_path, stage.staff())
    (mine,) = [one for one in waiting["items"] if one["redemption"] == redemption["redemption"]]
    _, english = await stage.ask("GET", f"{open_path}&language=en", stage.staff())
    names = {one["name"] for one in english["items"] if one["redemption"] == redemption["redemption"]} | {mine["name"]}
    assert len(names) == 2
    assert "flight-1600-km" not in names
    path = f"/redemptions/{redemption['redemption']}/fulfilment"
    first = await stage.ask("POST", path, stage.staff())
    again = await stage.ask("POST", path, stage.staff())
    assert first == again
    assert (first[0], first[1]["fulfilled_at"] is not None) == (200, True)
    _, me = await member.get("/members/me")
    (fulfilled,) = await stage.events_of(me["member"], RewardFulfilled, 1)
    assert (fulfilled.reward, fulfilled.kind, fulfilled.code) == ("flight-1600-km", "miles", None)
    assert fulfilled.addressee.email.model_dump(mode="json") == member.claims["email_contact"]
    _, waiting = await stage.ask("GET", open_path, stage.staff())
    assert redemption["redemption"] not in [one["redemption"] for one in waiting["items"]]


async def test_where_a_reward_goes_is_sealed_and_read_by_staff_while_it_is_open(stage: Stage):  # REW-10
    member = await rich(stage, 90)
    (_, flight), (_, basket) = [await member.post("/redemptions", reward) for reward in (FLIGHT, BASKET)]
    for table in ("redemptions", "postings", "chassis.outbox", "chassis.idempotency"):
        rows = await stage.home.sql(f"select t::text as row from {table} t")
        assert not any("41111111" in row["row"] or "Große" in row["row"] for row in rows), table
    seen = [
        (await stage.ask("GET", f"/redemptions/{one['redemption']}/destination", stage.staff()))[1]
        for one in (flight, basket)
    ]
    assert [(one["account"], one["address"]) for one in seen] == [(ACCOUNT.replace(" ", ""), None), (None, HOME)]
    readings = "select purpose from chassis.audit where object_id = any($1)"
    read = await stage.home.sql(readings, [flight["redemption"], basket["redemption"]])
    assert [row["purpose"].split(":")[0] for row in read] == ["rewards", "rewards"]
    path = f"/redemptions/{basket['redemption']}"
    await stage.ask("POST", f"{path}/fulfilment", stage.staff())
    gone = (await stage.ask("GET", f"{path}/destination", stage.staff()))[1]
    assert (gone["account"], gone["address"]) == (None, None)
    assert (await stage.ask("GET", f"{path}/destination", member.token))[0] == 403


async def test_a_reward_is_not_spent_on_without_where_it_goes(stage: Stage):
    member = await rich(stage, 60)
    for wrong in (
        {"reward": "flight-1600-km"},
        {"reward": "gift-basket"},
        {**FLIGHT, "address": HOME},
        {"reward": "gift-basket", "account": ACCOUNT},
        {**VOUCHER, "account": ACCOUNT},
    ):
        status, problem = await member.post("/redemptions", wrong)
        assert (status, problem["type"]) == (422, "/problems/destination-wrong")
    assert (await member.post("/redemptions", {**FLIGHT, "account": "?!"}))[0] == 422
    status, problem = await member.post("/redemptions", {**FLIGHT, "account": "4111 1111 1111 1111"})
    assert (status, problem["type"]) == (422, "/problems/card-number")
    assert await member.balance() == 6000


async def test_what_cannot_be_delivered_gives_the_points_back_once(stage: Stage):  # REW-10
    member = await rich(stage, 60)
    _, redemption = await member.post("/redemptions", FLIGHT)
    assert await member.balance() == 0
    path = f"/redemptions/{redemption['redemption']}"
    answers = await asyncio.gather(*(stage.ask("POST", f"{path}/failure", stage.staff()) for _ in range(4)))
    assert {status for status, _ in answers} <= {200, 503}
    assert await member.balance() == 6000
    assert (await stage.ask("POST", f"{path}/fulfilment", stage.staff()))[1]["type"] == "/problems/redemption-ended"
    _, me = await member.get("/members/me")
    (failed,) = await stage.events_of(me["member"], RewardFailed, 1)
    assert (failed.points, str(failed.redemption)) == (6000, redemption["redemption"])
    assert failed.addressee.email.model_dump(mode="json") == member.claims["email_contact"]
    ended = "select from redemptions where id = $1 and destination is null and addressee is null"
    assert await stage.home.sql(ended, failed.redemption)
    _, listed = await member.get("/members/me/redemptions")
    assert listed["items"][0]["failed_at"] is not None
    _, postings = await member.get("/members/me/postings?limit=1")
    assert postings["items"][0]["kind"] == "return"
    status, again = await member.post("/redemptions", FLIGHT)
    path = f"/redemptions/{again['redemption']}"
    assert (status, (await stage.ask("POST", f"{path}/fulfilment", stage.staff()))[0]) == (201, 200)
    assert (await stage.ask("POST", f"{path}/failure", stage.staff()))[1]["type"] == "/problems/redemption-ended"
    assert await member.balance() == 0


async def test_a_reward_of_other_markets_is_not_there(stage: Stage):  # L3 L4
    member = await stage.member(market="JP", time_zone="Asia/Tokyo")
    await member.hold(30)
    status, problem = await member.post("/redemptions", BASKET)
    assert (status, problem["type"]) == (404, "/problems/reward-unknown")
    _, listed = await member.get("/rewards?tenant=kontor&market=JP&language=en")
    assert {one["reward"]: one["name"] for one in listed["items"]} == {
        "restaurant-voucher": "Restaurant voucher worth 25 EUR",
        "flight-1600-km": "Flight of 1600 km",
    }


async def test_who_has_left_may_still_spend(stage: Stage):  # REW-1
    member = await rich(stage, 30)
    await stage.ask("DELETE", "/members/me", member.token)
    # those who leave keep what was held before, and these meetings begin after it
    assert await member.balance() == 0
    member = await rich(stage, 1)
    stage.home.shift_clock(2 * HOUR.total_seconds())
    await stage.ask("DELETE", "/members/me", member.token)
    assert await member.balance() == 100
    assert (await member.post("/redemptions", BASKET))[1]["missing"] == 2900


async def test_a_page_of_redemptions_leads_to_the_next(stage: Stage):
    member = await rich(stage, 90)
    made = [(await member.post("/redemptions", BASKET))[1]["redemption"] for _ in range(3)]
    _, first = await member.get("/members/me/redemptions?limit=2")
    _, last = await member.get(f"/members/me/redemptions?limit=2&cursor={first['next']}")
    assert [one["redemption"] for one in [*first["items"], *last["items"]]] == made[::-1]
    assert last["next"] is None


async def test_F_R02_a_limited_reward_wanted_from_many_tabs_at_once_is_given_as_often_as_it_may(  # REW-10
    stage: Stage, tmp_path: Path
):
    await stage.stock(tmp_path, *(f"TABS-{number}" for number in range(12)))
    member = await rich(stage, 90)
    answers = await asyncio.gather(*(member.post("/redemptions", VOUCHER) for _ in range(12)))
    statuses = [status for status, _ in answers]
    assert statuses.count(201) == 4
    assert {*statuses} <= {201, 409, 503}
    assert await member.balance() == 9000 - 4 * 1500
