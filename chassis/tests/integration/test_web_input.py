"""What a client may send: anything. What it gets back: a problem, and never its own words."""

import asyncio
import gzip
import json
from collections.abc import AsyncGenerator
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from chassis.web import reading
from chassis_testing import Harness

MARK = "4111111111111111"
PROBLEM = "application/problem+json"


def write(**changes: Any) -> dict[str, Any]:
    return {"host": str(uuid4()), "text": "a note", **changes}


@pytest.fixture
async def signed_in(probe: Harness) -> AsyncGenerator[aiohttp.ClientSession]:
    token = probe.accounts.token(uuid4(), "customer")
    async with aiohttp.ClientSession(probe.base_url, headers=probe.bearer(token)) as session:
        yield session


def fresh_key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


BAD_BODIES: dict[str, tuple[Any, int]] = {
    "an unknown field": (write(**{MARK: 1}), 422),
    "an unknown field deep inside": (write(parts=[{"weight": 1, MARK: MARK}]), 422),
    "a wrong value under a name the client made up": (write(labels={MARK: MARK}), 422),
    "a number in a text": (write(size=MARK), 422),
    "2^31": (write(size=2**31), 422),
    "2^63": (write(size=2**63), 422),
    "10^400": (json.dumps(write()).replace('"text"', f'"size":1{"0" * 400},"text"'), 422),
    "a fraction": (write(size=1.5), 422),
    "a whole fraction": (write(size=2.0), 422),
    "zero": (write(size=0), 422),
    "a negative number": (write(size=-1), 422),
    "true for a number": (write(size=True), 422),
    "NaN": (json.dumps(write(size=float("nan"))), 422),
    "an empty text": (write(text=""), 422),
    "a text too long": (write(text=MARK * 10), 422),
    "a host that is none": (write(host=MARK), 422),
    "a missing field": ({"text": MARK}, 422),
    "null": (None, 422),
    "a list": ([MARK], 422),
    "a text": (json.dumps(MARK), 422),
    "nothing": ("", 400),
    "half of it": (json.dumps(write(text=MARK))[:-1], 400),
    "two of it": (json.dumps(write(text=MARK)) * 2, 400),
    "no UTF-8": (b'{"text":"\xff' + MARK.encode() + b'"}', 400),
    "a lone surrogate": ('{"text":"\\ud800' + MARK + '"}', 400),
    "NUL": (write(text=f"{MARK}\0"), 422),
    "a raw NUL": (b'{"text":"' + MARK.encode() + b'\x00"}', 422),
    "a byte order mark": (b"\xef\xbb\xbf" + json.dumps(write(text=MARK)).encode(), 400),
    "a name twice": (json.dumps(write())[:-1] + ',"size":1,"size":2}', 400),
    "a name twice, once in escapes": (json.dumps(write())[:-1] + ',"size":1,"\\u0073ize":2}', 400),
    "a name twice deep inside": (json.dumps(write())[:-1] + f',"parts":[{{"weight":{MARK},"weight":1}}]}}', 400),
    "a name of the client's own twice": (json.dumps(write())[:-1] + f',"labels":{{"{MARK}":1,"{MARK}":2}}}}', 400),
    "a deep nest": ("[" * 30_000, 400),
    "too much": (write(text=MARK * 5000), 413),
}


@pytest.mark.parametrize("what", BAD_BODIES)
async def test_a_bad_body_is_refused_without_an_echo(signed_in: aiohttp.ClientSession, what: str):  # F-P13 F-P30
    body, status = BAD_BODIES[what]
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    headers = {"Content-Type": "application/json", **fresh_key()}
    async with signed_in.post("/notes", data=data, headers=headers) as answer:
        text = await answer.text()
        assert answer.status == status, text
        assert answer.content_type == PROBLEM
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert MARK not in text
    assert {"type", "title", "status"} <= json.loads(text).keys()


async def test_a_body_means_one_thing_or_is_refused_as_such(probe: Harness):
    headers = {"Content-Type": "application/json"}
    async with probe.http.post("/guesses", data='{"word":"a","word":"b"}', headers=headers) as answer:
        assert (answer.status, (await answer.json())["type"]) == (400, "/problems/repeated-name")


