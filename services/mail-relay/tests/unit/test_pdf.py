"""A case on paper has all that was written, and nothing of it is read as markup (MAIL-7)."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from mail_relay.clients.cases import Unread
from mail_relay.clients.pdf import MOST_MESSAGES, WORDS, Paper, printed
from mail_relay.domain.alias import Side
from mail_relay.domain.attempt import Envelope, Refused
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.export import Export, Form
from mail_relay.domain.proof import Fact, Proof
from mail_relay.domain.reading import Attachment, Shown
from pypdf import PdfReader
from uuid_utils.compat import uuid7

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
# what the fonts of the typesetter have themselves; others are the machine's
SCRIPTS = {"Latin": "Übergröße ąćęłńóśźż", "Greek": "Καλημέρα", "Cyrillic": "Здравствуйте", "Hebrew": "שלום"}


def paper(texts: list[str], language: str = "de") -> Paper:
    one, person = uuid7(), uuid7()
    conversation = Conversation(
        tenant="t", id=one, seller="kontor", customer_id=person, contact=(person, b""), name_box=None, email_box=None,
        language="de", order_id=one, order_number="K-2026-1", sku=None, opened_at=NOW, messages=0,
        aliases=dict.fromkeys(Side, "x"), desks=dict.fromkeys(Side, "x"),
    )  # fmt: skip
    export = Export("t", uuid7(), one, Form.PDF, language, "a dispute", "x", NOW, "y", NOW, NOW)
    ids = [uuid7() for _ in texts]
    rows: list[Any] = [
        {"id": of, "number": number, "side": "buyer", "received_at": NOW, "state": "relayed"}
        for number, of in enumerate(ids, start=1)
    ]
    shown = {
        of: Shown("Frage", text, (Attachment("Übersicht.pdf", "application/pdf", 8),))
        for of, text in zip(ids, texts, strict=True)
    }
    proofs = {of: [Proof(one, 1, NOW, Fact.RELAYED, of, {"code": 250, "answer": "2.0.0 queued"})] for of in ids}
    refused = Refused(uuid7(), "seller", "not_authorised", 900, NOW, None, None, None)
    tried = {refused.id: Envelope("192.0.2.1", "mx.example", "nobody@example.org")}
    return Paper(export, conversation, rows, proofs, [refused], shown, tried)


async def text_of(one: Paper) -> str:
    reader = PdfReader(io.BytesIO(await printed(one, NOW)))
    return "\n".join(page.extract_text() for page in [*reader.pages[:3], *reader.pages[-2:]])


async def test_MAIL_7_what_was_written_and_what_became_of_it_stand_on_paper():
    found = await text_of(paper(["Es startet nicht.", "Immer noch nicht."]))
    for part in ("Fall", "K-2026-1", "Es startet nicht.", "Immer noch nicht.", "250 2.0.0 queued", "weitergeleitet"):
        assert part in found, part
    for part in (
        "Übersicht.pdf",
        "not_authorised",
        "192.0.2.1 · mx.example · nobody@example.org",
        "2026-11-29 09:00:00 UTC",
    ):
        assert part in found, part
    assert "passed on" in await text_of(paper(["x"], "en"))
    assert WORDS["de"].keys() == WORDS["en"].keys()


async def test_the_same_case_is_the_same_paper():
    one = paper(["Guten Tag"])
    assert await printed(one, NOW) == await printed(one, NOW)


@pytest.mark.parametrize(
    "text", ['#read("/etc/passwd")', "*a* _b_ $x^2$ <c> @d = e", '#import "@preview/x:1.0.0"', "`#panic()`", "\\u{41}"]
)
async def test_nothing_that_people_write_is_markup(text: str):
    assert text in await text_of(paper([text]))


@pytest.mark.parametrize("script", SCRIPTS)
async def test_scripts(script: str):
    found = await text_of(paper([SCRIPTS[script]]))
    assert set(SCRIPTS[script]) <= set(found)


async def test_what_cannot_be_read_and_what_is_left_out_is_named():
    one = paper(["x"] * (MOST_MESSAGES + 3))
    first = one.messages[0]["id"]
    found = await text_of(replace(one, texts={**one.texts, first: Unread.DAMAGED}))
    assert "Der Inhalt ist nicht der, der gespeichert wurde." in found
    assert "das Archiv hat alle: 3" in found


async def test_long_texts_are_cut_and_it_says_so():
    found = await text_of(paper(["Anfang\n" + "\n" * 90_000 + "Ende", "kurz"]))
    assert ("Anfang" in found, "Ende" in found, "kurz" in found) == (True, False, True)
    assert found.count("Der Text geht weiter; das Archiv hat ihn ganz.") == 1
