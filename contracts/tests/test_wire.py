"""What travels is read safely, whatever it is: an event, its attributes, or a ContractViolation that quotes nothing."""

import json
import traceback
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from contracts.event import Public, type_of
from contracts.orders import OrderPaid
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import Attributes, ContractViolation, Event, decode, encode, headers

PAID = OrderPaid.model_validate(OrderPaid.EXAMPLE)
VALUE = encode(PAID)
ID = UUID("0192d3a4-0000-7000-8000-000000000999")
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
TRACE = f"00-{'a' * 32}-{'b' * 16}-01"
SECRET = "hunter2"
GOOD = {
    "ce_specversion": b"1.0",
    "ce_id": str(ID).encode(),
    "ce_source": b"orders",
    "ce_type": b"org.kontor.OrderPaid",
    "ce_dataschema": b"urn:kontor:event:OrderPaid",
    "content-type": b"application/json",
    "ce_subject": str(PAID.order).encode(),
    "ce_time": b"2026-11-02T12:00:00Z",
    "ce_sequence": b"0000000000000000007",
    "ce_tenant": b"kontor",
    "traceparent": TRACE.encode(),
}
MANDATORY = ["ce_specversion", "ce_id", "ce_source", "ce_type"]
OPTIONAL = ["ce_dataschema", "ce_subject", "ce_time", "ce_sequence", "ce_tenant", "traceparent"]


def changed(**fields: Any) -> bytes:
    return json.dumps({**json.loads(VALUE), **fields}).encode()


