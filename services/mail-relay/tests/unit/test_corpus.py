"""Nothing hidden leaves in any shape that mail programs write, and the author's own sentence stays as it is."""

import email
import re
from email import policy
from email.message import EmailMessage

import pytest
from mail_relay.domain.rewriting import Kind, Refused, leaks, rewrite

from .building import SECRETS, WAY, Sample, clients, disguised, singles

ALLOWED = {
    "from", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
    "content-type", "content-transfer-encoding",
    "content-disposition", "content-id", "content-description", "content-language",
}  # fmt: skip
SAMPLES = [*clients(), *disguised(), *singles("parts"), *singles("hostile")]


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=policy.default)


def shown(raw: bytes) -> str:
    """Return all texts of a message, as a mail program shows them."""
    texts = [
        str(part.get_content())
        for part in read(raw).walk()
        if part.get_content_maintype() == "text" and not part.is_multipart()
    ]
    return re.sub(r"\s+", " ", "\n".join(texts).replace("&amp;", "&"))


def assert_sound(raw: bytes):
    """Assert that a message is 7-bit, has CRLF and short lines, and has only the fields that are allowed."""
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = read(raw)
    assert {name.lower() for name in message} <= ALLOWED
    assert len(message.keys()) == len({name.lower() for name in message})
    for part in message.walk():
        assert {name.lower() for name in part} <= ALLOWED
        assert not [defect for defect in part.defects if "Boundary" in type(defect).__name__]


@pytest.mark.parametrize("sample", SAMPLES, ids=[sample.name for sample in SAMPLES])
def test_a_message_of_the_corpus_keeps_what_its_author_says_and_shows_nothing_hidden(
    sample: Sample,
):  # MAIL-3, MAIL-5, F-M07
    if sample.refused:
        with pytest.raises(Refused) as refused:
            rewrite(sample.raw, WAY)
        assert refused.value.reason == sample.refused
        return
    rewritten = rewrite(sample.raw, WAY)
    assert_sound(rewritten.raw)
    text = shown(rewritten.raw)
    assert not [left for left in sample.left if re.sub(r"\s+", " ", left).strip() not in text]
    assert not leaks(rewritten.raw, [*(secret for secret in SECRETS if secret not in sample.own), *sample.gone])
    assert set(rewritten.of(Kind.OWN)) >= {own for own in sample.own if "@" in own}
    assert not sample.own or [own for own in sample.own if own in text]


def test_the_corpus_has_300_messages_each_with_a_name_of_its_own():
    assert len(SAMPLES) >= 300
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)
