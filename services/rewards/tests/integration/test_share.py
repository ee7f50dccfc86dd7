"""The share of rewards in an export: a customer's own points and rewards, and nobody else's. GDPR 15, 20"""

from pathlib import Path

import orjson
from chassis_testing.exports import exported

from services.rewards.tests.integration.conftest import Stage
from services.rewards.tests.integration.test_redeeming import FLIGHT, VOUCHER, rich


async def test_the_share_has_the_points_of_the_customer_and_of_nobody_else(stage: Stage, tmp_path: Path):
    await stage.stock(tmp_path, "SHARE-4711")
    member, other = await rich(stage, 16), await rich(stage, 2)
    assert (await member.post("/redemptions", VOUCHER))[0] == 201
    share = await exported(stage.home, member.id)
    assert len(share["enrolments"]) == 1
    assert len(share["meetings"]) == 16
    assert sum(one["points"] for one in share["points"]) == await member.balance()
    assert [one["reward"] for one in share["redemptions"]] == ["restaurant-voucher"]
    text = orjson.dumps(share).decode()
    _, foreign = await other.get("/members/me")
    assert foreign["member"] not in text
    assert str(other.id) not in text
    assert "SHARE-4711" not in text
    assert (await exported(stage.home, member.id, tenant="elsewhere"))["points"] == []


async def test_a_reward_that_is_on_its_way_is_in_the_share_with_where_it_goes(stage: Stage):
    member = await rich(stage, 60)
    assert (await member.post("/redemptions", FLIGHT))[0] == 201
    (on_its_way,) = (await exported(stage.home, member.id))["redemptions"]
    assert (on_its_way["reward"], on_its_way["fulfilled_at"]) == (FLIGHT["reward"], None)
    assert {"destination", "addressee"} <= on_its_way.keys()
    assert on_its_way["addressee"]["language"] == "de"
