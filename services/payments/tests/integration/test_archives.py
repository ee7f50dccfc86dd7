"""Archives of statements, as savings banks hand them out (PAY-6)."""

from typing import Any

import pytest
from payments.clients import camt
from payments.domain.statements import StatementUnreadable

from .camt import archive, entry, imported, requested, statement
from .house import House


async def sent(house: House, content: bytes, **headers: str) -> tuple[int, Any]:
    headers = {**house.as_staff(), "Content-Type": "application/zip", **headers}
    async with house.harness.http.post("/statements/archives", data=content, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_each_file_of_an_archive_is_booked_for_itself_and_named(house: House):
    one, first = await requested(house)
    other, second = await requested(house)
    content = archive(
        **{
            "camt/2026-11-20.xml": statement([entry("219.00", structured=first)]),
            "camt/Lies mich.txt": b"Guten Tag",
            "camt/2026-11-21.xml": statement([entry("219.00", structured=second)]),
        }
    )
    for _ in "again":
        status, answer = await sent(house, content)
        assert (status, [file["name"] for file in answer["items"]]) == (
            200,
            ["camt/2026-11-20.xml", "camt/Lies mich.txt", "camt/2026-11-21.xml"],
        )
        first_file, text, last_file = answer["items"]
        assert (first_file["imported"]["matched"], last_file["imported"]["matched"]) == (1, 1)
        assert (text["imported"], text["rule"]) == (None, "not-xml")
    for order in (one, other):
        assert len(await house.published("TransferReceived", order)) == 1
    assert (await sent(house, content, **house.as_staff("sales")))[0] == 403
    status, problem = await imported(house, content)
    assert (status, problem["rule"]) == (422, "zip-archive")
    status, problem = await sent(house, content[:-9])
    assert (status, problem["rule"]) == (422, "broken-archive")


def encrypted() -> bytes:
    whole = bytearray(archive(a=b"x"))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        whole[whole.index(header) + flags] |= 1
    return bytes(whole)


def lying() -> bytes:
    """An archive that says of its file of 20 MiB that it has one byte."""
    whole = bytearray(archive(a=bytes(20 * 2**20)))
    for header, size in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = whole.index(header) + size
        whole[at : at + 4] = (1).to_bytes(4, "little")
    return bytes(whole)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "broken-archive"),
        (b"<Document/>", "broken-archive"),
        (archive(), "no-file"),
        (archive(**{"camt/": b""}), "no-file"),
        (archive(**{str(n): b"" for n in range(201)}), "too-many-files"),
        (archive(a=bytes(16 * 2**20 + 1)), "too-large-unpacked"),
        (archive(a=bytes(16 * 2**20), b=bytes(16 * 2**20), c=b"x"), "too-large-unpacked"),
        (encrypted(), "broken-archive"),
        (lying(), "broken-archive"),
    ],
    ids=["nothing", "no archive", "empty", "folder", "many", "large", "large together", "encrypted", "lying"],
)
def test_an_archive_that_is_none_or_beyond_its_bounds_is_refused(content: bytes, rule: str):
    with pytest.raises(StatementUnreadable) as refusal:
        camt.unpack(content)
    assert refusal.value.rule == rule
