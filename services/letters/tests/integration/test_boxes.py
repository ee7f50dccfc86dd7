"""The letter of an order with boxes: how long they take, that delivery is free, and where they go."""

from typing import Any
from uuid import uuid4

import orjson
import pytest
from chassis.identity.sealing import seal
from chassis_testing import Harness
from chassis_testing.exports import exported
from contracts.accounts import KeyDestroyed, TenantOpened

from .catcher import Catcher
from .sale import Sale, line, sent

ADDRESS = {
    "name": "Max <Muster>",
    "street": "Am Kai 3",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
    "company": "Muster & Söhne",
    "extra": "2. Stock",
}
BOX: dict[str, Any] = {"fulfilment": "boxed", "key_source": "none"}


def boxed(home: Harness, language: str = "de", days: tuple[int, int] | None = (2, 4)) -> Sale:
    named = None if days is None else {"least": days[0], "most": days[1]}
    sale = Sale(home, [line("VISTA-HP-BOX", delivery_days=named, **BOX)], changes={"language": language})
    sale.changes["shipping_address_contact"] = seal(orjson.dumps(ADDRESS).decode(), sale.contact, "shipping address")
    return sale


async def letter_of(home: Harness, catcher: Catcher, sale: Sale) -> dict[str, Any]:
    await home.publish(sale.placed(), sale.paid())
    (letter,) = await catcher.mails(sale.email)
    return letter


@pytest.mark.parametrize(
    ("language", "days", "words"),
    [
        ("de", (2, 4), ["Lieferzeit: 2 bis 4 Werktage", "Versand: kostenlos", "Lieferadresse", "Deutschland"]),
        ("en", (3, 3), ["Delivery time: 3 working days", "Delivery: free", "Delivery address", "Germany"]),
        ("de", None, ["spätestens 30 Tage nach Ihrer Bestellung", "Lieferadresse"]),
    ],
)
async def test_the_letter_has_where_boxes_go_how_long_it_takes_and_that_it_is_free(
    home: Harness, calm: Catcher, language: str, days: tuple[int, int] | None, words: list[str]
):
    letter = await letter_of(home, calm, boxed(home, language, days))
    for text in (*words, "Max <Muster>\nMuster & Söhne\n2. Stock\nAm Kai 3\n20457 Hamburg"):
        assert text in letter["text"].replace("\r", "")
    assert "Max &lt;Muster&gt;<br>Muster &amp; Söhne<br>" in letter["html"]


async def test_a_letter_without_boxes_has_nothing_of_it(home: Harness, calm: Catcher):
    sale = Sale(home, [line()])
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    (letter,) = await calm.mails(sale.email)
    assert not [words for words in ("Lieferzeit", "Versand", "Lieferadresse") if words in letter["text"]]


async def test_no_copy_keeps_where_boxes_went_and_nobody_reads_it_once_the_customer_is_erased(
    home: Harness, calm: Catcher
):
    years = range(home.clock.now().year, home.clock.now().year + 2)
    keys = [{"year": year, "records": home.accounts.new_key().model_dump(mode="json")} for year in years]
    seller = {**TenantOpened.EXAMPLE["sellers"][0], "records_keys": keys}
    await home.publish(TenantOpened.model_validate({"tenant": "crates", "name": "Crates", "sellers": [seller]}))
    await home.settled()
    sale = boxed(home)
    sale.tenant = "crates"
    await letter_of(home, calm, sale)
    (email,) = await sent(home, sale)
    bookkeeping = home.bearer(home.accounts.token(uuid4(), "bookkeeping", tenant="crates"))
    async with home.http.get(f"/emails/{email.email}/letter", headers=bookkeeping) as answer:
        kept = await answer.text()
        assert answer.status == 200
    assert ADDRESS["street"] not in kept
    assert "Lieferadresse" in kept
    own = await exported(home, uuid4(), "crates", contact=sale.contact.key)
    assert orjson.loads(own["orders"][0]["shipping_address"]) == ADDRESS
    rows = "select shipping_box from orders where id = $1"
    assert (await home.sql(rows, sale.order))[0]["shipping_box"]
    destroyed = KeyDestroyed.EXAMPLE | {"tenant": sale.tenant, "key": sale.contact.key, "kind": "contact"}
    await home.publish(KeyDestroyed.model_validate(destroyed))
    await home.settled()
    assert (await home.sql(rows, sale.order))[0]["shipping_box"] is None
