"""A letter that may be on its way while the service is replaced is read by the next release."""

import json
from pathlib import Path
from typing import Any, cast

from letters.store.attempts import LAYOUT

KEPT = Path(__file__).with_name("letter.json")


def holds(now: Any, kept: Any) -> bool:
    """Whether nothing of what was kept is lost; what a later release adds may be more."""
    if isinstance(kept, dict):
        fields = cast("dict[str, Any]", kept)
        return all(name in now and holds(now[name], value) for name, value in fields.items())
    if isinstance(kept, list):
        values = cast("list[Any]", kept)
        return len(now) == len(values) and all(map(holds, now, values))
    return now == kept


def test_a_letter_laid_out_by_the_first_release_is_read_whole():  # I10
    kept = KEPT.read_bytes()
    read = LAYOUT.validate_json(kept)
    assert holds(json.loads(LAYOUT.dump_json(read)), json.loads(kept))
    assert read[0].boxes == ("name", "email", "token", "key")
