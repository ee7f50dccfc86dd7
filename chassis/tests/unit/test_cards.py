"""Card numbers are detected in texts and JSON, and ids are not taken for them."""

import hashlib
import json
import time

import orjson
import pytest
from chassis.telemetry.cards import MASK, cards_in_json, holds_card, without_cards
from chassis.telemetry.masking import mask_text
from uuid_utils.compat import uuid7

CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111 - 1111 - 1111 - 1111",
    "4111.1111.1111.1111",
    "4111\u00a01111\u202f1111\u20111111",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "4222222222222",
    "378282246310005",
    "3782 822463 10005",
    "30569309025904",
    "3566002020360505",
    "5555555555554444",
    "2223003122003222",
    "6011111111111117",
    "6304000000000000000",
]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("around", ["{}", "the card {} please", "?card={}&x=1", "MY{}", "order 12 {} 7", "a\n{}\nb"])
def test_a_card_number_is_known_wherever_it_stands(card: str, around: str):  # F-P30
    text = around.format(card)
    assert holds_card(text)
    assert MASK in mask_text(text)
    assert without_cards(text) == around.format(MASK)
    assert cards_in_json(json.dumps({"a": [text]}).encode()) == [("a", 0)]
    assert cards_in_json(json.dumps({"a": {text: 1}}, ensure_ascii=False).encode()) == [("a", text)]


@pytest.mark.parametrize(
    "text",
    [
        "1751529600000",  # milliseconds, microseconds and nanoseconds since 1970
        "1751529600000000",
        "1751529600000000000",
        "0192d3a4-0000-7000-8000-000000000103",
        "41111111-1111-1111-1111-111111111111",
        "4111111111111112",
        "411111111111111",
        "4111111111111111" * 2,
        "9999999999999995",
        "353918050000000",  # a telephone's number (IMEI) has the same check digit
        "4006381333931",  # GTIN-13
        "+4915123456789",
        "DE89 3704 0044 0532 0130 00",
        "DE89370400440532013000",
        "BE68 5390 0754 7034",
        "RF18 5390 0754 7034",
        "2026-11-02 10:00:00.123456+00:00",
        "4711 12.05.2026 1234 5",
        "49.99 59.99 69.99 79.99",
        "K-2026-000123 / PO 4500017890",
    ],
)
def test_what_only_resembles_a_card_number_is_let_through(text: str):  # F-P30
    for around in ("{}", "see {}, please", '"{}"'):
        assert not holds_card(around.format(text))
        assert without_cards(around.format(text)) == around.format(text)


def test_no_id_and_no_hash_is_taken_for_a_card_number():  # F-P30
    for number in range(20_000):
        assert not holds_card(f"{uuid7()}/{hashlib.sha256(b'%d' % number).hexdigest()}")


def test_a_card_number_written_in_escapes_or_as_a_number_is_found_in_json():  # F-P30
    escaped = b'{"a": "\\u0034111111111111111", "b": 4111111111111111, "c": {"d": "4111\\t1111\\t1111\\t1111"}}'
    assert set(cards_in_json(escaped)) == {("a",), ("b",), ("c", "d")}
    assert cards_in_json(escaped, {"a", "b", "c"}) == []
    assert cards_in_json(b'{"a": "4111111111111111"') == []
    assert cards_in_json(b'{"a": [4111, 1111, 1111, 1111], "b": "4111", "c": "1111 1111 1111"}') == []


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "4-", "4111 ", "RF18 ", "AB12 ", "+1", "0192d3a4-", "4111111111111111 ", "ä1"]
)
def test_no_text_takes_long_to_look_through(piece: str):  # F-P30
    began = time.process_time()
    without_cards(piece * (65_536 // len(piece)))
    assert time.process_time() - began < 5  # some 0.1 s; what grows with the square would take minutes


def test_a_card_number_among_ids_is_found_and_ids_alone_are_not_in_json():  # F-P30
    ids = [str(uuid7()) for _ in range(500)]
    among = {"ids": ids, ids[0]: {"text": f"{ids[1]} 4111 1111 1111 1111", ids[2]: "5500000000000004"}}
    assert set(cards_in_json(orjson.dumps(among))) == {(ids[0], "text"), (ids[0], ids[2])}
    assert cards_in_json(orjson.dumps(ids)) == []
    assert cards_in_json(b'{"a":"0192d3a4-0000-7000-8000-000000000901","b":4111111111111111}') == [("b",)]
