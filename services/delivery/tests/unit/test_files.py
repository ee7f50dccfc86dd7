import unicodedata

import pytest
from chassis_testing import names
from delivery.domain.files import FileNameRefused, MediaTypeRefused, NameTellsTooMuch, file_name, media_type
from delivery.web.downloads import disposition
from hypothesis import given
from hypothesis import strategies as st

NAMES = [
    *("setup.exe", "Größe 2.mp3", "a..b.zip", "archive.tar.gz", "文書.pdf", "a%2fb"),
    *("می\u200cخواهم.pdf", "क्\u200dष.zip", "\u0600١٢.pdf"),
    *("👩\u200d💻.zip", "❤\ufe0f\u200d🔥.zip", "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f.zip"),
    *("icon@2x.png", "setup@1.2.zip", "Vista Home Basic Englisch.iso", "20261128-0123456789012345.zip"),
    "\U0001fae9.zip",  # an emoji that Python 3.11 does not know yet
]
HIDING = [
    *("a\u200db.zip", "a.\u200dzip", "\u200dä.zip", "ä\u200d", "ä\u200d\u200dä.zip", "a\u00adb.zip"),
    *("a\u202eexe.zip", "a\ufffe.zip", "a\ufdd0.zip", "a\ue000.zip", "a\u2065b.zip"),
    *("a\U000e0067.zip", "a\U000e0fff.zip"),
]


@pytest.mark.parametrize("name", HIDING)
def test_what_is_not_seen_is_refused(name: str):
    with pytest.raises(FileNameRefused):
        file_name(name)


@pytest.mark.parametrize("name", ["erika@example.org.pdf", "erika@example.org", "an max.m@example.org 2.pdf"])
def test_a_name_with_somebodys_address_is_refused(name: str):
    with pytest.raises(NameTellsTooMuch):
        file_name(name)


@given(st.text(max_size=210))
def test_F_D05_a_name_that_passes_can_mean_no_path_and_hides_nothing(text: str):
    try:
        name = file_name(text)
    except (FileNameRefused, NameTellsTooMuch):
        return
    assert not {"/", "\\", "\0", "\r", "\n", "\u202e"} & set(name)
    assert name not in ("", ".", "..")
    assert name == unicodedata.normalize("NFC", name)
    assert len(name.encode()) <= 200


@pytest.mark.parametrize("name", [*NAMES, *(file for *_, file in names.NAMES.values())])
def test_ordinary_names_of_all_languages_pass(name: str):  # E5 E24
    assert file_name(name) == name


@pytest.mark.parametrize("text", ["audio/mpeg", "application/pdf", "image/jpeg", "application/mac-binhex40"])
def test_media_types_pass_without_their_parameters(text: str):  # E24
    assert media_type(f"{text.upper()}; charset=utf-8") == text


@pytest.mark.parametrize("text", ["", "x", "a/b/c", "text/html\r\nX: y", "../x", "a /b"])
def test_what_is_no_media_type_is_refused(text: str):
    with pytest.raises(MediaTypeRefused):
        media_type(text)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("setup.exe", "setup.exe"),
        ("archive.tar.gz", "archive.tar.gz"),
        ("Größe 2.mp3", "Grosse 2.mp3"),
        ("Łódź & Ærø.zip", "Lodz & AEro.zip"),
        ("文書.pdf", "download.pdf"),
        ("文書 2.pdf", "__ 2.pdf"),
        ("👩\u200d💻.zip", "download.zip"),
        ("文書", "download"),
        ("a／b％.zip", "a_b_.zip"),
    ],
)
def test_the_name_for_old_programs_shows_something_and_keeps_its_ending(name: str, plain: str):
    assert f'filename="{plain}";' in disposition(name)


@given(st.text(min_size=1, max_size=60))
def test_whatever_a_file_is_called_its_header_stays_one_line_of_ascii(text: str):
    try:
        header = disposition(file_name(text))
    except (FileNameRefused, NameTellsTooMuch):
        return
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
