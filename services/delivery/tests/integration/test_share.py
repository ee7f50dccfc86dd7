"""The share of delivery in an export: a customer's own links and downloads, and nobody else's. GDPR 15, 20"""

import orjson
from chassis_testing.exports import exported

from services.delivery.tests.integration.conftest import Depot
from services.delivery.tests.integration.test_own_downloads import bought, own


async def test_the_share_has_the_links_and_downloads_of_the_customer_and_of_nobody_else(depot: Depot):
    sale, path = await bought(depot, b"the contents")
    other, foreign = await bought(depot, b"others")
    for buyer, address in ((sale, path), (other, foreign)):
        _, started = await depot.send("POST", address, own(depot, buyer))
        await depot.fetch(started["url"])
    await depot.done()
    share = await exported(depot.home, sale.customer)
    assert [(order["order"], order["name"], order["email"]) for order in share["orders"]] == [
        (str(sale.order), sale.name, sale.email)
    ]
    assert [grant["line"] for grant in share["grants"]] == [str(sale.line)]
    (download,) = share["downloads"]
    assert download["completed_at"]
    assert download["bytes_arrived"] == len(b"the contents")
    text = orjson.dumps(share).decode()
    assert str(other.order) not in text
    assert str((await other.granted()).grant) not in text
    assert (await exported(depot.home, sale.customer, tenant="elsewhere"))["orders"] == []


async def test_no_secret_of_a_link_is_in_the_share(depot: Depot):
    sale, _ = await bought(depot)
    token = sale.token(await sale.granted())
    assert token not in orjson.dumps(await exported(depot.home, sale.customer)).decode()
