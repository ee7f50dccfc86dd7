"""All that is kept of a conversation as one ZIP file, with what verifies it (MAIL-6)."""

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import asyncpg
from chassis.identity import Keys
from contracts.event import Sealed

from mail_relay.clients import verify_archive
from mail_relay.clients.cases import Unread, raw
from mail_relay.clients.contents import Contents
from mail_relay.domain.alias import Side
from mail_relay.domain.checkpoint import Signed
from mail_relay.domain.message import Kept
from mail_relay.domain.proof import Proof
from mail_relay.domain.reading import files
from mail_relay.domain.thread import safe_name

MEDIA_TYPE = "application/zip"
VERIFIER = Path(verify_archive.__file__).read_bytes()


@dataclass(frozen=True, slots=True)
class Whole:
    """All that is kept of a conversation but its contents; `opened` are the keys of those that can be opened.

    `refused` are refusals of which the content is kept: id, sealed key, hash. `attached` are, by the file of each
    message, the files in it and their hashes, once they were looked for.
    """

    conversation_id: UUID
    export_id: UUID
    messages: Sequence[asyncpg.Record]
    proofs: Sequence[tuple[Proof, bytes]]
    checkpoints: Sequence[Signed]
    opened: Keys
    refused: Sequence[tuple[UUID, str | None, bytes]] = ()
    attached: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    known: dict[UUID, bool] = field(default_factory=dict[UUID, bool])

    def contents(self) -> Iterator[tuple[str, UUID, str, bytes]]:
        """Yield file, id, sealed key and hash of each content that can be opened."""
        for row in self.messages:
            if self.readable(box := row["records_key_box"]):
                yield _name(row), row["id"], box, row["content_hash"]
        for refusal, box, content_hash in self.refused:
            if box and self.readable(box):
                yield f"refused/{refusal}.eml", refusal, box, content_hash

    def readable(self, box: str | None) -> bool:
        """Return whether what is sealed can be opened. Raises KeysUnavailable, SealBroken."""
        if box is None:
            return False
        sealed = Sealed.parse(box)
        if sealed.key not in self.known:
            self.known[sealed.key] = isinstance(self.opened.open(sealed), str)
        return self.known[sealed.key]

    def facts(self) -> bytes:
        """Return what is signed: every link of both chains, the checkpoints, and the hash of each file."""
        hashes = {name: content_hash.hex() for name, _, _, content_hash in self.contents()}
        for attached in self.attached.values():
            hashes.update(attached)
        hashes["verify_archive.py"] = hashlib.sha256(VERIFIER).hexdigest()
        messages: list[Mapping[str, object]] = []
        for row in self.messages:
            of = (row["number"], row["id"], Side(row["side"]), row["received_at"], row["size"], row["content_hash"])
            name = _name(row) if self.readable(row["records_key_box"]) else None
            link = Kept(self.conversation_id, *of).link()
            attached = list(self.attached.get(name or "", ()))
            messages.append({"link": link, "digest": row["digest"].hex(), "file": name, "attachments": attached})
        return json.dumps(
            {
                "conversation": str(self.conversation_id),
                "export": str(self.export_id),
                "messages": messages,
                "proofs": [{"link": proof.link(), "digest": digest.hex()} for proof, digest in self.proofs],
                "checkpoints": [
                    {"link": one.checkpoint.link(), **_seal(one.key, one.signature)} for one in self.checkpoints
                ],
                "files": hashes,
            },
            indent=1,
        ).encode()


class _Sink:
    """What a ZIP file is written to: it is taken away piece by piece."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, octets: bytes) -> int:
        self._written += octets
        return len(octets)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken, self._written = bytes(self._written), bytearray()
        return taken


async def look_for_files(whole: Whole, contents: Contents) -> None:
    """Find the files in all messages and their hashes, one message in memory at a time.

    Raises ContentsAway, KeysUnavailable, SealBroken.
    """
    for name, of, box, content_hash in whole.contents():
        content = await raw(of, box, content_hash, whole.opened, contents)
        if not isinstance(content, Unread) and (found := await asyncio.to_thread(_hashes, name, content)):
            whole.attached[name] = found


async def packed(whole: Whole, facts: bytes, signed: tuple[str, bytes], contents: Contents) -> AsyncGenerator[bytes]:
    """Yield the archive: facts, their signature, the verifier, each message as it was received, and the files in it.

    One that was damaged is missing, and the verifier names it. Raises ContentsAway, KeysUnavailable, SealBroken.
    """
    sink = _Sink()
    with ZipFile(sink, "w") as archive:  # pyright: ignore[reportCallIssue, reportArgumentType] -- it needs no more than write and flush
        _write(archive, "archive.json", facts)
        _write(archive, "signature.json", json.dumps(_seal(*signed)).encode())
        _write(archive, "verify_archive.py", VERIFIER)
        for name, of, box, content_hash in whole.contents():
            content = await raw(of, box, content_hash, whole.opened, contents)
            if not isinstance(content, Unread):
                await asyncio.to_thread(_write, archive, name, content)
                yield sink.take()
                for path, file in _files(name, content):
                    await asyncio.to_thread(_write, archive, path, file)
                    yield sink.take()
            yield sink.take()
    yield sink.take()


def _files(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield where each file of a message lies in the archive, under a name that leads nowhere else, and its content."""
    of = name.partition("/")[2].removesuffix(".eml")
    for number, (attachment, file) in enumerate(files(content), start=1):
        yield f"attachments/{of}/{number}-{safe_name(attachment.name, 'file.bin')}", file


def _hashes(name: str, content: bytes) -> dict[str, str]:
    return {path: hashlib.sha256(file).hexdigest() for path, file in _files(name, content)}


def _write(archive: ZipFile, name: str, octets: bytes) -> None:
    archive.writestr(ZipInfo(name), octets, ZIP_DEFLATED)


def _name(row: asyncpg.Record) -> str:
    return f"messages/{row['number']:05}-{row['side']}.eml"


def _seal(key: str, signature: bytes) -> Mapping[str, str]:
    return {"key": key, "signature": base64.b64encode(signature).decode()}
