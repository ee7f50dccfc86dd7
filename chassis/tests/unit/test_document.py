"""YAML files of operators: every value as it is written, every fault at its line."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import pytest
from chassis.lists import FileRefused, moment, read_document, whole
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str | None = None
    count: Annotated[int, BeforeValidator(whole), Field(ge=0, le=10**9)] = 0
    since: Annotated[datetime | None, BeforeValidator(moment)] = None


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid")
    items: list[Item] = Field(default_factory=list[Item])


def read(content: str | bytes) -> list[Item]:
    return read_document(content if isinstance(content, bytes) else content.encode(), Document)[0].items


def faults_of(content: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(FileRefused) as refused:
        read(content)
    return [(fault.line, fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize(
    "written",
    [
        *("NO", "no", "on", "off", "yes", "Y", "n", "true", "False", "12:30:00", "190:20:30", "0123", "0o17", "0x1F"),
        *("1_000", "1e3", "1.10", "007", "2026-11-01", "2026-11-01 10:00:00", ".inf", "=", "<<", "4711", "DE", "‘NO’"),
        *("12. Mrz", "Straße", "東京", "नमस्ते", "שלום"),
    ],
)
def test_a_text_is_what_is_written(written: str):
    assert read(f"items: [{{name: {written}}}]")[0].name == written
    assert read(f'items: [{{name: "{written}"}}]')[0].name == written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_is_read_whoever_wrote_it(encoding: str, end: str):
    content = "# für Müller\nitems:\n  - name: Müller\n    count: 12\n".replace("\n", end)
    (item,) = read(content.encode(encoding))
    assert (item.name, item.count) == ("Müller", 12)


@pytest.mark.parametrize(
    "number", ["0123", "1_000", "12:30:00", "1e3", "1.0", "0x1F", "true", "+5", "five", "１２", "", "~"]
)
def test_a_number_is_whole_and_plain(number: str):
    assert faults_of(f"items:\n- name: a\n  count: {number}\n") == [(3, "out-of-range")]
    assert read("items: [{count: '7'}, {count: 0}]")[0].count == 7


@pytest.mark.parametrize(
    "at", ["2026-11-01", "2026-11-01T10:00", "1767225600", "20261101", "12:30:00", "0001-01-01T00:00:00Z"]
)
def test_a_moment_has_its_offset_and_a_day_its_zone(at: str):
    assert faults_of(f"items:\n- since: {at}\n") == [(2, "out-of-range")]
    assert read("items: [{since: 2026-11-01T00:00:00+01:00}]")[0].since == datetime(2026, 10, 31, 23, tzinfo=UTC)
    berlin = ZoneInfo("Europe/Berlin")
    assert moment("2026-10-25", berlin, after=timedelta(days=1)) == datetime(2026, 10, 25, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        ("items:\n- name: a\n  name: b\n", [(3, "repeated-field")]),
        ("items: []\n? [a]\n: b\n", [(2, "unknown-field")]),
        ("items:\n- colour: red\n  count: x\n", [(2, "unknown-field"), (3, "out-of-range")]),
        ("items: &x\n- name: a\n", [(1, "no-aliases")]),
        ("items:\n- &a {name: a}\n- *a\n", [(2, "no-aliases"), (3, "no-aliases")]),
        ("items:\n- name: !!python/name:os.system ''\n", [(2, "no-tags")]),
        ("items:\n- name: !!str 5\n", [(2, "no-tags")]),
        ("items: []\n---\nitems: []\n", [(2, "many-documents")]),
        ('items:\n- name: "a\\0b"\n', [(2, "out-of-range")]),
        ("items:\n- name: 4111 1111 1111 1111\n", [(2, "card-number")]),
        ("items:\n- name: a\n\tcount: 1\n", [(3, "no-yaml")]),
        ("items:\n- name: Müller\n".encode("cp1252"), [(2, "no-yaml")]),
        (b"items:\n- name: \0\n", [(1, "no-yaml")]),
        ("", [(1, "empty")]),
        ("- 1\n", [(1, "out-of-range")]),
        ("items: " + "[" * 100_000, [(1, "too-deep")]),
        ("# " + "x" * 3_000_000, [(1, "file-too-large")]),
    ],
)
def test_what_is_no_plain_document_is_refused_at_its_line(content: str | bytes, faults: list[tuple[int, str]]):
    found = faults_of(content)
    assert [fault for fault in found if fault in faults] == faults
    assert {line for line, _ in found} == {line for line, _ in faults}


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_no_file_breaks_the_reader(content: bytes):
    try:
        read_document(content, Document)
    except FileRefused as refused:
        faults = refused.faults
    else:
        return
    assert faults
    assert all(fault.line >= 1 and fault.sentence for fault in faults)