TWICE = "OrderPaid: an object has a name twice"
HOSTILE: dict[str, tuple[str, bytes | None, str]] = {
    "an unknown topic": (SECRET, VALUE, "no event is declared for this topic"),
    "a later version": ("OrderPaid.v2", VALUE, "no event is declared for this topic"),
    "a tombstone": ("OrderPaid", None, "OrderPaid: the value is empty, and facts have no tombstones"),
    "an empty value": ("OrderPaid", b"", "OrderPaid: the value is empty, and facts have no tombstones"),
    "no JSON": ("OrderPaid", SECRET.encode(), "OrderPaid: the value is not JSON"),
    "half a JSON": ("OrderPaid", VALUE[:-1], "OrderPaid: the value is not JSON"),
    "more than JSON": ("OrderPaid", VALUE + SECRET.encode(), "OrderPaid: the value is not JSON"),
    "no UTF-8": ("OrderPaid", VALUE.replace(b"kontor", b"\xff"), "OrderPaid: the value is not JSON"),
    "half a surrogate": ("OrderPaid", VALUE.replace(b"kontor", b"\\ud800"), "OrderPaid: the value is not JSON"),
    "a raw NUL": ("OrderPaid", VALUE.replace(b"kontor", b"a\0b"), "OrderPaid: the value is not JSON"),
    "depth": ("OrderPaid", b"[" * 100_000, "OrderPaid: the value is not JSON"),
    "a huge number": ("OrderPaid", b"9" * 100_000, "OrderPaid: the value is not JSON"),
    "a name twice": ("OrderPaid", VALUE[:-1] + b',"tenant":"other"}', TWICE),
    "a name twice in a part": ("OrderPaid", VALUE.replace(b'"currency"', b'"currency":"USD","currency"'), TWICE),
    "a name twice, once escaped": ("OrderPaid", VALUE.replace(b'"gross"', b'"gros\\u0073":1,"gross"'), TWICE),
    "a name twice where nobody looks": ("OrderPaid", VALUE[:-1] + b',"new":[{"a":1,"a":1}]}', TWICE),
    "a list": ("OrderPaid", b"[]", "OrderPaid: the value is wrong (model_type)"),
    "null": ("OrderPaid", b"null", "OrderPaid: the value is wrong (model_type)"),
    "a text": ("OrderPaid", f'"{SECRET}"'.encode(), "OrderPaid: the value is wrong (model_type)"),
    "a bad id": ("OrderPaid", changed(order=SECRET), "OrderPaid: order is wrong (uuid_parsing)"),
    "a bad time": ("OrderPaid", changed(paid_at=SECRET), "OrderPaid: paid_at is wrong (string_pattern_mismatch)"),
    "a time as a number": ("OrderPaid", changed(paid_at=1), "OrderPaid: paid_at is wrong (string_type)"),
    "a bad choice": ("OrderPaid", changed(customer_type=SECRET), "OrderPaid: customer_type is wrong (enum)"),
    "a number as text": ("OrderPaid", changed(language=7), "OrderPaid: language is wrong (string_type)"),
    "a bad line": ("OrderPaid", changed(lines=[SECRET]), "OrderPaid: lines.0 is wrong (model_type)"),
    "NUL": ("OrderPaid", changed(tenant=f"{SECRET}\0"), "OrderPaid.tenant holds a NUL character"),
    "NUL in a list": (
        "OrderPaid",
        changed(lines=[{**json.loads(VALUE)["lines"][0], "name": "\0"}]),
        "OrderPaid.lines.name holds a NUL character",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_bad_record_is_refused_and_not_quoted(case: str):
    topic, value, message = HOSTILE[case]

    with pytest.raises(ContractViolation) as refused:
        decode(topic, value)

    assert str(refused.value) == message
    assert SECRET not in "".join(traceback.format_exception(refused.value))
    assert refused.value.__context__ is None


def test_missing_fields_are_named_and_counted():
    with pytest.raises(ContractViolation) as refused:
        decode("SerialStockLow", b"{}")
    assert str(refused.value) == (
        "SerialStockLow: tenant is missing, sku is missing, left is missing, low_stock is missing"
    )
    with pytest.raises(ContractViolation, match=r"tenant is missing, .*, 14 more$"):
        decode("OrderPaid", b"{}")


def test_a_backslash_before_u0000_is_not_nul():
    assert decode("OrderPaid", changed(tenant="a\\u0000b")).tenant == "a\\u0000b"


def test_nul_in_a_field_nobody_knows_does_not_matter():
    assert decode("OrderPaid", changed(of_tomorrow="\0")) == PAID


def test_nul_is_not_said():
    with pytest.raises(ContractViolation, match=r"^OrderPaid.language holds a NUL character$"):
        encode(PAID.model_copy(update={"language": f"{SECRET}\0"}))


@pytest.mark.parametrize("shape", [dict[str, str], dict[str, list[str]], tuple[str, int]])
def test_nul_is_found_in_every_shape(declare: Any, shape: Any):
    event = declare({"sale": Public[str], "what": Public[shape]})
    value = {dict[str, str]: {"\0": ""}, dict[str, list[str]]: {"a": ["\0"]}}.get(shape, ("\0", 1))

    with pytest.raises(ContractViolation, match=r"^Sold.what holds a NUL"):
        encode(event(tenant="kontor", sale="1", what=value))


@settings(deadline=None)
@given(st.binary() | st.sampled_from(sorted(Event.ALL)).map(lambda topic: topic.encode()))
def test_no_bytes_raise_anything_else(value: bytes):
    with pytest.raises(ContractViolation):
        decode("OrderPaid", value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(Event.ALL)), st.data())
def test_no_value_of_a_field_raises_anything_else(topic: str, data: st.DataObject):
    example = json.loads(encode(Event.ALL[topic].model_validate(Event.ALL[topic].EXAMPLE)))
    field = data.draw(st.sampled_from(sorted(example)))
    value = json.dumps({**example, field: data.draw(JSON)}).encode()
    try:
        event = decode(topic, value)
    except ContractViolation:
        return
    assert decode(topic, encode(event)) == event


def test_headers_are_those_of_cloudevents_in_binary_mode():
    said = headers(PAID, id=ID, source="orders", time=NOON, sequence=7, traceparent=TRACE)

    assert dict(said) == GOOD
    assert len(said) == len(GOOD)


def test_what_is_not_known_has_no_header():
    said = Attributes(ID, "orders", type_of("OrderPaid"), None, None, None, None, None).to_headers()

    assert {name for name, _ in said} == {*MANDATORY, "content-type"}


def test_a_time_is_written_in_utc():
    time = NOON.astimezone(timezone(timedelta(hours=1)))

    assert ("ce_time", b"2026-11-02T12:00:00Z") in headers(PAID, id=ID, source="orders", time=time)


def test_a_time_without_zone_is_not_written():
    with pytest.raises(ValueError, match="zone"):
        headers(PAID, id=ID, source="orders", time=NOON.replace(tzinfo=None))


def test_sequences_sort_as_texts():
    texts = [dict(headers(PAID, id=ID, source="orders", time=NOON, sequence=n))["ce_sequence"] for n in (9, 10, 2**62)]

    assert texts == sorted(texts)


def test_attributes_survive_the_wire():
    said = Attributes(ID, "orders", "OrderPaid", str(PAID.order), NOON, 7, "kontor", TRACE)

    assert Attributes.parse(said.to_headers()) == said


BAD_FOR_ALL = [None, b"", b"\xff", b"a\0b", b"a\nb", b"x" * 256]
BAD = {
    "ce_specversion": [b"0.3", b"1.0 "],
    "ce_id": [b"7", b"0192d3a4000070008000000000000999", b"{0192d3a4-0000-7000-8000-000000000999}"],
    "ce_time": [b"noon", b"2026-11-02T12:00:00", b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00"],
    "ce_sequence": [b"-1", b"1.5", b"1_0", b" 1", "٣".encode(), b"9223372036854775808", b"9" * 5000],
    "traceparent": [b"00-zz", TRACE.upper().encode(), TRACE.encode() + b"-more"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in MANDATORY for value in (*BAD_FOR_ALL, *BAD.get(name, []))]
)
def test_a_bad_required_header_is_a_violation(name: str, value: bytes | None):
    with pytest.raises(ContractViolation, match=rf"^{name} must be"):
        Attributes.parse([*{**GOOD, name: value}.items()])


@pytest.mark.parametrize("name", MANDATORY)
def test_a_missing_required_header_is_a_violation(name: str):
    with pytest.raises(ContractViolation, match=rf"^{name} must be"):
        Attributes.parse([(other, value) for other, value in GOOD.items() if other != name])


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in OPTIONAL for value in (*BAD_FOR_ALL, *BAD.get(name, []))]
)
def test_a_bad_optional_header_reads_as_absent(name: str, value: bytes | None):
    without = Attributes.parse([(other, kept) for other, kept in GOOD.items() if other != name])

    assert Attributes.parse([*{**GOOD, name: value}.items()]) == without
    assert without != Attributes.parse([*GOOD.items()])


