"""What is kept of messages, what of them is malformed, and what they are to the other side."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from mail_relay.domain.admission import hops, malformed
from mail_relay.domain.alias import Side
from mail_relay.domain.message import Kept, State
from mail_relay.domain.relaying import GIVE_UP_AFTER, Task, ThreadId, after_refusal, shown_ids, shown_name

NOW = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
ID = UUID("0192d3a4-0000-7000-8000-000000000a02")
KEPT = Kept(ID, 1, ID, Side.BUYER, NOW, 10, b"\1" * 32)
TASK = Task(
    tenant="kontor",
    id=ID,
    conversation_id=ID,
    side=Side.BUYER,
    number=1,
    received_at=NOW,
    contact_key_box=None,
    message_id="<ours@mail.example>",
    lost=False,
    failures=0,
    first_failed_at=None,
    traceparent=None,
    seller="kontor",
    name_box=None,
    email_box=None,
    language="de",
    order_number="K-2026-000001",
    reached=None,
    aliases={},
    thread=(),
)


@pytest.mark.parametrize(
    "changed",
    [
        {"conversation_id": UUID(int=1)},
        {"number": 2},
        {"id": UUID(int=1)},
        {"side": Side.SELLER},
        {"received_at": NOW + timedelta(microseconds=1)},
        {"size": 11},
        {"content_hash": b"\2" * 32},
    ],
)
def test_MAIL_6_every_fact_and_the_message_before_are_in_the_digest(changed: dict[str, Any]):
    assert replace(KEPT, **changed).digest(b"before") != KEPT.digest(b"before")
    assert KEPT.digest(None) != KEPT.digest(b"before")


def test_a_digest_is_the_same_in_every_time_zone():
    there = replace(KEPT, received_at=NOW.astimezone(timezone(timedelta(hours=9))))
    assert there.digest(None) == KEPT.digest(None)


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"Subject: x\r\n\r\nHello\r\n", False),
        (b"", False),
        (b"x" * 998 + b"\r\n", False),
        (b"x" * 999 + b"\r\n", True),
        (b"a\nb\r\n", True),
        (b"a\rb\r\n", True),
        (b"a\r\r\n", True),
        (b"a\n\r\n.\r\n", True),
        (b"a\0b\r\n", True),
        (b"a\r\n.\r", True),
    ],
)
def test_F_M01_lines_end_in_one_way(content: bytes, wrong: bool):
    assert malformed(content) is wrong


def test_a_refused_message_is_tried_again_with_growing_pauses_for_two_days():
    state, again = after_refusal(TASK, NOW)
    assert (state, again - NOW) == (State.WAITING, timedelta(seconds=15))
    later = replace(TASK, failures=30, first_failed_at=NOW)
    end = NOW + GIVE_UP_AFTER
    assert after_refusal(later, end - timedelta(hours=1)) == (State.WAITING, end + timedelta(hours=1))
    assert after_refusal(later, end)[0] is State.BOUNCED


def test_MAIL_4_each_side_knows_a_message_by_its_own_id():
    thread = (ThreadId(Side.BUYER, "<1@ours>", "box 1"), ThreadId(Side.SELLER, "<2@ours>", "box 2"))
    boxes = {"box 1": "<a@buyer.example>", "box 2": "<b@seller.example>"}
    opened = list[str]()

    def text(box: str) -> str:
        opened.append(box)
        return boxes[box]

    known = {"<a@buyer.example>": "<1@ours>", "<2@ours>": "<b@seller.example>"}
    assert shown_ids(replace(TASK, thread=thread), {*known, "<else@x.example>"}, text) == known
    seller = replace(TASK, thread=thread, side=Side.SELLER)
    known = {"<1@ours>": "<a@buyer.example>", "<b@seller.example>": "<2@ours>"}
    assert shown_ids(seller, set(known), text) == known
    # no box is opened for what nobody asks for
    opened.clear()
    assert shown_ids(seller, set(), text) == {}
    assert shown_ids(seller, {"<1@ours>"}, text) == {"<1@ours>": "<a@buyer.example>"}
    assert opened == ["box 1"]


def test_a_buyer_is_shown_by_the_order_and_a_seller_by_name():
    assert shown_name(TASK) == "Kunde K-2026-000001"
    assert shown_name(replace(TASK, order_number=None, language="fr")) == "Customer"
    assert shown_name(replace(TASK, side=Side.SELLER)) == "kontor"


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r\n\r\nReceived: from the body\r\n"])
def test_F_M17_hops_are_counted_where_no_text_follows_too(end: bytes):
    assert hops(b"\r\n".join([b"Received: by a", b"Subject: x", b"received: by b"]) + end) == 2