@pytest.mark.parametrize(
    ("secret", "fault"),
    [
        ("no secret", {"at": "body.secret", "rule": "rule-broken", "reason": "A secret does not say that it is none."}),
        (f"{MARK}!", {"at": "body.secret", "rule": "value_error"}),
    ],
)
async def test_a_rule_of_a_model_is_shown_as_its_authors_sentence_and_never_the_input(
    probe: Harness, secret: str, fault: dict[str, str]
):
    async with probe.http.post("/trials", json={"secret": secret}) as answer:
        text = await answer.text()
    assert json.loads(text)["faults"] == [fault]
    assert secret not in text


async def test_two_idempotency_keys_are_none(signed_in: aiohttp.ClientSession):
    keys = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    async with signed_in.post("/notes", json=write(), headers=keys) as answer:
        assert (answer.status, (await answer.json())["type"]) == (400, "/problems/idempotency-key-missing")


async def test_where_anybody_may_send_a_body_it_is_a_small_one(probe: Harness, signed_in: aiohttp.ClientSession):
    for size, status in ((8_000, 422), (8_200, 413)):
        async with probe.http.post("/trials", json={"secret": "x" * size}) as answer:
            assert answer.status == status
    async with signed_in.post("/notes", json=write(text="x" * 60_000), headers=fresh_key()) as answer:
        assert answer.status == 422


async def test_a_large_body_that_is_refused_anyway_is_not_searched_for_card_numbers(signed_in: aiohttp.ClientSession):
    for size, kind in ((1, "card-number"), (5_000, "invalid")):
        body = write(text=MARK, note="x" * size)
        async with signed_in.post("/notes", json=body, headers=fresh_key()) as answer:
            assert (answer.status, (await answer.json())["type"]) == (422, f"/problems/{kind}")


CARDS: dict[str, tuple[bytes, str]] = {
    "a text": (json.dumps(write(text=f"pay with {MARK}")).encode(), "body.text"),
    "a text in groups": (json.dumps(write(text="4111 1111-1111 1111")).encode(), "body.text"),
    "a text in escapes": (json.dumps(write(text="?")).replace("?", "\\u0034" + MARK[1:]).encode(), "body.text"),
    "an integer": (json.dumps(write(labels={"a": int(MARK)})).encode(), "body.labels.(unknown field)"),
    "a name": (json.dumps(write(labels={MARK: 1})).encode(), "body.labels.(unknown field)"),
    "deep inside": (json.dumps(write(parts=[{"weight": int(MARK)}])).encode(), "body.parts.0.weight"),
    "a field that is not there": (json.dumps(write(note=MARK)).encode(), "body.(unknown field)"),
}


@pytest.mark.parametrize("what", CARDS)
async def test_a_card_number_in_a_body_is_refused_by_its_field(  # F-P30
    probe: Harness, signed_in: aiohttp.ClientSession, what: str
):
    body, field = CARDS[what]
    headers = {"Content-Type": "application/json", **fresh_key()}
    async with signed_in.post("/notes", data=body, headers=headers) as answer:
        text = await answer.text()
    problem = json.loads(text)
    assert (problem["status"], problem["type"]) == (422, "/problems/card-number")
    assert problem["faults"] == [{"at": field, "rule": "card-number"}]
    assert "1111" not in text
    assert not await probe.sql("select from notes where text like '%1111%'")


