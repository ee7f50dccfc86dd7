"""While the payment is disputed no letter brings what opens nothing (F-P21)."""

from chassis_testing import Harness

from .catcher import Catcher
from .sale import Sale, line, settled_as, swept


async def test_F_P21_a_link_that_is_extended_while_its_payment_is_disputed_is_mailed_once_that_is_won(
    house: Harness, catcher: Catcher
):
    bought = line()
    sale = Sale(house, [bought])
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    await catcher.mails(sale.email)
    await house.publish(sale.disputed())
    await house.settled()
    await house.publish(sale.extended(bought), sale.undisputed("lost"))
    await house.settled()
    house.shift_clock(400)
    await swept(house)
    await settled_as(house, sale, ("delivery", "sent"))
    await house.publish(sale.undisputed("won"))
    _, again = await catcher.mails(sale.email, 2)
    assert again["subject"].startswith("Neue Frist für Ihren Download")
    await settled_as(house, sale, ("delivery", "sent"), ("extension", "sent"))


async def test_F_P21_what_is_delivered_while_its_payment_is_disputed_is_mailed_once_that_is_won(
    house: Harness, catcher: Catcher
):
    sale = Sale(house)
    await house.publish(sale.placed())
    await house.publish(sale.disputed())
    await house.settled()
    await house.publish(sale.paid(), *sale.parts())
    await house.settled()
    house.shift_clock(400)
    await swept(house)
    (mail,) = await catcher.mails(sale.email)
    assert (mail["links"], "vielen Dank für Ihre Bestellung" in mail["text"]) == ([], True)
    await house.publish(sale.undisputed("won"))
    _, mail = await catcher.mails(sale.email, 2)
    assert len(mail["links"]) == len(sale.lines)
    await settled_as(house, sale, ("acknowledgement", "sent"), ("delivery", "sent"))
