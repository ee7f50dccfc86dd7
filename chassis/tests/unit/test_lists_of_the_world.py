"""Lists out of spreadsheets of four countries: what is written, and what has to be read of it (E29, LIC-1)."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from chassis.lists import FileNotText, Kind, Options, compact, read_list
from hypothesis import given
from hypothesis import strategies as st

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "corpora" / "lists.yaml").read_text())
KIND = Kind(compact, 5, 200, 1000)
CODE = st.from_regex(r"[A-Z]{2}[0-9]{2}-[A-Z]{2}[0-9]{2}", fullmatch=True)
NO_TEXT = [
    b"PK\x03\x04 a workbook or a document",
    b"\xd0\xcf\x11\xe0 a workbook of old",
    b"%PDF-1.7 a page",
    b"{\\rtf1 a letter}",
    b"\n<html><table><tr><td>AAAA-0001</td></tr></table>",
    b'<?xml version="1.0"?><Workbook/>',
    b"\xff\xd8\xff\xe0 a photograph",
    bytes(range(256)) * 4,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_list_of_the_world_is_read_as_it_is_meant(case: dict[str, Any]):
    written = "".join(case["lines"]) if "\r" in case["lines"] else case["lines"].replace("\n", case.get("ends", "\n"))
    reading = read_list(written.encode(case.get("as", "utf-8")), KIND, Options(**case.get("options", {})))
    named = {name: case.get(name, {}) for name in ("faulty", "unlike", "left_out")}
    assert {name: dict(getattr(reading, name)) for name in named} == named
    assert reading.repeated == case.get("repeated", [])
    unlike = [entry.text for entry in reading.entries if entry.line in named["unlike"]]
    assert unlike == case.get("meant", [])
    taken = [entry.text for entry in reading.entries if entry.line not in named["unlike"]]
    assert taken == case.get("takes", [])


@pytest.mark.parametrize("content", NO_TEXT)
def test_what_is_no_text_is_refused_with_what_to_do(content: bytes):
    with pytest.raises(FileNotText):
        read_list(content, KIND)
    assert "CSV" in str(FileNotText.__doc__)


@given(
    codes=st.lists(CODE, min_size=3, max_size=12, unique=True),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"]),
    end=st.sampled_from(["\r\n", "\n", "\r"]),
    sign=st.sampled_from(";,\t|"),
    heading=st.sampled_from(["Schlüssel", "Clé", "Nyckel", "Key"]),
    quoted=st.booleans(),
    empty=st.booleans(),
    named=st.booleans(),
)
def test_codes_come_out_of_a_table_however_it_was_saved(
    codes: list[str], encoding: str, end: str, sign: str, heading: str, quoted: bool, empty: bool, named: bool
):
    rows = [["Straße", heading, ""], *([f"a{sign}b" if quoted else "é", code, ""] for code in codes)]
    rows = [row for row in rows for row in ([row, ["", "", ""]] if empty else [row])]
    lines = [sign.join(f'"{text}"' if quoted else text for text in row) for row in rows]
    content = end.join([f"sep={sign}"] * named + lines).encode(encoding)
    reading = read_list(content, KIND)
    assert [entry.text for entry in reading.entries] == codes
    assert not reading.refused(Options())


@given(codes=st.lists(CODE, min_size=4, max_size=12, unique=True), data=st.data())
def test_a_line_that_a_spreadsheet_has_spoilt_keeps_the_list_from_being_taken(codes: list[str], data: st.DataObject):
    spoilt = [
        "4,50936E+15",
        "#NAME?",
        "WAHR",
        "12. Mrz",
        "Mar-12",
        "=A1",
        "Summe 12",
        "Total",
        "1.234.567",
        "12:30:00",
        "",
    ]
    line = data.draw(st.sampled_from([*spoilt, f"{codes[0]} {codes[1]}", f"Key: {codes[0]}x"]))
    at = data.draw(st.integers(1, len(codes)))
    rows = [f"1\t{code}" for code in [*codes[:at], line, *codes[at:]]]
    assert read_list("\n".join(["No\tKey", *rows]).encode(), KIND).refused(Options())
