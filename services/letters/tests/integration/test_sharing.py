"""One key for all units of a purchase, and links and keys that come to cover more units (LIC-4, E26)."""

from typing import Any
from uuid import UUID

from chassis_testing import Harness
from contracts.orders import Line

from .catcher import Catcher
from .sale import Sale, line, sent, settled_as, swept


def purchase(units: int = 3) -> Line:
    return line("SUITE-TEAM", units=units, keys_per="purchase", key_source="generated")


def some(of: Line, units: list[UUID]) -> Line:
    """The line with the units that a payment covers."""
    return of.model_copy(update={"units": units})


async def test_a_purchase_shows_its_key_once_with_the_number_of_units(house: Harness, catcher: Catcher):  # LIC-4 E10
    bought = purchase()
    sale = Sale(house, [bought])
    await house.publish(sale.placed(), sale.paid(), sale.granted(bought), sale.shared(bought, bought.units))
    (mail,) = await catcher.mails(sale.email)
    for body in (mail["text"], mail["html"]):
        assert body.count(sale.key(bought.units[0])) == 1
        assert body.count("gilt für 3 Stück") == 1
    assert set((await sent(house, sale))[0].units) == set(bought.units)


async def test_the_email_waits_until_the_key_covers_every_paid_unit(house: Harness, catcher: Catcher):  # LIC-4
    bought = purchase()
    sale = Sale(house, [bought])
    key = sale.shared(bought, bought.units)
    await house.publish(
        sale.placed(), sale.paid(), sale.granted(bought), key.model_copy(update={"units": bought.units[:2]})
    )
    await house.settled()
    assert await catcher.mails(sale.email, 0) == []
    await house.publish(key)
    (mail,) = await catcher.mails(sale.email)
    assert "gilt für 3 Stück" in mail["text"]
    assert "folg" not in mail["text"]


async def test_units_paid_later_get_the_link_and_key_they_share_once(house: Harness, catcher: Catcher):  # E26 LIC-4
    bought = purchase()
    sale = Sale(house, [bought])
    first, *rest = bought.units
    link, key = sale.granted(bought), sale.shared(bought, bought.units)
    await house.publish(sale.placed(), sale.paid(lines=[some(bought, [first])]))
    await house.publish(link.model_copy(update={"units": [first]}), key.model_copy(update={"units": [first]}))
    (one,) = await catcher.mails(sale.email)
    assert "gilt für" not in one["text"]
    assert "Noch nicht bezahlt; Stück: 2" in one["text"]
    await house.publish(sale.paid(lines=[some(bought, rest)]), link, key)
    _, two = await catcher.mails(sale.email, 2)
    assert two["links"] == one["links"]
    assert two["text"].count(sale.key(first)) == 1
    assert "gilt für 3 Stück" in two["text"]
    assert [set(event.units) for event in await sent(house, sale, 2)] == [{first}, set(rest)]
    await house.publish(link, key)
    await house.settled()
    house.shift_clock(400)
    await swept(house)
    await settled_as(house, sale, ("delivery", "sent"), ("delivery", "sent"))


async def test_a_link_and_key_that_run_ahead_of_the_payment_wait_for_it(house: Harness, catcher: Catcher):  # E26 LIC-4
    bought = purchase(2)
    sale = Sale(house, [bought])
    first, second = bought.units
    everything = [sale.granted(bought), sale.shared(bought, bought.units)]
    await house.publish(*everything, sale.placed(), sale.paid(lines=[some(bought, [first])]))
    await catcher.mails(sale.email)
    await house.settled()
    house.shift_clock(400)
    await swept(house)
    assert len(await catcher.mails(sale.email)) == 1
    await house.publish(sale.paid(lines=[some(bought, [second])]))
    _, two = await catcher.mails(sale.email, 2)
    assert sale.key(first) in two["text"]
    assert len(two["links"]) == 1
    assert [event.units for event in await sent(house, sale, 2)] == [[first], [second]]


