"""The delivery e-mail: one, with every link and key; what is late or new follows."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from chassis_testing import Harness

from .catcher import Catcher
from .sale import NOTICE, Sale, line, sent, settled_as, swept


# DEL-3 E7 E8 E10
async def test_one_email_carries_a_link_per_product_and_a_key_per_unit(house: Harness, catcher: Catcher):
    sale = Sale(house)
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    (mail,) = await catcher.mails(sale.email)
    assert mail["links"] == [f"https://downloads.example/d/{sale.token(one)}" for one in sale.lines]
    for unit in [unit for one in sale.lines for unit in one.units]:
        assert mail["text"].count(sale.key(unit)) == mail["html"].count(sale.key(unit)) == 1
    (event,) = await sent(house, sale)
    assert event.kind == "delivery"
    assert set(event.units) == {unit for one in sale.lines for unit in one.units}
    assert event.message_id == mail["message_id"]
    assert event.answer.startswith("250 2.0.0 Ok")


# ORD-7
async def test_the_delivery_email_repeats_what_was_agreed(house: Harness, catcher: Catcher):
    sale = Sale(house)
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    (mail,) = await catcher.mails(sale.email)
    for body in (" ".join(mail["text"].split()), " ".join(mail["html"].split())):
        assert "Guten Tag Erika Musterfrau" in body
        assert "vielen Dank für Ihre Bestellung" in body
        assert "487,99\xa0€".replace("\xa0", " ") in body.replace("\xa0", " ")
        assert "Umsatzsteuer 19 %" in body.replace("\xa0", " ")
        assert "Bitte liefern Sie sofort." in body
        assert "Ich verliere mein Widerrufsrecht." in body
        assert NOTICE in body
        assert "Kontor Software GmbH" in body
        assert "DE136695976" in body
    assert mail["from"] == '"Kontor Software GmbH" <shop@kontor.example>'


# E10
async def test_F_L03_the_email_waits_for_the_last_key(house: Harness, catcher: Catcher):
    sale = Sale(house)
    *most, last = sale.parts()
    await house.publish(sale.placed(), sale.paid(), *most)
    await house.settled()
    assert await catcher.mails(sale.email, 0) == []
    await house.publish(last)
    (mail,) = await catcher.mails(sale.email)
    assert "folgt" not in mail["text"]


async def test_after_five_minutes_it_names_what_follows_and_sends_that_on_when_it_comes(
    house: Harness, catcher: Catcher
):
    first, second = line(units=1), line("WORKS-9-ESD", price=4999)
    sale = Sale(house, [first, second])
    await house.publish(sale.placed(), sale.paid(), sale.granted(first), sale.issued(first, first.units[0]))
    await house.settled()
    house.shift_clock(290)
    await swept(house)
    assert await catcher.mails(sale.email, 0) == []
    house.shift_clock(11)
    (early,) = await catcher.mails(sale.email)
    assert sale.token(first) in early["text"]
    assert "Der Download-Link folgt in einer weiteren E-Mail." in early["text"]
    assert "Schlüssel, die in einer weiteren E-Mail folgen: 1" in early["text"]
    assert (await sent(house, sale))[0].units == first.units
    await house.publish(sale.issued(second, second.units[0]), sale.granted(second))
    _, late = await catcher.mails(sale.email, 2)
    assert late["subject"].startswith("Nachlieferung")
    assert late["links"] == [f"https://downloads.example/d/{sale.token(second)}"]
    assert sale.key(second.units[0]) in late["text"]
    assert (await sent(house, sale, 2))[1].units == second.units


# LIC-3
async def test_a_key_out_of_stock_is_named_at_once_and_sent_on_when_it_is_there(house: Harness, catcher: Catcher):
    bought = line(units=2)
    sale = Sale(house, [bought])
    there, missing = bought.units
    await house.publish(
        sale.placed(), sale.paid(), sale.granted(bought), sale.issued(bought, there), sale.backordered(bought, missing)
    )
    (mail,) = await catcher.mails(sale.email)
    assert "sobald es wieder welche gibt. Anzahl: 1" in mail["text"]
    assert (await sent(house, sale))[0].units == [there]
    await house.publish(sale.issued(bought, missing))
    _, late = await catcher.mails(sale.email, 2)
    assert sale.key(missing) in late["text"]
    assert sale.key(there) not in late["text"]
    assert (await sent(house, sale, 2))[1].units == [missing]


# DEL-4
async def test_a_link_sent_anew_is_mailed_again(house: Harness, catcher: Catcher):
    bought = line()
    sale = Sale(house, [bought])
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    await catcher.mails(sale.email)
    await house.publish(sale.granted(bought, "another-token"))
    _, again = await catcher.mails(sale.email, 2)
    assert again["subject"].startswith("Neuer Download-Link")
    assert again["links"] == ["https://downloads.example/d/another-token"]
    assert (await sent(house, sale, 2))[1].units == []


# DEL-4
async def test_a_link_that_is_extended_is_mailed_once_more_with_its_new_end(house: Harness, catcher: Catcher):
    bought = line()
    sale = Sale(house, [bought])
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    (first,) = await catcher.mails(sale.email)
    await house.publish(sale.extended(bought))
    _, again = await catcher.mails(sale.email, 2)
    end = (sale.ordered_at + timedelta(days=40)).astimezone(ZoneInfo("Europe/Berlin"))
    until = format_date(end, "long", locale="de_DE")
    assert again["subject"].startswith("Neue Frist für Ihren Download")
    assert again["links"] == first["links"]
    for body in (again["text"], again["html"]):
        assert f"gültig bis {until}" in body
        assert "Downloads: 7" in body
        assert "es geht um Ihre Bestellung" in body
        assert sale.key(bought.units[0]) not in body
    assert (await sent(house, sale, 2))[1].units == []
    await house.publish(sale.extended(bought))
    await house.settled()
    house.shift_clock(10)
    await swept(house)
    await settled_as(house, sale, ("delivery", "sent"), ("extension", "sent"))


# DEL-4
async def test_a_link_that_is_extended_before_it_is_mailed_has_its_new_end_at_once(house: Harness, catcher: Catcher):
    bought = line()
    sale = Sale(house, [bought], changes={"language": "en"})
    older = house.next_sequence()
    await house.publish(sale.extended(bought), sale.placed(), sale.paid(), *sale.parts()[1:])
    await house.publish(sale.granted(bought), sequence=older)  # the grant itself is older
    (mail,) = await catcher.mails(sale.email)
    assert "downloads: 7" in mail["text"]
    await house.settled()
    await settled_as(house, sale, ("delivery", "sent"))


async def test_F_M29_facts_published_three_times_are_one_email(house: Harness, catcher: Catcher):
    sale = Sale(house)
    events = [sale.placed(), sale.paid(), *sale.parts()]
    for _ in range(3):
        await house.publish(*events)
    await catcher.mails(sale.email)
    await house.settled()
    house.shift_clock(400)
    await swept(house)
    await settled_as(house, sale, ("delivery", "sent"))
    assert len(await catcher.mails(sale.email)) == 1


async def test_an_order_paid_within_60_seconds_gets_one_combined_email(house: Harness, catcher: Catcher):
    sale = Sale(house)
    await house.publish(sale.placed(), sale.paid(after=59), *sale.parts())
    (mail,) = await catcher.mails(sale.email)
    assert "vielen Dank für Ihre Bestellung" in mail["text"]
    house.shift_clock(61)
    await swept(house)
    await settled_as(house, sale, ("delivery", "sent"))


async def test_an_order_unpaid_for_60_seconds_is_acknowledged_and_delivered_separately(
    house: Harness, catcher: Catcher
):
    sale = Sale(house)
    await house.publish(sale.placed())
    await house.settled()
    assert await catcher.mails(sale.email, 0) == []
    house.shift_clock(60)
    (thanks,) = await catcher.mails(sale.email)
    assert thanks["subject"].startswith("Ihre Bestellung K-2026-")
    assert "Sobald Ihre Zahlung eingegangen ist" in thanks["text"]
    await house.publish(sale.paid(after=61), *sale.parts())
    _, delivery = await catcher.mails(sale.email, 2)
    assert "es geht um Ihre Bestellung" in delivery["text"]
    await settled_as(house, sale, ("acknowledgement", "sent"), ("delivery", "sent"))


# PAY-5
async def test_a_transfer_is_acknowledged_at_once_with_instructions(house: Harness, catcher: Catcher):
    sale = Sale(house, changes={"payment_method": "transfer"})
    await house.publish(sale.requested(), sale.placed())
    (mail,) = await catcher.mails(sale.email)
    for fact in ("RF18539007547034", "DE89370400440532013000", "COBADEFFXXX", "Kontor Software GmbH", "487,99"):
        assert fact in mail["text"]
        assert fact in mail["html"]
    await house.publish(sale.paid(after=86_400), *sale.parts())
    assert len((await catcher.mails(sale.email, 2))[1]["links"]) == 2


async def test_a_cancelled_order_is_not_acknowledged_but_its_end_is_written(house: Harness, catcher: Catcher):
    sale = Sale(house)
    await house.publish(sale.placed(), sale.cancelled(), sale.cancelled())
    (mail,) = await catcher.mails(sale.email)
    assert mail["subject"].startswith("Storniert: Ihre Bestellung")
    assert (await sent(house, sale))[0].units == []
    house.shift_clock(120)
    await swept(house)
    await settled_as(house, sale, ("cancellation", "sent"))


async def test_what_lapses_of_an_order_is_named_with_the_reason(house: Harness, catcher: Catcher):
    sale = Sale(house, changes={"payment_method": "transfer"})
    paid, open_ = sale.lines
    await house.publish(sale.placed(), sale.requested(), sale.paid(after=86_400, lines=[paid]), *sale.parts([paid]))
    await catcher.mails(sale.email, 2)
    await house.publish(sale.cancelled(open_.units, "unpaid"))
    *_, mail = await catcher.mails(sale.email, 3)
    for body in (mail["text"], mail["html"]):
        assert "Es ist keine Zahlung rechtzeitig eingegangen" in body
        assert "Geht dafür noch Geld ein" in body
        assert (open_.name in body, paid.name in body) == (True, False)


# ORD-7
async def test_lines_without_consent_follow_their_release_each_release_in_one_email(house: Harness, catcher: Catcher):
    later = house.clock.now() + timedelta(days=14)
    waiting = [line(deliver_from=later), line("OTHER", deliver_from=later), line("THIRD", deliver_from=later)]
    sale = Sale(house, waiting)
    await house.publish(sale.placed(), sale.paid())
    (thanks,) = await catcher.mails(sale.email)
    assert "Ihre Zahlung ist eingegangen." in thanks["text"]
    assert "Wird geliefert ab" in thanks["text"]
    await house.publish(sale.released(waiting[:2], house.clock.now()), *sale.parts(waiting[:2]))
    _, early = await catcher.mails(sale.email, 2)
    assert len(early["links"]) == 2
    house.shift_clock(14 * 86_400)
    await house.publish(*sale.parts(waiting[2:]))
    *_, last = await catcher.mails(sale.email, 3)
    assert last["links"] == [f"https://downloads.example/d/{sale.token(waiting[2])}"]
    await settled_as(house, sale, ("acknowledgement", "sent"), ("delivery", "sent"), ("delivery", "sent"))


# E26
async def test_each_payment_of_a_part_has_its_delivery_email(house: Harness, catcher: Catcher):
    first, second = line(), line("WORKS-9-ESD", price=4999)
    sale = Sale(house, [first, second])
    await house.publish(sale.placed(), sale.paid(lines=[first]), *sale.parts([first]))
    (mail,) = await catcher.mails(sale.email)
    assert "Noch nicht bezahlt; Stück: 1" in mail["text"]
    await house.publish(sale.paid(lines=[second]), *sale.parts([second]))
    assert len((await catcher.mails(sale.email, 2))[1]["links"]) == 1


async def test_an_order_of_boxes_gets_one_confirmation(house: Harness, catcher: Catcher):
    sale = Sale(house, [line("VISTA-BOX", fulfilment="boxed", key_source="none")])
    await house.publish(sale.placed(), sale.paid())
    (mail,) = await catcher.mails(sale.email)
    assert "Zahlung erhalten" in mail["subject"]
    assert "Wird versandt; Stück: 1" in mail["text"]
    assert (await sent(house, sale))[0].units == []


async def test_a_business_customer_reads_english_and_no_withdrawal_notice(house: Harness, catcher: Catcher):
    sale = Sale(house, changes={"language": "en", "customer_type": "business", "consents": []})
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    (mail,) = await catcher.mails(sale.email)
    for body in (mail["text"], mail["html"]):
        assert "Dear Erika Musterfrau" in body
        assert "€487.99" in body
        assert "VAT 19 %" in body.replace("\xa0", " ")
        assert NOTICE[:20] not in body


async def test_a_refund_is_announced_when_the_money_is_back(house: Harness, catcher: Catcher):
    sale = Sale(house)
    refunded = sale.refunded(sale.lines[0], sale.lines[0].units[:1])
    await house.publish(sale.placed(), sale.paid(), *sale.parts())
    await catcher.mails(sale.email)
    await house.publish(refunded)
    await house.settled()
    assert len(await catcher.mails(sale.email)) == 1
    await house.publish(sale.repaid(refunded))
    _, notice = await catcher.mails(sale.email, 2)
    assert notice["subject"].startswith("Erstattung")
    for body in (notice["text"], notice["html"]):
        assert "219,00" in body
        assert "1 x Product VISTA-HP-ESD" in body
        assert "Grund: Kulanz" in body


async def test_what_was_taken_back_before_is_not_delivered(house: Harness, catcher: Catcher):
    kept, gone = line(), line("WORKS-9-ESD", price=4999)
    sale = Sale(house, [kept, gone])
    await house.publish(sale.refunded(gone, gone.units), sale.placed(), sale.paid(), *sale.parts([kept]))
    (mail,) = await catcher.mails(sale.email)
    assert mail["links"] == [f"https://downloads.example/d/{sale.token(kept)}"]
    assert "Zurückgenommen; Stück: 1" in mail["text"]
