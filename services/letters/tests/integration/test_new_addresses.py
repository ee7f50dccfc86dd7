"""Who cannot be reached gets a new address, once its reader has sent back the code that was mailed there."""

from datetime import timedelta
from uuid import UUID, uuid4

from chassis.identity.sealing import seal
from chassis_testing import Harness, until
from contracts.accounts import (
    EmailChanged,
    EmailChangeRequested,
    EmailConfirmationRequested,
    EmailConsentRequested,
)
from contracts.letters import EmailBounced
from contracts.mail_relay import EmailReturned
from contracts.passwords import PasswordChanged
from mailing.envelope import Sent

from .catcher import Catcher
from .conftest import ENVELOPES
from .sale import Sale, buy, line, sent, settled_as


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


async def test_what_was_accepted_and_came_back_is_sent_to_the_next_address_too(home: Harness, calm: Catcher):  # MAIL-13
    sale, new = Sale(home, [line()]), f"next-{uuid4().hex}@example.org"
    await home.publish(sale.placed(), sale.paid(), *sale.parts())
    (first,) = await sent(home, sale)
    returned = EmailReturned(tenant=sale.tenant, email=first.email, status="5.1.1", returned_at=home.clock.now())
    await home.publish(returned.model_copy(update={"tenant": "lumen"}), returned, returned)
    await settled_as(home, sale, ("delivery", "bounced"))

    async def known() -> list[EmailBounced]:
        return [one for one in await home.published(EmailBounced, at_least=0) if one.order == sale.order]

    (bounced,) = await until(known, what="EmailBounced")
    assert (bounced.units, bounced.code, bounced.kind) == (first.units, 550, "delivery")
    assert first.units == sale.lines[0].units

    box = seal(new, sale.contact, "email")
    customer = UUID(int=sale.order.int ^ 1)
    await home.publish(
        EmailChanged(tenant=sale.tenant, customer=customer, changed_at=home.clock.now(), email_contact=box)
    )
    (again,) = await calm.mails(new)
    assert again["links"] == [f"https://downloads.example/d/{sale.token(sale.lines[0])}"]
    assert [one.units for one in await sent(home, sale, 2)] == [first.units, first.units]


async def test_each_letter_has_an_envelope_sender_of_its_own(home: Harness, calm: Catcher):  # MAIL-13
    first, second = await buy(home), await buy(home)
    senders = [(await calm.mails(sale.email))[0]["envelope_from"] for sale in (first, second)]
    read = [ENVELOPES.read(sender, home.clock.now()) for sender in senders]
    emails = [(await sent(home, sale))[0].email for sale in (first, second)]
    assert [isinstance(one, Sent) and (one.id, one.is_of(first.tenant)) for one in read] == [
        (id_, True) for id_ in emails
    ]


async def test_whoever_has_registered_gets_the_code_that_confirms_the_address(home: Harness, calm: Catcher):  # ORD-1
    sale, codes = Sale(home), ("ABCDE-FGHJK-LMNPQ-RSTUV", "FGHJK-LMNPQ-RSTUV-WXYZ2")
    for code in codes:
        texts = {"name": (sale.name, "name"), "email": (sale.email, "email"), "code": (code, "code")}
        boxes = {field: seal(text, sale.contact, kind) for field, (text, kind) in texts.items()}
        facts = {**EmailConfirmationRequested.EXAMPLE, "confirmation": uuid4()}
        facts |= {"expires_at": home.clock.now() + timedelta(days=1)}
        asked = EmailConfirmationRequested.model_validate(facts | boxes)
        late = asked.model_copy(update={"confirmation": uuid4(), "expires_at": home.clock.now()})
        await home.publish(asked, asked, late)
    letters = await calm.mails(sale.email, 2)
    await home.settled()
    assert len(await calm.mails(sale.email, 2)) == 2
    assert {letter["subject"] for letter in letters} == {"Bestätigen Sie Ihre E-Mail-Adresse für Kontor"}
    assert all(any(code in letter["text"] and code in letter["html"] for letter in letters) for code in codes)


async def test_a_code_that_counts_no_more_is_not_mailed(home: Harness, calm: Catcher):
    sale = Sale(home)
    facts = {**EmailChangeRequested.EXAMPLE, "expires_at": home.clock.now() - timedelta(seconds=1)}
    boxes = {name: seal("x@example.org", sale.contact, name) for name in ("name", "email", "code")}
    await home.publish(EmailChangeRequested.model_validate(facts | boxes))
    await home.settled()
    assert await home.sql("select from notifications where subject = $1", UUID(str(facts["change"]))) == []


async def test_the_former_address_is_asked_before(home: Harness, calm: Catcher):  # ORD-1
    sale, code = Sale(home), "ABCDE-FGHJK-LMNPQ-RSTUV"
    texts = {"name": (sale.name, "name"), "email": (sale.email, "email"), "code": (code, "code")}
    boxes = {field: seal(text, sale.contact, kind) for field, (text, kind) in texts.items()}
    facts = {**EmailConsentRequested.EXAMPLE, "consent": uuid4(), "expires_at": home.clock.now() + timedelta(days=4)}
    asked = EmailConsentRequested.model_validate(facts | boxes)
    await home.publish(asked, asked, asked.model_copy(update={"consent": uuid4(), "expires_at": home.clock.now()}))
    (letter,) = await calm.mails(sale.email)
    assert letter["subject"] == "Ihre E-Mail-Adresse bei Kontor soll geändert werden"
    assert all(code in text for text in (letter["text"], letter["html"]))


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


async def test_who_has_another_password_is_written_to_at_once(home: Harness, calm: Catcher):
    sale = Sale(home, [line()])
    changed = PasswordChanged(
        tenant=sale.tenant,
        customer=UUID(int=sale.order.int ^ 1),
        changed_at=home.clock.now(),
        shop="Kontor",
        language="en",
        name=seal(sale.name, sale.contact, "name"),
        email=seal(sale.email, sale.contact, "email"),
        browser="Firefox",
        system="Windows",
    )
    event = uuid4()
    await home.publish(changed, event_id=event)
    await home.publish(changed, event_id=event)
    (letter,) = await calm.mails(sale.email)
    assert letter["subject"] == "Your password at Kontor has been changed"
    assert "contact us" in letter["text"]
    assert "with Firefox on Windows" in letter["text"]
    assert "with Firefox on Windows" in letter["html"]
    for text in (letter["text"], letter["html"]):
        assert sale.email not in text
