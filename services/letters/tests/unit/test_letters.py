"""Letters stay byte for byte what they were: each file is written from the letter beside it."""

from pathlib import Path

import pytest
from letters.clients.composing import Composer
from letters.domain.sending import Sender
from letters.store.attempts import LAYOUT

LETTERS = sorted(Path(__file__).with_name("letters").glob("*.json"))
OPENED = {"name": "Erika Musterfrau", "email": "erika@example.org", "token": "a/b", "key": "KEY-1"}


@pytest.mark.parametrize("file", LETTERS, ids=lambda file: file.stem)
def test_a_letter_is_written_as_before(file: Path):
    (letter,) = LAYOUT.validate_json(file.read_bytes())
    composer = Composer(Sender("shop@kontor.example"), "https://downloads.example", "Europe/Berlin")
    assert composer.message(letter, OPENED, OPENED["email"]) == file.with_suffix(".eml").read_bytes()
