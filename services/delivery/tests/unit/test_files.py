import unicodedata

import pytest
from delivery.domain.files import FileNameRefused, MediaTypeRefused, file_name, media_type
from delivery.web.downloads import disposition
from hypothesis import given
from hypothesis import strategies as st


@given(st.text(max_size=210))
def test_F_D05_a_name_that_passes_can_mean_no_path_and_hides_nothing(text: str):
    try:
        name = file_name(text)
    except FileNameRefused:
        return
    assert not {"/", "\\", "\0", "\r", "\n", "\u202e"} & set(name)
    assert name not in ("", ".", "..")
    assert name == unicodedata.normalize("NFC", name)
    assert len(name.encode()) <= 200


@pytest.mark.parametrize("name", ["setup.exe", "Größe 2.mp3", "a..b.zip", "archive.tar.gz", "文書.pdf", "a%2fb"])
def test_ordinary_names_of_all_languages_pass(name: str):  # E5 E24
    assert file_name(name) == name


@pytest.mark.parametrize("text", ["audio/mpeg", "application/pdf", "image/jpeg", "application/mac-binhex40"])
def test_media_types_pass_without_their_parameters(text: str):  # E24
    assert media_type(f"{text.upper()}; charset=utf-8") == text


@pytest.mark.parametrize("text", ["", "x", "a/b/c", "text/html\r\nX: y", "../x", "a /b"])
def test_what_is_no_media_type_is_refused(text: str):
    with pytest.raises(MediaTypeRefused):
        media_type(text)


@given(st.text(min_size=1, max_size=60))
def test_whatever_a_file_is_called_its_header_stays_one_line_of_ascii(text: str):
    try:
        header = disposition(file_name(text))
    except FileNameRefused:
        return
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
