import pytest
from hypothesis import given
from hypothesis import strategies as st
from licensing.domain.keys import generate
from licensing.domain.serials import MOST_LINES, FileEmpty, FileNotText, FileTooLong, SerialsRefused, read


def rules(content: bytes) -> dict[int, str]:
    with pytest.raises(SerialsRefused) as refused:
        read(content)
    return {line["line"]: line["rule"] for line in refused.value.facts["faulty"]["lines"]}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("header", ["", "Serial{end}", '"License_Key"{end}', "Seriennummer{end}"])
def test_a_file_has_one_serial_a_line_with_or_without_a_header(header: str, end: str):  # LIC-1
    text = header.format(end=end) + f'AAAA-0001{end}{end}"BBBB 0002"{end}  CCCC_0003\t{end}'
    file = read(b"\xef\xbb\xbf" + text.encode())
    assert [serial.text for serial in file.serials] == ["AAAA-0001", "BBBB 0002", "CCCC_0003"]
    assert file.repeated == []


def test_lines_that_repeat_a_serial_are_named_however_it_is_written():  # LIC-1
    file = read(b"AAAA-0001\nBBBB-0002\naaaa 0001\nAAAA0001\n")
    assert [serial.line for serial in file.serials] == [1, 2]
    assert file.repeated == [3, 4]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b"=HYPERLINK(0)", "formula"),
        (b'"=1+1"', "formula"),
        (b"+49123456", "formula"),
        (b"@SUM(A1)", "formula"),
        (b"-1234567", "formula"),
        (b"AAAA\x000001", "characters"),
        (b"AAAA\x1b[31m01", "characters"),
        ("ÄÖÜ-0001".encode(), "characters"),
        (b"AAAA-0001,19.99", "more-than-one-column"),
        (b"AAAA-0001;x", "more-than-one-column"),
        (b'AAAA"0001', "more-than-one-column"),
        (b"A" * 201, "too-long"),
        (b"A" * 2**20, "too-long"),
        (b"A-1", "too-short"),
        (b"-------", "formula"),
    ],
)
def test_a_faulty_line_is_named_with_its_rule(line: bytes, rule: str):
    assert rules(b"AAAA-0000\n" + line + b"\n") == {2: rule}


def test_a_serial_that_validation_would_call_mistyped_is_not_sold():
    key = generate("")
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert rules(wrong.encode()) == {1: "looks-like-a-generated-key"}
    assert read(key.encode()).serials


def test_what_is_no_list_of_serials_is_refused():
    with pytest.raises(FileNotText):
        read(b"AAAA-0001\nBBBB-\xff\xfe02\n")
    with pytest.raises(FileNotText):
        read("AAAA-0001\n".encode("utf-16"))
    for nothing in (b"", b"\n\n", b"serial\n"):
        with pytest.raises(FileEmpty):
            read(nothing)
    with pytest.raises(FileTooLong):
        read(b"\n" * (MOST_LINES + 1))


def test_only_the_first_hundred_faulty_lines_are_named_and_all_are_counted():
    with pytest.raises(SerialsRefused) as refused:
        read(b"=AAAAAA\n" * 1000)
    assert refused.value.facts["faulty"]["count"] == 1000
    assert len(refused.value.facts["faulty"]["lines"]) == 100


@given(st.binary(max_size=400))
def test_no_file_breaks_the_reader(content: bytes):
    try:
        file = read(content)
    except (FileNotText, FileEmpty, FileTooLong, SerialsRefused):
        return
    assert len({serial.form for serial in file.serials}) == len(file.serials) > 0
