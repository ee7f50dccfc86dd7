"""A topic may hold any bytes: none of them are lost, and none of them stop the rest."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis_testing import Harness
from chassis_testing.harness import until
from contracts.accounts import CustomerErased
from contracts.event import type_of
from contracts.wire import Attributes, encode
from probe.seen import dead, dead_copy, effects, key
from probe.web import meeting
from uuid_utils.compat import uuid7

Headers = list[tuple[str, bytes | None]]


def good_headers(**changes: bytes | None) -> Headers:
    attributes = Attributes(uuid7(), "other", type_of("MeetingLogged"), "s", None, None, "kontor", None)
    return list({**dict(attributes.to_headers()), **changes}.items())


def good_value(host: UUID) -> bytes:
    return encode(meeting(uuid4(), host))


BAD: dict[str, tuple[Callable[[UUID], bytes | None], Headers, str]] = {
    "a tombstone": (lambda _: None, good_headers(), "the value is empty"),
    "nothing": (lambda _: b"", good_headers(), "the value is empty"),
    "no JSON": (lambda _: b"\xff\xfe{", good_headers(), "not JSON"),
    "a truncated fact": (lambda host: good_value(host)[:-9], good_headers(), "not JSON"),
    "a missing field": (lambda _: b'{"tenant":"kontor"}', good_headers(), "meeting is missing"),
    "NUL in a text": (
        lambda host: good_value(host).replace(b'"kontor"', b'"a\\u0000b"'),
        good_headers(),
        "NUL",
    ),
    "a card number": (
        lambda host: good_value(host).replace(b'"kontor"', b'"pay 4111 1111 1111 1111"'),
        good_headers(),
        "holds a card number",
    ),
    "a card number in escapes": (
        lambda host: good_value(host).replace(b'"kontor"', b'"\\u0034111111111111111"'),
        good_headers(),
        "holds a card number",
    ),
    "a card number for a source": (good_value, good_headers(ce_source=b"4111111111111111"), "holds a card number"),
    "no headers": (good_value, [], "ce_specversion"),
    "no ce_id": (good_value, good_headers(ce_id=None), "ce_id must be a UUID"),
    "a ce_id that is none": (good_value, good_headers(ce_id=b"1'; drop table"), "ce_id must be a UUID"),
    "an unknown version": (good_value, good_headers(ce_specversion=b"2.0"), "ce_specversion"),
    "a later version": (good_value, good_headers(ce_type=f"{type_of('MeetingLogged')}.v2".encode()), "ce_type"),
    "a type of nobody's": (good_value, good_headers(ce_type=b"MeetingLogged"), "ce_type"),
    "a null source": (good_value, good_headers(ce_source=None), "ce_source"),
    "a source not in UTF-8": (good_value, good_headers(ce_source=b"\xff\xfe"), "ce_source"),
    "a source with NUL": (good_value, good_headers(ce_source=b"a\x00b"), "ce_source"),
}


@pytest.mark.parametrize("what", BAD)
async def test_F_E14_what_breaks_the_contract_is_dead_and_the_next_event_takes_effect(probe: Harness, what: str):
    value, headers, reason = BAD[what]
    host = uuid4()
    after = meeting(uuid4(), host)
    raw = value(host)
    await probe.publish_raw("MeetingLogged", key(host), raw, headers)
    await probe.publish(after)
    await probe.settled()
    assert await effects(probe, host) == [after.meeting]
    (found,) = await dead(probe, host)
    assert reason in found
    copy = await dead_copy(probe, host)
    assert (copy.value or b"") == (raw or b"")
    assert same(copy.headers[: len(headers)], headers)


async def test_F_E29_a_fact_from_a_service_that_does_not_publish_it_is_dead(probe: Harness):
    host = uuid4()
    erased = CustomerErased.model_validate(CustomerErased.EXAMPLE).model_copy(update={"customer": host})
    for source in ("orders", "nobody", "accounts"):
        await probe.publish(erased, source=source)
    await probe.settled()
    assert await effects(probe, host) == [host], "it took effect once: accounts erases customers"
    assert await dead(probe, host) == ["ContractViolation: CustomerErased: its source is none that publishes it"] * 2


def same(found: Sequence[tuple[str, Any]], sent: Headers) -> bool:
    """Return whether header values are as they were sent; aiokafka reads a null one as empty."""
    return [(name, value or b"") for name, value in found] == [(name, value or b"") for name, value in sent]


@pytest.mark.parametrize(
    "extra",
    [
        ("x", None),
        ("x", b"\xff\xfe"),
        ("traceparent", b"\x00"),
        ("ce_time", b"yesterday"),
        ("ce_sequence", b"-1"),
        ("ce_dataschema", b"urn:somebody:else"),
        ("ce_colour", b"red"),
    ],
)
async def test_a_strange_header_beside_the_needed_ones_harms_nothing(probe: Harness, extra: tuple[str, bytes | None]):
    host = uuid4()
    event = meeting(uuid4(), host)
    await probe.publish_raw("MeetingLogged", key(host), encode(event), [*good_headers(), extra])
    await probe.settled()
    assert await effects(probe, host) == [event.meeting]


async def test_F_E27_a_fact_with_fields_of_tomorrow_is_understood(probe: Harness):
    host = uuid4()
    event = meeting(uuid4(), host)
    value = encode(event).replace(b"{", b'{"added_tomorrow":1,', 1)
    await probe.publish_raw("MeetingLogged", key(host), value, good_headers())
    await probe.settled()
    assert await effects(probe, host) == [event.meeting]


async def test_an_event_without_a_key_takes_effect(probe: Harness):
    host = uuid4()
    event = meeting(uuid4(), host)
    await probe.publish_raw("MeetingLogged", None, encode(event), good_headers())
    await probe.settled()
    assert await effects(probe, host) == [event.meeting]


async def test_a_dead_event_with_an_empty_key_and_no_value_reaches_the_dead_topic(probe: Harness):
    await probe.publish_raw("MeetingLogged", b"", None, [("mark", b"keyless"), *good_headers()])
    await probe.settled()

    async def copied() -> bool:
        return any(dict(record.headers).get("mark") == b"keyless" for record in probe.log.get("dead.probe", []))

    await until(copied, what="the copy")


async def refused(probe: Harness) -> list[Any]:
    return await probe.sql("select 1 from chassis.outbox where refused is not null")


async def test_F_E15_a_huge_event_is_dead_and_its_refused_copy_holds_no_other(probe: Harness):
    host, other = uuid4(), uuid4()
    await probe.publish_raw("MeetingLogged", key(host), b"x" * 1_048_270, good_headers())
    await until(lambda: dead(probe, host), what="the huge one to be dead")
    await until(lambda: refused(probe), what="its copy to be refused")
    await probe.publish_raw("MeetingLogged", key(other), b"y", good_headers())
    assert (await dead_copy(probe, other)).value == b"y"
    await probe.sql("delete from chassis.outbox")


async def test_a_card_number_of_a_foreign_producer_stands_in_no_table_in_clear(probe: Harness):  # F-P30
    host = uuid4()
    value = good_value(host).replace(b'"kontor"', b'"pay 4111111111111111"')
    await probe.publish_raw("MeetingLogged", key(host), value, good_headers())
    await probe.publish_raw("MeetingLogged", key(host), good_value(host), good_headers(ce_source=b"4111111111111111"))
    await probe.settled()
    assert len(await dead(probe, host)) == 2
    for schema, table in [
        (row["schemaname"], row["tablename"])
        for row in await probe.sql(
            "select schemaname, tablename from pg_tables where schemaname in ('public', 'chassis')"
        )
    ]:
        rows = await probe.sql(f'select t::text as line from "{schema}"."{table}" t')
        assert not [row for row in rows if "4111111111111111" in row["line"]], table
