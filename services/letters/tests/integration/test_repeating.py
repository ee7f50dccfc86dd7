"""A letter that may have arrived is sent again, and is the same letter."""

from chassis_testing import Harness

from .catcher import Catcher
from .sale import Sale, buy, failed, line, sent, settled_as


# A repeat is possible between the server's 250 and our commit only, and then it is the same e-mail
async def test_F_M25_killed_between_the_250_and_the_commit_the_repeat_has_the_same_message_id(
    home: Harness, calm: Catcher
):
    killed: list[bool] = []

    def kill() -> None:
        if not killed:
            killed.append(True)
            raise RuntimeError("killed")

    home.fault.planned["outbound:send e-mails:acted"] = kill
    sale = await buy(home)
    await calm.mails(sale.email)
    await home.sql("update emails set leased_until = now() where order_id = $1", sale.order)
    first, second = await calm.mails(sale.email, 2)
    del home.fault.planned["outbound:send e-mails:acted"]
    assert first["message_id"] == second["message_id"]
    assert first["text"] == second["text"]
    assert [event.message_id for event in await sent(home, sale)] == [first["message_id"]]


async def test_a_connection_cut_after_the_letter_repeats_the_same_email(home: Harness, calm: Catcher):
    await calm.faults(hang_up={"stored": True, "times": 1})
    sale = await buy(home)
    await failed(home, sale)
    await settled_as(home, sale, ("delivery", "sending"))
    home.shift_clock(16)
    first, second = await calm.mails(sale.email, 2)
    assert first["message_id"] == second["message_id"]
    assert first["text"] == second["text"]
    assert len(await sent(home, sale)) == 1


# I10: what is consumed while nobody knows whether the letter arrived does not change it
async def test_F_M25_an_acknowledgement_is_repeated_as_it_was_though_it_was_paid_since(home: Harness, calm: Catcher):
    await calm.faults(hang_up={"stored": True, "times": 1})
    sale = Sale(home, [line()], changes={"payment_method": "transfer"})
    await home.publish(sale.placed(), sale.requested())
    await failed(home, sale)
    await home.publish(sale.paid(), *sale.parts())
    await repeated(home, calm, sale)


async def test_F_M25_a_delivery_is_repeated_as_it_was_though_it_was_taken_back_since(home: Harness, calm: Catcher):
    await calm.faults(hang_up={"stored": True, "times": 1})
    sale = await buy(home)
    await failed(home, sale)
    (one,) = sale.lines
    await home.publish(sale.granted(one, "another"), sale.refunded(one, one.units))
    await repeated(home, calm, sale)


async def repeated(home: Harness, calm: Catcher, sale: Sale) -> None:
    """The first letter comes again when its time has come, and is the same."""
    await home.settled()
    home.shift_clock(16)
    first, second = (await calm.mails(sale.email, 2))[:2]
    assert first["message_id"] == second["message_id"]
    assert first["text"] == second["text"]
