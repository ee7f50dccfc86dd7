"""While the payment is disputed no letter brings what opens nothing (F-P21)."""

from chassis_testing import Harness

from .catcher import Catcher
from .sale import Sale, line, settled_as, swept


async def test_F_P21_a_link_that_is_extended_while_its_payment_is_disputed_is_mailed_once_that_is_won(
    relay: Harness, catcher: Catcher
):
    bought = line()
    sale = Sale(relay, [bought])
    await relay.publish(sale.placed(), sale.paid(), *sale.parts())
    await catcher.mails(sale.email)
    await relay.publish(sale.disputed())
    await relay.settled()
    await relay.publish(sale.extended(bought), sale.undisputed("lost"))
    await relay.settled()
    relay.shift_clock(400)
    await swept(relay)
    await settled_as(relay, sale, ("delivery", "sent"))
    await relay.publish(sale.undisputed("won"))
    _, again = await catcher.mails(sale.email, 2)
    assert again["subject"].startswith("Neue Frist für Ihren Download")
    await settled_as(relay, sale, ("delivery", "sent"), ("extension", "sent"))


async def test_F_P21_what_is_delivered_while_its_payment_is_disputed_is_mailed_once_that_is_won(
    relay: Harness, catcher: Catcher
):
    sale = Sale(relay)
    await relay.publish(sale.placed())
    await relay.publish(sale.disputed())
    await relay.settled()
    await relay.publish(sale.paid(), *sale.parts())
    await relay.settled()
    relay.shift_clock(400)
    await swept(relay)
    (mail,) = await catcher.mails(sale.email)
    assert (mail["links"], "vielen Dank für Ihre Bestellung" in mail["text"]) == ([], True)
    await relay.publish(sale.undisputed("won"))
    _, mail = await catcher.mails(sale.email, 2)
    assert len(mail["links"]) == len(sale.lines)
    await settled_as(relay, sale, ("acknowledgement", "sent"), ("delivery", "sent"))
