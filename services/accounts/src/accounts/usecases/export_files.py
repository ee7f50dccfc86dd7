"""The file of an export: one ZIP, put together while it is sent, of which no more than a part is in memory."""

import asyncio
import zipfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase
from typing import Any

from chassis.db import Read

from accounts.domain.export_readme import readme
from accounts.domain.exports import OWN
from accounts.store import exports, tenants
from accounts.store.exports import Export
from accounts.usecases.key_management import KeyManagement

README = "README.txt"


class ExportRemoved(Exception):
    """The export was deleted while it was being fetched."""


class _Pieces(RawIOBase):
    """A file that cannot be wound back: what was written is taken out of it piece by piece."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        self._written += piece
        return len(piece)

    def take(self) -> bytes:
        piece = bytes(self._written)
        self._written.clear()
        return piece


@dataclass(frozen=True, slots=True)
class ExportFile:
    """An export as a ZIP: README first, then one JSON of each service, accounts first, the others by their names."""

    read: Read
    tenant: str
    export: Export
    kms: KeyManagement

    async def pieces(self) -> AsyncGenerator[bytes]:
        """Yield the bytes of the file; raises ExportRemoved where it was deleted meanwhile."""
        sink, export = _Pieces(), self.export
        answers = sorted(export.answers, key=lambda answer: (answer.service != OWN, answer.service))
        house = await tenants.find(self.read, self.tenant)
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            included = [answer.service for answer in answers]
            shop = self.tenant if house is None else house.name
            progress = export.progress
            text = readme(export.language, shop, export.requested_at, export.expires_at, included, progress.missing)
            archive.writestr(_entry(README, export.requested_at), text)
            yield sink.take()
            for answer in answers:
                with archive.open(_entry(f"{answer.service}.json", export.requested_at), "w") as entry:
                    for number in range(1, answer.parts + 1):
                        await asyncio.to_thread(entry.write, await self._part(answer, number))
                        yield sink.take()
                yield sink.take()
        yield sink.take()

    async def _part(self, answer: exports.Answer, number: int) -> bytes:
        box = await exports.part(self.read, self.tenant, self.export.id, answer, number)
        texts = None if box is None else await self.kms.open(self.read, self.tenant, [box])
        if texts is None:
            raise ExportRemoved
        return texts[0].encode()


def _entry(name: str, at: datetime) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, at.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
