"""Files of a page stand in a message as a mail program would have put them there, whatever they are called."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from mail_relay.clients import typed
from mail_relay.domain import carried
from mail_relay.domain.admission import malformed
from mail_relay.domain.alias import Domain, Side
from mail_relay.domain.attached import files_of
from mail_relay.domain.carried import Carried, Largest
from mail_relay.domain.conversation import Conversation
from mail_relay.domain.policy.attachment import Bounds
from mail_relay.domain.rewriting.entities import read_entity

NOW, ID = datetime(2026, 11, 29, 9, tzinfo=UTC), UUID(int=7)
TALK = Conversation(
    tenant="t", id=ID, seller="kontor", customer_id=ID, contact=(ID, b""), name_box=None, email_box=None,
    language="de", order_id=None, order_number=None, sku=None, opened_at=NOW, messages=0,
    aliases=dict.fromkeys(Side, "x"), desks=dict.fromkeys(Side, "y"),
)  # fmt: skip
KINDS = ("application/pdf", "text/plain; x", "TEXT/HTML", "message/rfc822", "multipart/mixed", "a\r\nBcc: b/c", "", "/")
Names = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=300)


def message(*files: Carried, text: str = "Hallo") -> bytes:
    return asyncio.run(typed.to_seller(TALK, Domain("mail.shop.example"), ID, "Frage", text, NOW, files))


@settings(max_examples=200, deadline=None)
@given(Names, st.sampled_from(KINDS), st.binary(max_size=200))
def test_a_file_is_in_the_message_whatever_its_name_is(name: str, kind: str, content: bytes):
    raw = message(Carried.read(name, kind, content))
    assert not malformed(raw)
    root = read_entity(raw)
    assert root.parts[0].media_type == "text/plain"
    assert len(root.parts) == 2
    assert set(root.fields) <= {"from", "to", "subject", "date", "message-id", "content-type"}
    assert root.parts[1].decoded() == content


def test_what_deceives_in_a_name_is_judged():
    deceiving = Carried.read("gut\u202efdp.exe", "application/pdf", b"%PDF-1.4")
    ((_, content),) = files_of(read_entity(message(deceiving)))
    assert content == b"%PDF-1.4"
    assert carried.refused([deceiving], Bounds()) == ["gutfdp.exe"]
    assert carried.refused([Carried.read("a.pdf", "application/pdf", b"%PDF-1.4")], Bounds()) == []


def test_so_many_octets_of_files_fit_beside_the_longest_text():
    largest = Largest(10 * 2**20)
    whole = Carried.read("a.pdf", "application/pdf", bytes(largest.files))
    assert 9_800_000 < len(message(whole, text="\U0001f600" * 10_000)) <= largest.octets
    assert Largest(10_000).files == 0
