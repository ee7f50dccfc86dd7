"""Whoever is invited to buy for an organisation is mailed a code, as long as it counts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.identity.sealing import seal
from chassis_testing import Harness
from contracts.accounts import OrganisationInvitationRequested

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
