"""The share of letters in an export: the letters to a customer, and to nobody else. GDPR 15, 20"""

from typing import Any
from uuid import uuid4

import orjson
from chassis_testing import Harness
from chassis_testing.exports import exported

from services.letters.tests.integration.sale import Sale, buy, sent


async def share_of(home: Harness, sale: Sale, tenant: str = "kontor") -> dict[str, Any]:
    return await exported(home, uuid4(), tenant, contact=sale.contact.key)


async def test_the_share_has_the_letters_to_the_customer_and_to_nobody_else(home: Harness):
    sale, other = await buy(home), await buy(home, name="Max Mustermann")
    emails = [*await sent(home, sale), *await sent(home, other)]
    share = await share_of(home, sale)
    assert [(one["order"], one["name"], one["email"]) for one in share["orders"]] == [
        (str(sale.order), sale.name, sale.email)
    ]
    assert {one["email"] for one in share["letters"]} == {str(one.email) for one in emails if one.order == sale.order}
    text = orjson.dumps(share).decode()
    assert str(other.order) not in text
    assert other.email not in text
    assert "Max Mustermann" not in text
    assert (await share_of(home, sale, tenant="elsewhere"))["letters"] == []


async def test_no_link_and_no_key_is_in_the_share(home: Harness):
    sale = await buy(home)
    await sent(home, sale)
    text = orjson.dumps(await share_of(home, sale)).decode()
    secrets = [sale.token(one) for one in sale.lines] + [sale.key(unit) for one in sale.lines for unit in one.units]
    assert not [secret for secret in secrets if secret in text]
