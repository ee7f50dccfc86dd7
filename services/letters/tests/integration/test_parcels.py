"""Whoever has boxes on their way is told who carries them, and by which number they are found. ORD-13"""

from uuid import uuid4

import pytest
from chassis.identity.sealing import seal
from chassis_testing import Harness
from contracts.shipping import Carrier, OrderShipped, ShippedLine, tracking_page

from .catcher import Catcher
from .sale import Sale, line

NUMBER = "00340434161094000001"
TRACK = tracking_page(Carrier.DHL, NUMBER)
SUBJECTS = {"de": "Ihr Paket ist unterwegs: Bestellung ", "en": "Your parcel is on its way: order "}


def shipped(sale: Sale, carrier: str | None, number: str | None, language: str = "de") -> OrderShipped:
    lines = [ShippedLine(line=uuid4(), name="Windows Vista <Box>", units=[uuid4(), uuid4()])]
    facts = {
        **OrderShipped.EXAMPLE,
        "tenant": sale.tenant,
        "order": sale.order,
        "shipment": uuid4(),
        "language": language,
        "lines": lines,
        "carrier": carrier,
        "tracking": seal(number, sale.contact, "tracking number") if number else None,
        "name_contact": seal(sale.name, sale.contact, "name"),
        "email_contact": seal(sale.email, sale.contact, "email"),
    }
    return OrderShipped.model_validate(facts)


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_letter_has_carrier_number_and_goods(home: Harness, calm: Catcher, language: str):
    sale = Sale(home, [line()])
    posted = shipped(sale, "dhl", NUMBER, language)
    await home.publish(posted, posted)
    (letter,) = await calm.mails(sale.email)
    assert letter["subject"] == f"{SUBJECTS[language]}{posted.order_number}"
    for words in ("DHL", NUMBER, TRACK, "2 x Windows Vista <Box>"):
        assert words in letter["text"]
    assert f'href="{TRACK}"' in letter["html"]
    assert "Windows Vista &lt;Box&gt;" in letter["html"]


@pytest.mark.parametrize(
    ("carrier", "number", "there"),
    [(None, None, False), ("dhl", None, False), ("other", "AB12345", True), ("dhl", "javascript:alert(1)", True)],
)
async def test_what_is_not_known_is_left_out_and_no_other_address_is_linked(
    home: Harness, calm: Catcher, carrier: str | None, number: str | None, *, there: bool
):
    sale = Sale(home, [line()])
    await home.publish(shipped(sale, carrier, number))
    (letter,) = await calm.mails(sale.email)
    assert "Sendung verfolgen" not in letter["text"]
    assert 'href="javascript' not in letter["html"]
    assert ("Sendungsnummer" in letter["text"]) is there
