"""Notices: what their texts say, and that they name nobody (MAIL-14)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from string import Formatter
from uuid import UUID

import pytest
from mail_relay.clients.notices import texts, written
from mail_relay.domain.alias import Domain, Side
from mail_relay.domain.judgement import Abuse, Denial
from mail_relay.domain.notice import GIVE_UP_AFTER, Notice
from mail_relay.domain.policy.finding import Kind as Found

AT = datetime(2026, 11, 29, 9, tzinfo=UTC)
NOTICE = Notice(
    tenant="kontor",
    id=UUID(int=1),
    conversation_id=UUID(int=2),
    side=Side.BUYER,
    kind="claim_too_early",
    about={"opens_at": AT.isoformat()},
    created_at=AT,
    failures=0,
    language="de",
    country="DE",
    order_number="K-1",
    seller="Kontor Software GmbH",
    email_box="box",
    reached="sales@seller.example",
    desk="desk",
    other="other",
    message_id=None,
    written_by=None,
    original_id_box=None,
    traceparent=None,
)
DOMAIN = Domain("mail.shop.example")


def _names(texts_of: Mapping[str, Mapping[str, str]]) -> dict[str, set[str | None]]:
    return {
        kind: {name for text in words.values() for _, name, _, _ in Formatter().parse(text)} | set[str | None](words)
        for kind, words in texts_of.items()
        if kind != "desk"
    }


def test_MAIL_14_both_languages_have_the_same_notices_with_the_same_facts():
    assert _names(texts("de")) == _names(texts("en"))
    assert texts("de")["desk"].keys() == texts("en")["desk"].keys()


@pytest.mark.parametrize(("language", "local"), [("de", "29. November 2026, 10:00"), ("en", "29 November 2026, 10:00")])
def test_MAIL_14_a_notice_is_one_of_our_own_in_plain_words(language: str, local: str):
    message = message_from_bytes(
        written(replace(NOTICE, language=language), "b@buyer.example", "<q@buyer.example>", DOMAIN),
        _class=EmailMessage,
        policy=default,
    )
    text = message.get_content()
    assert "other@mail.shop.example" in text
    assert local in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 76
    assert (message["Reply-To"], message["To"]) == ("desk@mail.shop.example", "b@buyer.example")
    assert (message["Auto-Submitted"], message["In-Reply-To"]) == ("auto-generated", "<q@buyer.example>")
    assert message["Message-ID"] == f"<{NOTICE.id}@mail.shop.example>"


def test_a_seller_reads_the_language_of_its_country():
    assert [replace(NOTICE, side=Side.SELLER, country=country).in_language for country in ("AT", "FR", None)] == [
        "de",
        "en",
        "en",
    ]


def test_a_notice_is_tried_for_some_days():
    assert NOTICE.again_at(AT) == AT + timedelta(minutes=1)
    assert NOTICE.again_at(AT + GIVE_UP_AFTER) is None


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", ["message_warned", "message_held", "message_blocked"])
def test_MAIL_10_a_writer_reads_what_was_found_and_nothing_of_it_remains_in_braces(language: str, kind: str):
    words = texts(language)["desk"]
    for found in Found:
        notice = replace(NOTICE, kind=kind, language=language, about={"found": found.value})
        text = message_from_bytes(written(notice, "b@buyer.example", None, DOMAIN), _class=EmailMessage, policy=default)
        assert words[f"found_{found}"] in " ".join(text.get_content().split())
    assert {f"denial_{one}" for one in Denial} | {f"abuse_{one}" for one in Abuse} <= words.keys()
