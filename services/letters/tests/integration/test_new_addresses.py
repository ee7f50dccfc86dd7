"""Who cannot be reached gets a new address, once its reader has sent back the code that was mailed there."""

from datetime import timedelta
from uuid import UUID, uuid4

from chassis.identity.sealing import seal
from chassis_testing import Harness
from contracts.accounts import EmailChanged, EmailChangeRequested

from .catcher import Catcher
from .sale import Sale, line, sent, settled_as


async def test_what_bounced_is_sent_to_the_address_that_was_confirmed(home: Harness, calm: Catcher):
    sale = Sale(home, [line()])
    await calm.faults(refuse={"code": 550, "text": "No such user", "at": "rcpt", "to": sale.email})
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    await settled_as(home, sale, ("delivery", "bounced"))

    new, code = f"new-{sale.order.hex}@example.org", "ABCDE-FGHJK-LMNPQ-RSTUV"
    customer, box = UUID(int=sale.order.int ^ 1), seal(new, sale.contact, "email")
    asked = EmailChangeRequested(
        tenant=sale.tenant,
        customer=customer,
        change=uuid4(),
        shop="Kontor",
        language="de",
        expires_at=home.clock.now() + timedelta(days=1),
        name=seal(sale.name, sale.contact, "name"),
        email=box,
        code=seal(code, sale.contact, "code"),
    )
    await calm.faults(refuse={"code": 451, "text": "later", "at": "rcpt", "to": new, "times": 1})
    await home.publish(asked, asked)
    home.shift_clock(16)
    (letter,) = await calm.mails(new)
    assert letter["subject"] == "Ihre neue E-Mail-Adresse bei Kontor"
    assert code in letter["text"]
    assert code in letter["html"]
    await home.settled()
    assert await home.sql("select from notifications where subject = $1 and state <> 'sent'", asked.change) == []

    changed = EmailChanged(tenant=sale.tenant, customer=customer, changed_at=home.clock.now(), email_contact=box)
    await home.publish(changed)
    _, delivery = await calm.mails(new, 2)
    assert delivery["links"] == [f"https://downloads.example/d/{sale.token(sale.lines[0])}"]
    (event,) = await sent(home, sale)
    assert event.units == sale.lines[0].units
    # what comes of that order later goes there, too, though its event names the old address
    await home.publish(sale.granted(sale.lines[0], "again"))
    assert (await calm.mails(new, 3))[2]["links"] == ["https://downloads.example/d/again"]


async def test_a_code_that_counts_no_more_is_not_mailed(home: Harness, calm: Catcher):
    sale = Sale(home)
    facts = {**EmailChangeRequested.EXAMPLE, "expires_at": home.clock.now() - timedelta(seconds=1)}
    boxes = {name: seal("x@example.org", sale.contact, name) for name in ("name", "email", "code")}
    await home.publish(EmailChangeRequested.model_validate(facts | boxes))
    await home.settled()
    assert await home.sql("select from notifications where subject = $1", UUID(str(facts["change"]))) == []


async def test_the_former_address_is_told_but_not_the_new_one(home: Harness, calm: Catcher):  # ORD-1
    sale, new = Sale(home), f"thief-{uuid4().hex}@example.org"
    texts = {"email_contact": (new, "email"), "former_email": (sale.email, "email"), "name": (sale.name, "name")}
    boxes = {field: seal(text, sale.contact, kind) for field, (text, kind) in texts.items()}
    changed = EmailChanged.model_validate({**EmailChanged.EXAMPLE, **boxes})
    # the box of the new address is known before the letter leaves, and it does not go there
    await calm.faults(refuse={"code": 451, "text": "later", "at": "rcpt", "to": sale.email, "times": 1})
    await home.publish(changed, changed)
    await home.settled()
    home.shift_clock(16)
    (letter,) = await calm.mails(sale.email)
    assert letter["subject"] == "Ihre E-Mail-Adresse bei Kontor ist geändert"
    assert new not in letter["text"] + letter["html"]
    assert await calm.mails(new, 0) == []
