"""An archive shows every change: a byte, a message that was left out, an end that was cut off (MAIL-6)."""

import base64
import io
import json
import os
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from chassis.identity import KeyRing, new_key_pair, seal
from contracts.event import Sealed, SubjectKey
from mail_relay.clients.archive import Whole, look_for_files, packed
from mail_relay.clients.contents import Contents
from mail_relay.clients.verify_archive import faults
from mail_relay.domain.alias import Side
from mail_relay.domain.checkpoint import ARCHIVE, Checkpoint, Signed
from mail_relay.domain.message import Kept
from mail_relay.domain.proof import Fact, Proof, digest
from mail_relay.usecases.checkpointing import ArchiveKeys
from uuid_utils.compat import uuid7

KEYS = ArchiveKeys([base64.urlsafe_b64encode(os.urandom(32)).decode() for _ in range(2)])
PUBLIC = {key: base64.b64encode(public).decode() for key, public in KEYS.public.items()}
NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)


def message(text: bytes) -> bytes:
    """A message with two files of one name, which would leave the folder."""
    file = b'Content-Type: application/pdf; name="../../../etc/pass wd"\r\n\r\n%PDF '
    parts = b"\r\n--a\r\n".join([b"", b"\r\n" + text, file + b"1", file + b"2"])
    return b'Subject: Frage\r\nContent-Type: multipart/mixed; boundary="a"\r\n' + parts + b"\r\n--a--\r\n"


async def archive_of(folder: Path) -> bytes:
    """Three messages, two proofs and two checkpoints."""
    conversation, contents, (private, public) = uuid7(), Contents(f"file://{folder}"), new_key_pair()
    records = SubjectKey(key=uuid7(), public=public)
    rows, heads = list[dict[str, Any]](), list[bytes | None]([None])
    for number, text in enumerate((b"Erste", b"Zweite", b"Dritte"), start=1):
        raw = message(text) if number == 1 else b"Subject: Frage\r\n\r\n" + text + b"\r\n"
        kept = Kept(conversation, number, uuid7(), list(Side)[number % 2], NOW, len(raw), sha256(raw).digest())
        box = str(seal(base64.b64encode(await contents.put(kept.id, raw)).decode(), records, "message"))
        heads.append(kept.digest(heads[-1]))
        rows.append({**{name: getattr(kept, name) for name in Kept.__slots__}, "digest": heads[-1]})
        rows[-1]["records_key_box"] = box
    proofs, head = list[tuple[Proof, bytes]](), None
    for number in (1, 2):
        details = {"code": 250, "answer": "2.0.0 queued"}
        proof = Proof(conversation, number, NOW, Fact.RELAYED, rows[number - 1]["id"], details)
        head = digest(proof.link(), head)
        proofs.append((proof, head))
    checkpoints = [
        Checkpoint(conversation, 1, heads[1], 1, proofs[0][1], NOW),
        Checkpoint(conversation, 3, heads[3], 2, proofs[1][1], NOW),
    ]

    async def fetch(_: Any) -> dict[UUID, Any]:
        return {records.key: private}

    opened = await KeyRing(fetch).unlock([Sealed.parse(row["records_key_box"]) for row in rows])
    signed = [Signed(one, KEYS.key, KEYS.sign(one.statement())) for one in checkpoints]
    whole = Whole(conversation, uuid7(), rows, proofs, signed, opened)  # pyright: ignore[reportArgumentType] -- rows are records
    await look_for_files(whole, contents)
    facts = whole.facts()
    return b"".join([piece async for piece in packed(whole, facts, (KEYS.key, KEYS.sign(ARCHIVE + facts)), contents)])


@pytest.fixture
async def archive(tmp_path: Path) -> bytes:
    return await archive_of(tmp_path)