async def test_a_key_that_joins_after_five_minutes_follows_in_an_email_of_its_own(house: Harness, catcher: Catcher):
    bought = purchase(2)
    sale = Sale(house, [bought])
    first, second = bought.units
    link, key = sale.granted(bought), sale.shared(bought, bought.units)
    await house.publish(sale.placed(), sale.paid(lines=[some(bought, [first])]))
    await house.publish(link.model_copy(update={"units": [first]}), key.model_copy(update={"units": [first]}))
    await catcher.mails(sale.email)
    await house.publish(sale.paid(lines=[some(bought, [second])]))
    await house.settled()
    house.shift_clock(301)
    _, short = await catcher.mails(sale.email, 2)
    assert "Schlüssel, die in einer weiteren E-Mail folgen: 1" in short["text"]
    assert sale.key(first) not in short["text"]
    await house.publish(link, key)
    *_, late = await catcher.mails(sale.email, 3)
    assert late["subject"].startswith("Nachlieferung")
    assert "gilt für 2 Stück" in late["text"]
    assert [event.units for event in await sent(house, sale, 3)] == [[first], [], [second]]


async def test_a_purchase_out_of_stock_mentions_one_key(house: Harness, catcher: Catcher):  # LIC-3
    bought = purchase()
    sale = Sale(house, [bought])
    waiting: list[Any] = [sale.backordered(bought, unit) for unit in bought.units]
    await house.publish(sale.placed(), sale.paid(), sale.granted(bought), *waiting)
    (mail,) = await catcher.mails(sale.email)
    assert (
        "Schlüssel zurzeit nicht vorrätig; wir schicken sie Ihnen, sobald es wieder welche gibt. Anzahl: 1"
        in mail["text"]
    )
    await house.publish(sale.shared(bought, bought.units))
    _, late = await catcher.mails(sale.email, 2)
    assert "gilt für 3 Stück" in late["text"]
    assert set((await sent(house, sale, 2))[1].units) == set(bought.units)


async def test_what_was_taken_back_before_the_email_is_not_counted(house: Harness, catcher: Catcher):
    bought = purchase()
    sale = Sale(house, [bought])
    await house.publish(sale.refunded(bought, bought.units[:1]), sale.shared(bought, bought.units))
    await house.publish(sale.placed(), sale.paid(), sale.granted(bought))
    (mail,) = await catcher.mails(sale.email)
    assert "gilt für 2 Stück" in mail["text"]
    assert "Zurückgenommen; Stück: 1" in mail["text"]
    assert set((await sent(house, sale))[0].units) == set(bought.units[1:])


async def test_units_of_a_line_without_keys_that_are_paid_later_get_its_link_too(house: Harness, catcher: Catcher):
    bought = line(units=2, key_source="none")  # E26
    sale = Sale(house, [bought])
    first, second = bought.units
    link = sale.granted(bought)
    await house.publish(sale.placed(), sale.paid(lines=[some(bought, [first])]))
    await house.publish(link.model_copy(update={"units": [first]}))
    await catcher.mails(sale.email)
    await house.publish(sale.paid(lines=[some(bought, [second])]), link)
    one, two = await catcher.mails(sale.email, 2)
    assert one["links"] == two["links"] != []
    assert [event.units for event in await sent(house, sale, 2)] == [[first], [second]]


async def test_what_a_program_from_before_sent_is_not_sent_again(house: Harness, catcher: Catcher):
    sale = Sale(house)
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    await catcher.mails(sale.email)
    await sent(house, sale)
    forgotten = "delete from email_contents where order_id = $1 returning unit_id"
    assert await house.sql(forgotten, sale.order)  # as such a program, still running, leaves it
    await house.publish(sale.released(sale.lines, house.clock.now()))
    await house.settled()
    house.shift_clock(10)
    await swept(house)
    await settled_as(house, sale, ("delivery", "sent"))
