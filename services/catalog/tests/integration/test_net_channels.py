"""Channels that show prices without VAT, to businesses alone."""

from collections.abc import Awaitable, Callable

from chassis_testing import Harness
from typer.testing import Result

Load = Callable[..., Awaitable[Result]]


async def test_a_channel_that_consumers_buy_in_cannot_come_to_show_net_prices(load: Load, catalog: Harness):
    sold = """channels:
  direct: {kind: direct, seller: kontor, market: DE}
products:
- {line: L, family: F, version: "1", editions: [{code: a, name: A, variants: [
    {sku: F-1, fulfilment: download, rrp: 10.00, channels: {direct: {}}}]}]}
"""
    assert (await load(sold, tenant="netted")).exit_code == 0
    other = sold.replace("market: DE}", "market: DE, prices: net}").replace("family: F", "family: G")
    refused = await load(other.replace("F-1", "G-1"), tenant="netted")
    assert (refused.exit_code, "net-for-consumers" in refused.output) == (1, True), refused.output
    taken = await load(sold.replace("market: DE}", "market: DE, prices: net}"), tenant="netted")
    assert taken.exit_code == 0, taken.output
    async with catalog.http.get("/channels", params={"tenant": "netted"}) as answer:
        assert [one["net"] for one in (await answer.json())["items"]] == [True]
    async with catalog.http.get("/products", params={"tenant": "netted", "channel": "direct"}) as answer:
        (product,) = (await answer.json())["items"]
    variant = product["editions"][0]["variants"][0]
    assert (variant["tax_class"], variant["customer_types"]) == ("standard", ["business"])