def read(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def written(files: Mapping[str, bytes]) -> bytes:
    packed_again = io.BytesIO()
    with zipfile.ZipFile(packed_again, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed_again.getvalue()


async def test_MAIL_6_one_changed_byte_of_any_file_is_found(archive: bytes):
    files = read(archive)
    assert faults(written(files), PUBLIC) == []
    for name, content in files.items():
        for at in range(0, len(content), 1 if len(content) < 1000 else 7):
            changed = {**files, name: content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]}
            assert faults(written(changed), PUBLIC), (name, at)


async def test_MAIL_6_a_changed_byte_of_the_packing_changes_nothing_or_is_found(archive: bytes):
    files = read(archive)
    for at in range(0, len(archive), 3):
        changed = archive[:at] + bytes([archive[at] ^ 1]) + archive[at + 1 :]
        assert faults(changed, PUBLIC) or read(changed) == files, at


async def test_the_files_of_messages_lie_beside_them_under_names_that_lead_nowhere_else(archive: bytes):
    files = read(archive)
    listed = json.loads(files["archive.json"])
    first, *others = listed["messages"]
    folder = first["file"].replace("messages/", "attachments/").removesuffix(".eml")
    assert first["attachments"] == [f"{folder}/{number}-etc_pass wd" for number in (1, 2)]
    assert [one["attachments"] for one in others] == [[], []]
    for name, content in zip(first["attachments"], (b"%PDF 1", b"%PDF 2"), strict=True):
        assert (files[name], listed["files"][name]) == (content, sha256(content).hexdigest())


@pytest.mark.torture
async def test_an_archive_of_many_large_files_takes_the_memory_of_one(tmp_path: Path):
    conversation, contents, (private, public) = uuid7(), Contents(f"file://{tmp_path}"), new_key_pair()
    records = SubjectKey(key=uuid7(), public=public)
    rows = list[dict[str, Any]]()
    head = b"Content-Type: application/pdf; name=a.pdf\r\n\r\n"
    for number in range(1, 13):
        raw = head + os.urandom(2_500_000).hex().encode()
        kept = Kept(conversation, number, uuid7(), Side.BUYER, NOW, len(raw), sha256(raw).digest())
        box = str(seal(base64.b64encode(await contents.put(kept.id, raw)).decode(), records, "message"))
        rows.append({**{name: getattr(kept, name) for name in Kept.__slots__}, "digest": b"", "records_key_box": box})

    async def fetch(_: Any) -> dict[UUID, Any]:
        return {records.key: private}

    opened = await KeyRing(fetch).unlock([Sealed.parse(row["records_key_box"]) for row in rows])
    whole = Whole(conversation, uuid7(), rows, [], [], opened)  # pyright: ignore[reportArgumentType] -- rows are records
    tracemalloc.start()
    try:
        await look_for_files(whole, contents)
        signed = (KEYS.key, b"")
        sent = sum([len(piece) async for piece in packed(whole, whole.facts(), signed, contents)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(whole.attached) == 12
    assert sent > 60_000_000  # twelve messages, and the file of each
    assert peak < 45_000_000  # some copies of the one that is packed


def _leave_out(facts: dict[str, Any]) -> str:
    return facts["messages"].pop(1)["file"]


def _cut_off(facts: dict[str, Any]) -> str:
    return facts["messages"].pop()["file"]


def _cut_off_proof(facts: dict[str, Any]) -> None:
    facts["proofs"].pop()


def _change_a_proof(facts: dict[str, Any]) -> None:
    facts["proofs"][0]["link"][-1]["code"] = 251


def _exchange_a_content(facts: dict[str, Any]) -> None:
    facts["messages"][0]["file"] = facts["messages"][2]["file"]


def _move_a_checkpoint(facts: dict[str, Any]) -> None:
    facts["checkpoints"][1]["link"][1] = 2


CHANGES = [_leave_out, _cut_off, _cut_off_proof, _change_a_proof, _exchange_a_content, _move_a_checkpoint]


@pytest.mark.parametrize("signed_again", [False, True])
@pytest.mark.parametrize("change", CHANGES)
async def test_MAIL_6_what_is_left_out_is_found_even_if_the_archive_is_signed_again(
    archive: bytes, change: Callable[[dict[str, Any]], str | None], signed_again: bool
):
    files = read(archive)
    facts = json.loads(files["archive.json"])
    if gone := change(facts):
        del facts["files"][gone], files[gone]
    files["archive.json"] = json.dumps(facts).encode()
    if signed_again:
        signature = base64.b64encode(KEYS.sign(ARCHIVE + files["archive.json"])).decode()
        files["signature.json"] = json.dumps({"key": KEYS.key, "signature": signature}).encode()
    found = faults(written(files), PUBLIC)
    assert found
    assert ("archive.json is not what was signed" in found) is not signed_again


def test_MAIL_6_the_verifier_in_the_archive_needs_nothing_of_the_suite(archive: bytes, tmp_path: Path):
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(tmp_path / "case")
    (tmp_path / "keys.json").write_text(json.dumps({"keys": PUBLIC}))

    def verified(case: bytes) -> tuple[int, str]:
        (tmp_path / "case.zip").write_bytes(case)
        # without the environment, and with one package beside Python's own
        program = [sys.executable, "-I", "case/verify_archive.py", "case.zip", "keys.json"]
        done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert verified(archive) == (0, "all is as it was kept\n")
    files = read(archive)
    changed = next(name for name in files if name.startswith("messages/00002"))
    assert verified(written({**files, changed: b"Another"})) == (
        1,
        f"{changed} is not what was kept\n",
    )
    turned = json.loads(files["archive.json"])
    turned["messages"][:2] = turned["messages"][1::-1]
    assert verified(written({**files, "archive.json": json.dumps(turned).encode()}))[0] == 1


async def test_a_key_that_was_exchanged_still_verifies_and_an_unknown_one_does_not(archive: bytes):
    assert len(PUBLIC) == 2
    assert faults(written(read(archive)), {"0" * 16: PUBLIC[KEYS.key]})
    for lines in ([], ["AAAA"], ["not base64!"], [base64.urlsafe_b64encode(bytes(32)).decode(), ""]):
        with pytest.raises(ValueError, match="32 bytes"):
            ArchiveKeys(lines)
