"""Statements for immediate delivery are confirmed by the letter that delivers for them, whenever they were made."""

from datetime import timedelta

import pytest
from chassis_testing import Harness
from contracts.orders import ConsentKind

from .catcher import Catcher
from .sale import Sale, line, sent


# ORD-7
@pytest.mark.parametrize("by", ["release", "payment"])
async def test_consent_given_later_is_confirmed_by_the_delivery_it_releases(house: Harness, catcher: Catcher, by: str):
    waiting = line(deliver_from=house.clock.now() + timedelta(days=14))
    sale = Sale(house, [waiting], changes={"consents": []})
    await house.publish(sale.placed(), *sale.parts())
    if by == "release":
        await house.publish(sale.paid())
        (first,) = await catcher.mails(sale.email)
        assert "Bitte liefern Sie sofort." not in first["text"]
        await house.publish(sale.released([waiting], sale.ordered_at, sale.consents))
        _, mail = await catcher.mails(sale.email, 2)
    else:  # what the event of the release says comes later
        now = waiting.model_copy(update={"deliver_from": sale.ordered_at})
        await house.publish(sale.paid(lines=[now]).model_copy(update={"consents": sale.consents}))
        (mail,) = await catcher.mails(sale.email)
    for body in (mail["text"], mail["html"]):
        assert body.count("Bitte liefern Sie sofort.") == body.count("Ich verliere mein Widerrufsrecht.") == 1
    (event,) = [event for event in await sent(house, sale, 1 + (by == "release")) if event.units]
    assert set(event.consents or ()) == set(ConsentKind)