async def test_a_field_that_is_kept_nowhere_may_look_like_a_card_number(signed_in: aiohttp.ClientSession):  # F-P30
    headers = {"Content-Type": "application/json", **fresh_key()}
    async with signed_in.post("/wakes", json={"word": MARK}) as answer:
        assert (answer.status, (await answer.json())["type"]) == (422, "/problems/card-number")
    async with signed_in.post("/trials", json={"secret": MARK}, headers=headers) as answer:
        assert answer.status == 204


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/notes/{MARK}", 404),
        ("/notes/..%2f..%2fetc", 404),
        ("/notes/%00", 404),
        ("/words/%00", 404),
        ("/words/a%00b", 404),
        ("/words/%ff%fe", 404),
        (f"/nowhere/{MARK}", 404),
        (f"/words/a?{MARK}=1", 400),
        (f"/words/a?also={MARK}&also=2", 400),
        ("/words/a?also=%00", 422),
        (f"/words/a?number={MARK}", 422),
        ("/words/4111%201111%201111%201111", 422),
        (f"/words/a?also=x{MARK}", 422),
        ("/words/a?number=10", 422),
        ("/words/a?number=1.5", 422),
        ("/words/a?number=0_1", 422),
        ("/notes?limit=%205", 422),
        ("/notes/018f3a5be7d27c1d9a4f0123456789ab", 404),
        ("/notes?limit=0", 422),
        ("/notes?limit=501", 422),
        (f"/notes?limit={2**31}", 422),
        (f"/notes?limit={MARK}a", 422),
        (f"/notes?cursor={'x' * 201}", 422),
        ("/notes?cursor=%00", 422),
        ("/notes?page=2", 400),
    ],
)
async def test_a_bad_address_is_refused_without_an_echo(signed_in: aiohttp.ClientSession, path: str, status: int):
    from yarl import URL

    async with signed_in.get(URL(path, encoded=True)) as answer:
        text = await answer.text()
        assert answer.status == status, text
        assert answer.content_type == PROBLEM
    assert MARK not in text


async def test_a_method_that_is_not_there_says_which_are(signed_in: aiohttp.ClientSession):
    async with signed_in.delete("/notes") as answer:
        assert answer.status == 405
        assert answer.content_type == PROBLEM
        assert set(answer.headers["Allow"].split(",")) >= {"GET", "POST"}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_another_media_type_is_refused(signed_in: aiohttp.ClientSession, kind: str):
    headers = {"Content-Type": kind, **fresh_key()}
    async with signed_in.post("/notes", data=json.dumps(write()), headers=headers) as answer:
        assert answer.status == 415


async def test_a_chunked_body_is_measured_as_it_comes(signed_in: aiohttp.ClientSession):
    sent: list[int] = []

    async def endless() -> AsyncGenerator[bytes]:
        yield b'{"text":"'
        for part in range(2000):
            sent.append(part)
            yield b"x" * 10_000

    headers = {"Content-Type": "application/json", **fresh_key()}
    try:
        async with signed_in.post("/notes", data=endless(), headers=headers) as answer:
            assert answer.status == 413
    except aiohttp.ClientConnectionError:
        pass  # hung up on while still sending
    assert len(sent) < 2000


@pytest.mark.parametrize("body", [gzip.compress(b" " * 50_000_000), b"no gzip at all"], ids=["bomb", "broken"])
async def test_a_compressed_body_is_no_way_around_the_limit(signed_in: aiohttp.ClientSession, body: bytes):
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", **fresh_key()}
    async with signed_in.post("/notes", data=body, headers=headers) as answer:
        assert answer.status in {400, 413}
        assert answer.content_type == PROBLEM


async def test_a_body_that_does_not_come_is_not_waited_for(
    probe: Harness, signed_in: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "BODY_SECONDS", 0.2)

    async def slow() -> AsyncGenerator[bytes]:
        yield b"{"
        await asyncio.sleep(3)

    headers = {"Content-Type": "application/json", **fresh_key()}
    async with signed_in.post("/notes", data=slow(), headers=headers) as answer:
        assert answer.status == 408


async def test_broken_chunking_is_a_bad_request(probe: Harness):
    host, port = probe.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = b"POST /guesses HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head + b"2\r\n{}\r\nZZ\r\n")
    whole = await asyncio.wait_for(reader.read(), 5)  # to its end: the connection is closed
    writer.close()
    assert whole.startswith(b"HTTP/1.1 400 ")
    assert whole.count(b"HTTP/1.1 ") == 1


async def test_a_client_that_leaves_in_the_middle_harms_nobody(probe: Harness, signed_in: aiohttp.ClientSession):
    host, port = probe.base_url.removeprefix("http://").split(":")
    for _ in range(5):
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /guesses HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"
        )
        await writer.drain()
        writer.transport.abort()
    async with signed_in.get("/notes") as answer:
        assert answer.status == 200
