"""The share of licensing in an export: a customer's own licences without their keys, and nobody else's. GDPR 15, 20"""

import orjson
from chassis_testing.exports import exported

from services.licensing.tests.integration.conftest import Counter, serials


async def test_the_share_has_the_licences_of_the_customer_and_of_nobody_else_and_no_key(counter: Counter):
    await counter.fill("SHARE", "\n".join(serials("SHARE", 5)))
    sale, other = counter.sale("SHARE", 2), counter.sale("SHARE")
    await counter.home.publish(sale.paid(), other.paid())
    await counter.quiet()
    keys = await counter.texts(sale)
    share = await exported(counter.home, sale.customer)
    assert [order["order"] for order in share["orders"]] == [str(sale.order)]
    assert {one["unit"] for one in share["licenses"]} == {str(unit) for unit in sale.units}
    assert all(one["issued_at"] and one["last_characters"] for one in share["licenses"])
    text = orjson.dumps(share).decode()
    assert str(other.order) not in text
    assert not [key for key in keys.values() if key in text]
    assert (await exported(counter.home, sale.customer, tenant="elsewhere"))["orders"] == []
