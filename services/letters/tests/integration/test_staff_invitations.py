"""Whoever is to work for a tenant is mailed a code and where it is entered, as long as it counts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from chassis.identity.sealing import seal
from chassis_testing import Harness
from contracts.accounts import StaffInvited

from .catcher import Catcher
from .sale import Sale, line

CODE = "ABCDE-FGHJK-LMNPQ-RSTUV"
PAGE = "https://work.example/invitation?tenant=kontor"


def invited(home: Harness, sale: Sale, language: str = "de", days: int = 3, page: str = PAGE) -> StaffInvited:
    return StaffInvited(
        tenant=sale.tenant,
        member=uuid4(),
        invitation=uuid4(),
        shop="Kontor",
        language=language,
        page=page,
        expires_at=home.clock.now() + timedelta(days=days),
        name=seal(sale.name, sale.contact, "name"),
        email=seal(sale.email, sale.contact, "email"),
        code=seal(CODE, sale.contact, "code"),
    )


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("de", "Ihre Einladung ins Work Center von Kontor"),
        ("en", "Your invitation to the Work Center of Kontor"),
    ],
)
async def test_the_code_is_mailed_with_the_page_on_which_it_counts(
    home: Harness, calm: Catcher, language: str, subject: str
):
    sale = Sale(home, [line()])
    asked = invited(home, sale, language)
    await home.publish(asked, asked)
    (letter,) = await calm.mails(sale.email)
    assert letter["subject"] == subject
    for part in ("text", "html"):
        assert CODE in letter[part]
        assert PAGE in letter[part]


async def test_where_there_is_no_work_center_the_code_comes_alone_and_an_old_one_never(home: Harness, calm: Catcher):
    late, good = Sale(home, [line()]), Sale(home, [line()])
    old, new = invited(home, late, days=-1), invited(home, good, page="")
    await home.publish(old, new)
    (letter,) = await calm.mails(good.email)
    assert CODE in letter["text"]
    assert "http" not in letter["text"]
    assert await home.sql("select from notifications where subject = $1", old.invitation) == []
