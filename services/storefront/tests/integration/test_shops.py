"""Shops are opened and closed while the service runs, and events make it known."""

from collections.abc import Awaitable, Callable

from chassis_testing import Harness
from contracts.storefront import ShopClosed, ShopOpened
from typer.testing import Result

Shop = Callable[..., Awaitable[Result]]
FILE = """
shop: {shop}
tenant: {tenant}
channel: {channel}
hosts: [{hosts}]
name: North
color: "{color}"
"""


def _file(shop: str, hosts: str, *, tenant: str = "kontor", channel: str = "direct", color: str = "#0f766e") -> str:
    return FILE.format(shop=shop, tenant=tenant, channel=channel, hosts=hosts, color=color)


async def test_a_shop_is_published_when_it_opens_and_changes_and_not_when_it_is_the_same(front: Harness, shop: Shop):
    await front.open_tenants("kontor")
    for text in (
        _file("north", "north.example"),
        _file("north", "north.example"),
        _file("north", "north.example, n.example", color="#166534"),
    ):
        done = await shop("open", text=text)
        assert done.exit_code == 0, done.output
    assert (await shop("close", "north")).exit_code == 0
    closed = await front.published(ShopClosed)
    opened = [event for event in await front.published(ShopOpened, at_least=2) if event.shop == "north"]
    assert [event.brand.color for event in opened] == ["#0f766e", "#166534"]
    assert opened[1].hosts == ["north.example", "n.example"]
    assert [(event.shop, event.channel) for event in closed] == [("north", "direct")]


async def test_a_shop_that_moves_to_another_channel_is_closed_where_it_was(front: Harness, shop: Shop):
    await front.open_tenants("kontor")
    before = len(front.log.get("ShopClosed", []))
    await shop("open", text=_file("moving", "moving.example"))
    await shop("open", text=_file("moving", "moving.example", channel="nordlicht"))
    closed = await front.published(ShopClosed, at_least=before + 1)
    assert [(event.shop, event.channel) for event in closed[before:]] == [("moving", "direct")]


async def test_what_cannot_be_opened_or_closed_is_refused_and_published_to_nobody(front: Harness, shop: Shop):
    await front.open_tenants("kontor")
    assert (await shop("open", text=_file("holder", "held.example"))).exit_code == 0
    taken = await shop("open", text=_file("other", "held.example"))
    assert (taken.exit_code, "held.example" in taken.output) == (1, True)
    nobody = await shop("open", text=_file("nobody", "nobody.example", tenant="unheard"))
    assert (nobody.exit_code, "unheard" in nobody.output) == (1, True)
    assert (await shop("close", "never")).exit_code == 1
    await front.settled()
    assert {event.shop for event in await front.published(ShopOpened)}.isdisjoint({"other", "nobody"})
