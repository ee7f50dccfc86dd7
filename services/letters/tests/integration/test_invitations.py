"""Whoever is invited to buy for an organisation is mailed a code, as long as it counts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.identity.sealing import seal
from chassis_testing import Harness
from contracts.accounts import OrganisationInvitationRequested
from contracts.invitations import GuestInvited

from .catcher import Catcher
from .sale import Sale, line

CODE = "ABCDE-FGHJK-LMNPQ-RSTUV"


def invited(home: Harness, sale: Sale, language: str, days: int) -> OrganisationInvitationRequested:
    return OrganisationInvitationRequested(
        tenant=sale.tenant,
        customer=uuid4(),
        invitation=uuid4(),
        shop="Kontor",
        language=language,
        expires_at=home.clock.now() + timedelta(days=days),
        name=seal(sale.name, sale.contact, "name"),
        email=seal(sale.email, sale.contact, "email"),
        code=seal(CODE, sale.contact, "code"),
    )


@pytest.mark.parametrize(
    ("language", "subject"), [("de", "Eine Einladung bei Kontor"), ("en", "An invitation at Kontor")]
)
async def test_the_code_is_mailed_in_the_customers_language(home: Harness, calm: Catcher, language: str, subject: str):
    sale = Sale(home, [line()])
    asked = invited(home, sale, language, 7)
    await home.publish(asked, asked)
    (letter,) = await calm.mails(sale.email)
    assert letter["subject"] == subject
    assert CODE in letter["text"]
    assert CODE in letter["html"]


async def test_a_code_that_counts_no_more_is_not_mailed(home: Harness, calm: Catcher):
    late, good = Sale(home, [line()]), Sale(home, [line()])
    old, new = invited(home, late, "de", -1), invited(home, good, "de", 7)
    await home.publish(old, new)
    await calm.mails(good.email)
    assert await home.sql("select from notifications where subject = $1", old.invitation) == []


def guest(home: Harness, sale: Sale, by: str, house: str, **changes: object) -> GuestInvited:
    facts = {
        **GuestInvited.EXAMPLE,
        "tenant": sale.tenant,
        "invitation": uuid4(),
        "expires_at": home.clock.now() + timedelta(days=7),
        "name": seal(house, sale.contact, "company"),
        "invited_by": seal(by, sale.contact, "name"),
        "email": seal(sale.email, sale.contact, "email"),
        "code": seal(CODE, sale.contact, "code"),
        **changes,
    }
    return GuestInvited.model_validate(facts)


@pytest.mark.parametrize(
    ("language", "role", "words"),
    [("de", "buyer", "als Einkäufer"), ("en", "auditor", "as an auditor"), ("de", "owner", "als Inhaber")],
)
async def test_who_has_no_account_reads_who_invites_to_what_and_as_what(
    home: Harness, calm: Catcher, language: str, role: str, words: str
):
    sale = Sale(home, [line()])
    asked = guest(home, sale, "Olga Owner", "Muster & Söhne", language=language, role=role)
    await home.publish(asked, asked)
    (letter,) = await calm.mails(sale.email)
    assert "Olga Owner" in letter["subject"]
    text = " ".join(letter["text"].split())
    for part in ("Olga Owner", "Muster & Söhne", words, CODE):
        assert part in text
    assert "Muster &amp; Söhne" in letter["html"]


@pytest.mark.parametrize(
    ("by", "firm"),
    [
        ("Gewinnen Sie auf boese.example", "Ihre Bank: 0190 123456"),
        ("Eve\r\nBcc: victim@example.org", "https://boese.example/x"),
    ],
)
async def test_names_that_lead_away_are_not_carried_to_people_we_do_not_know(
    home: Harness, calm: Catcher, by: str, firm: str
):
    sale = Sale(home, [line()])
    await home.publish(guest(home, sale, by, firm))
    (letter,) = await calm.mails(sale.email)
    assert letter["subject"] == "Jemand lädt Sie ein: eine Organisation"
    for body in (letter["text"], letter["html"], letter["subject"]):
        assert "boese" not in body
        assert "victim" not in body
        assert "0190" not in body


async def test_a_guests_code_that_counts_no_more_is_not_mailed(home: Harness, calm: Catcher):
    sale, good = Sale(home, [line()]), Sale(home, [line()])
    old = guest(home, sale, "Olga Owner", "Muster", expires_at=home.clock.now() - timedelta(seconds=1))
    await home.publish(old, guest(home, good, "Olga Owner", "Muster"))
    await calm.mails(good.email)
    assert await home.sql("select from notifications where subject = $1", old.invitation) == []
