from typing import Any

import pytest
from chassis.lists import EntryRefused, FileEmpty, FileNotText, FileTooLong, Kind, Options, Reading, compact, read_list
from hypothesis import given
from hypothesis import strategies as st

MOST = 250_000
KEYS = ["AAAA-0001", "BBBB-0002", "CCCC-0003", "DDDD-0004"]


def form(text: str) -> str:
    if text.startswith("OURS"):
        raise EntryRefused("ours")
    return compact(text)


KIND = Kind(form, 6, 200, MOST)


def read(content: str | bytes, **options: Any) -> Reading:
    return read_list(content if isinstance(content, bytes) else content.encode(), KIND, Options(**options))


def texts(content: str | bytes, **options: Any) -> list[str]:
    reading = read(content, **options)
    assert not reading.faulty
    return [entry.text for entry in reading.entries]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("head", ["", "Serial Number", '"Serial_Number"', "# für Müller", "\n// 4 keys\nkey"])
def test_a_list_is_read_whoever_wrote_it(encoding: str, end: str, head: str):
    content = (head + end + end.join(KEYS) + end).encode(encoding)
    assert texts(content) == KEYS
    assert not read(content).unlike


@pytest.mark.parametrize(
    "line",
    [
        '"{}"',
        "  {}\t",
        "'{}",
        '="{}"',
        '"=""{}"""',
        "“{}”",
        "„{}“",
        "\u200b{}\ufeff",
        "{}\u00a0",
        "'{}'",
        "{},,",
        "{};",
    ],
)
def test_what_people_and_spreadsheets_put_around_an_entry_is_no_part_of_it(line: str):
    assert texts("\n".join(line.format(key) for key in KEYS)) == KEYS


@pytest.mark.parametrize("dash", "‐‑‒–—−﹣")
def test_a_dash_of_any_look_is_a_hyphen(dash: str):
    assert texts("\n".join(key.replace("-", dash) for key in KEYS)) == KEYS


@pytest.mark.parametrize("sign", ";,\t|")
def test_entries_stand_in_the_column_that_a_heading_or_the_caller_names(sign: str):
    rows = [f"{number}{sign}{key}{sign}'19.99'" for number, key in enumerate(KEYS)]
    headed = "\n".join([sign.join(["No.", "Key", "Price"]), *rows])
    assert texts(headed) == texts(headed, column="key") == texts(headed, column="2") == KEYS
    assert texts(f"sep={sign}\n{headed}") == KEYS
    assert texts("\n".join(rows), column="2") == KEYS
    assert {rule for _, rule in read("\n".join(rows)).faulty} == {"more-than-one-column"}
    assert read(headed, column="Colour").faulty == [(1, "no-such-column")]
    assert read(headed.replace("No.", "Key")).faulty


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("4.50936E+15", "scientific-notation"),
        ("4,50936E+15", "scientific-notation"),
        ("5E+15", "scientific-notation"),
        ("=HYPERLINK(0)", "formula"),
        ('"=1+1"', "formula"),
        ("+49123456", "formula"),
        ("@SUM(A1)", "formula"),
        ("#REF!", "spreadsheet-error"),
        ("#N/A", "spreadsheet-error"),
        ("#######", "spreadsheet-error"),
        ("AAAA\x000001", "characters"),
        ("AAAA\x1b[31m01", "characters"),
        ("ÄÖÜ-0001", "characters"),
        ("AAAA-0001,19.99", "more-than-one-column"),
        ('AAAA"0001', "quotes"),
        ("A" * 201, "too-long"),
        ("A" * 2**20, "too-long"),
        ('"' * 2**20, "too-long"),
        ("A-1", "too-short"),
        ("OURS-0001", "ours"),
    ],
)
def test_a_faulty_line_is_named_with_its_rule(line: str, rule: str):
    for lines in ([KEYS[0], line], [line], [*KEYS, line]):
        assert read("\n".join(lines)).faulty == [(len(lines), rule)]


@pytest.mark.parametrize(
    ("lines", "unlike"),
    [
        (["Access words", *KEYS], {1: "unlike-the-others"}),
        (["Access words", KEYS[0]], {1: "looks-like-a-heading"}),
        ([*KEYS, "Total: 4"], {5: "looks-like-a-total"}),
        (["Key", *KEYS, "serial number"], {6: "looks-like-a-heading"}),
        (["10000001", "10000002", "10000003", "1000004"], {4: "lost-leading-zeros"}),
        ([f"450936000000100{n}" for n in range(1, 4)], {}),
        ([f"45093600000010{n}0" for n in range(1, 4)], dict.fromkeys((1, 2, 3), "rounded-by-a-spreadsheet")),
        (["AAAA-01", "BBBB-002", "CCCC-0003"], {}),
        (["KEY-IN-WORDS-ONLY", "KEY-OF-OTHER-WORDS"], {}),
    ],
)
def test_what_is_unlike_all_others_wants_somebodys_word(lines: list[str], unlike: dict[int, str]):
    reading = read("\n".join(lines))
    assert dict(reading.unlike) == unlike
    assert not reading.faulty


def test_an_entry_stands_once_and_the_lines_that_repeat_it_are_named():
    reading = read("AAAA-0001\nBBBB-0002\naaaa 0001\nAAAA0001\n")
    assert [entry.line for entry in reading.entries] == [1, 2]
    assert reading.facts()["repeated"] == {"count": 2, "lines": [3, 4]}


def test_a_list_is_taken_whole_or_not_at_all():
    sound, repeated, unlike = (read("\n".join([*KEYS, line])) for line in ("", KEYS[0], "Total: 4"))
    assert not sound.refused(Options())
    assert sound.refused(Options(take_unlike=True), known=[1])
    assert not sound.refused(Options(skip_duplicates=True), known=[1])
    assert repeated.refused(Options(take_unlike=True))
    assert not repeated.refused(Options(skip_duplicates=True))
    assert unlike.refused(Options(skip_duplicates=True))
    assert not unlike.refused(Options(take_unlike=True))
    assert read("=A1").refused(Options(take_unlike=True, skip_duplicates=True))


def test_the_first_hundred_lines_are_named_and_all_are_counted():
    faulty = read("=AAAAAA\n" * 1000).facts()["faulty"]
    assert (faulty["count"], len(faulty["lines"])) == (1000, 100)


def test_what_is_no_list_is_refused():
    for binary in (b"PK\x03\x04 a workbook", b"%PDF-1.7", "AAAA".encode("utf-16")[:-1]):
        with pytest.raises(FileNotText):
            read(binary)
    for nothing in (b"", b"\n\n", b"key\n", b"# remark"):
        with pytest.raises(FileEmpty):
            read(nothing)
    with pytest.raises(FileTooLong):
        read(b"\n" * (MOST + 1))


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reader(content: bytes):
    try:
        reading = read(content)
    except (FileNotText, FileEmpty):
        return
    assert len({entry.form for entry in reading.entries}) == len(reading.entries)
    assert reading.entries or reading.faulty
