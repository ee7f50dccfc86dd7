"""While a claim wants units back no letter brings what opens nothing, as while their payment is disputed (DEL-12)."""

from chassis_testing import Harness

from .catcher import Catcher
from .sale import Sale, line, settled_as, swept


async def test_DEL_12_a_letter_waits_until_a_claim_is_taken_back_or_refunded(house: Harness, catcher: Catcher):
    claimed, other = line(), line("WORKS-9-ESD")
    sale = Sale(house, [claimed, other])
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    await catcher.mails(sale.email)
    await house.publish(sale.claimed(1, claimed))
    await house.settled()
    await house.publish(sale.extended(other))
    await house.settled()
    house.shift_clock(400)
    await swept(house)
    await settled_as(house, sale, ("delivery", "sent"))
    await house.publish(sale.decided(2))
    await catcher.mails(sale.email, 2)
    # the newest fact counts, whichever comes last; it ends with the refund that it leads to
    await house.publish(sale.decided(4, claimed))
    await house.settled()
    await house.publish(sale.claimed(3, claimed), sale.extended(other, limit=50))
    await house.settled()
    await house.publish(sale.decided(2))
    await house.settled()
    house.shift_clock(400)
    await swept(house)
    await settled_as(house, sale, ("delivery", "sent"), ("extension", "sent"))
    await house.publish(sale.refunded(claimed, claimed.units))
    *_, mail = await catcher.mails(sale.email, 3)
    assert mail["subject"].startswith("Neue Frist")


async def test_DEL_12_what_is_claimed_before_its_order_is_known_is_not_delivered(house: Harness, catcher: Catcher):
    sale = Sale(house)
    await house.publish(sale.claimed(1, sale.lines[0]))
    await house.settled()
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    await house.settled()
    house.shift_clock(400)
    await swept(house)
    (mail,) = await catcher.mails(sale.email)
    assert mail["links"] == []
    await house.publish(sale.decided(2))
    _, mail = await catcher.mails(sale.email, 2)
    assert len(mail["links"]) == len(sale.lines)
