from datetime import timedelta

from contracts.accounts import CustomerErased, KeyDestroyed, KeyKind
from contracts.rewards import MemberEnrolled
from contracts.shared import ErasureConfirmed

from services.rewards.tests.integration.conftest import BASKET, HOUR, Stage


async def test_enrolling_twice_gives_one_membership(stage: Stage):  # REW-1
    customer = stage.customer()
    first = await customer.enrol(time_zone="Asia/Tokyo", market="JP", language="en")
    again = await customer.enrol()
    assert (again["member"], again["time_zone"], again["market"]) == (first["member"], "Asia/Tokyo", "JP")
    (enrolled,) = await stage.events_of(first["member"], MemberEnrolled, 1)
    assert (enrolled.customer, enrolled.market, enrolled.language, enrolled.time_zone) == (
        customer.id,
        "JP",
        "en",
        "Asia/Tokyo",
    )


async def test_usage_before_enrolment_is_known_but_not_rewarded(stage: Stage):  # REW-1 L15
    customer = stage.customer()
    await stage.publish(stage.meeting(customer, -2 * HOUR))
    await stage.home.settled()
    member = await customer.enrol()
    assert (member["balance"], member["usage"]) == (0, {"held": 1, "rewarded": 0})
    _, listed = await customer.get("/members/me/meetings")
    assert [meeting["verdict"] for meeting in listed["items"]] == ["not-enrolled"]


async def test_a_meeting_after_enrolment_counts_though_it_was_consumed_before(stage: Stage):  # REW-2
    customer = stage.customer()
    await stage.publish(stage.meeting(customer))
    await stage.home.settled()
    await customer.enrol()
    assert await customer.balance() == 100


async def test_who_leaves_earns_nothing_more_and_may_come_back(stage: Stage):  # REW-1
    member = await stage.member()
    await stage.publish(stage.meeting(member, timedelta(milliseconds=1)))
    await stage.home.settled()
    status, left = await stage.ask("DELETE", "/members/me", member.token)
    assert (status, left["balance"]) == (200, 100)
    assert left["left_at"] is not None
    between = stage.meeting(member, timedelta())
    stage.home.shift_clock(3600)
    await stage.publish(between)
    await stage.home.settled()
    assert await member.balance() == 100
    assert (await member.enrol(market="AT"))["market"] == "AT"
    await stage.publish(stage.meeting(member))
    await stage.home.settled()
    assert await member.balance() == 200


async def test_a_destroyed_key_is_dropped_confirmed_once_and_balances_stay(stage: Stage):  # ORD-2
    member = await stage.member()
    await member.hold(1)
    key = member.claims["keys"]["contact"]["key"]
    destroyed = KeyDestroyed(
        tenant="kontor", customer=member.id, key=key, kind=KeyKind.CONTACT, destroyed_at=stage.home.clock.now()
    )
    await stage.home.publish(destroyed, destroyed)
    await stage.home.settled()
    confirmed = [one for one in await stage.home.published(ErasureConfirmed) if str(one.key) == key]
    assert [(one.service, one.customer) for one in confirmed] == [("rewards", member.id)]
    rows = await stage.home.sql("select contact_key_id, contact_public from customers where id = $1", member.id)
    assert tuple(rows[0]) == (None, None)
    assert await member.balance() == 100


async def test_an_erased_customer_takes_part_no_longer(stage: Stage):  # REW-1 ORD-2
    member = await stage.member()
    erased = CustomerErased(
        tenant="kontor", customer=member.id, erased_at=stage.home.clock.now() + 2 * HOUR, expected=["rewards"]
    )
    await stage.publish(stage.meeting(member, HOUR), stage.meeting(member, 3 * HOUR))
    await stage.home.settled()
    assert await member.balance() == 200
    await stage.home.publish(erased)
    await stage.home.settled()
    assert await member.balance() == 100
    assert (await member.post("/redemptions", BASKET))[0] == 409
    status, problem = await member.post("/members", {"time_zone": "Europe/Berlin"})
    assert (status, problem["type"]) == (409, "/problems/account-erased")