@pytest.mark.parametrize("name", MANDATORY)
@pytest.mark.parametrize("other", [b"other", None])
def test_a_contradictory_required_header_is_a_violation(name: str, other: bytes | None):
    before, after = [(name, other), *GOOD.items()], [*GOOD.items(), (name, other)]
    for said in (before, after, [*after, (name, GOOD[name])]):
        with pytest.raises(ContractViolation, match=rf"^{name} must be"):
            Attributes.parse(said)


def test_a_contradictory_optional_header_reads_as_absent():
    assert Attributes.parse([*GOOD.items(), ("ce_tenant", b"other")]).tenant is None


def test_a_repeated_header_is_read_once():
    assert Attributes.parse([*GOOD.items(), *GOOD.items()]) == Attributes.parse([*GOOD.items()])


def test_unknown_headers_are_ignored():
    assert Attributes.parse([("x", None), *GOOD.items(), ("", b"\xff")]) == Attributes.parse([*GOOD.items()])


TEMPTING = [*GOOD.values(), *(value for values in BAD.values() for value in values)]
VALUES = st.none() | st.binary(max_size=40) | st.sampled_from(TEMPTING)
HEADERS = st.lists(st.tuples(st.sampled_from([*GOOD, "x"]) | st.text(), VALUES), max_size=12)


@settings(deadline=None)
@given(HEADERS, st.booleans(), st.text() | st.datetimes(timezones=st.timezones()).map(lambda time: time.isoformat()))
def test_no_headers_raise_anything_else(said: list[tuple[str, bytes | None]], complete: bool, text: str):
    also = [*{**GOOD, "ce_time": text.encode(errors="replace")}.items()] if complete else []
    try:
        read = Attributes.parse([*said, *also])
    except ContractViolation:
        return
    assert Attributes.parse(read.to_headers()) == read
