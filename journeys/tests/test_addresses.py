"""What counts as an e-mail address in clear, and that looking for one takes no longer than reading."""

import pytest
from journeys.verify.kafka import PATTERN

LONG = b"a" * 900_000  # tried from each of its signs, this would take half an hour


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"to":"erika@example.org"}', [b"erika@example.org"]),
        (b"<a.b+c@mail.example.co.uk>,x@y.zz", [b"a.b+c@mail.example.co.uk", b"x@y.zz"]),
        (b"erika@localhost @example.org", []),
        (LONG, []),
        (LONG + b"@example.org " + LONG, [LONG + b"@example.org"]),
        (b"x@" + LONG, []),
    ],
    ids=["in JSON", "side by side", "none", "a long word", "a long address", "a long domain"],
)
def test_addresses_are_found_wherever_they_stand(text: bytes, found: list[bytes]):
    assert PATTERN.findall(text) == found
