"""Recovery codes as a file: only codes get into it, and nobody keeps it on the way."""

import pytest
from pages.recovery_file import CODES, answer
from pydantic import ValidationError

from pages import words

CODE = "ABCD-EFGH-IJKL-MNOP-QRST-UV27"


@pytest.mark.parametrize(
    ("language", "title"), [("de", "Wiederherstellungscodes für Nord"), ("en", "Recovery codes for")]
)
def test_the_file_has_a_code_in_each_line_and_is_kept_by_nobody(language: str, title: str):
    file = answer(words.read("pages")[language], "Nord", [CODE, CODE])
    lines = str(file.text).split("\r\n")
    assert lines[0].startswith(title)
    assert lines.count(CODE) == 2
    assert file.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert (file.headers["Cache-Control"], file.content_type) == ("no-store", "text/plain")


@pytest.mark.parametrize("codes", [[], [CODE] * 11, ["<script>"], [CODE.lower()], [f"{CODE}\r\nx"], [CODE, ""]])
def test_what_is_no_code_gets_into_no_file(codes: list[str]):
    with pytest.raises(ValidationError):
        CODES.validate_python(codes)
