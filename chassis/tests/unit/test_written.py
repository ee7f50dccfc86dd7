"""A text of an address means what its description says, in no other form."""

from typing import Any
from uuid import UUID

import pytest
from chassis.web.written import adapter
from contracts.bounds import Time
from pydantic import ValidationError

ID = "6f9619ff-8b86-4011-b42d-00c04fc964ff"
OTHERWISE = [
    *((int, text) for text in ("1_0", "+1", "01", "1.0", " 1", "1 ", "١")),
    *((bool, text) for text in ("1", "yes", "on", "t", "True")),
    *((UUID, text) for text in (ID.replace("-", ""), f"urn:uuid:{ID}", f"{{{ID}}}")),
    *((Time, text) for text in ("0.5", "1790000000", "2026-11-02", "2026-11-02T09:00Z", "2026-11-02 09:00:00Z")),
    *((Time, text) for text in ("2026-11-02T09:00:00", "2026-11-02T09:00:00+0100", "1990-11-02T09:00:00Z")),
]


@pytest.mark.parametrize(("kind", "text"), OTHERWISE)
@pytest.mark.parametrize("optional", [False, True])
def test_another_form_is_refused(kind: Any, text: str, optional: bool):
    with pytest.raises(ValidationError):
        adapter(kind | None if optional else kind).validate_strings(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(int, "-10"), (int, "0"), (bool, "true"), (bool, "false"), (UUID, ID), (UUID, ID.upper()), (str, "1_0")]
    + [(Time, f"2026-11-02{time}") for time in ("T09:00:00Z", "T09:00:00.123456789+01:00", "t09:00:00z")],
)
def test_the_form_of_json_is_read(kind: Any, text: str):
    assert adapter(kind).validate_strings(text) is not None
