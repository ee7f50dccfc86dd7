"""Style sheets, scripts and pictures: each at an address with its hash, so that browsers keep it for a year."""

import hashlib
import mimetypes
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

from aiohttp import web
from chassis.web import not_found

KEPT: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class Assets:
    """The files of the folder `assets` of some packages, in memory; they are few and small."""

    def __init__(self, *packages: str) -> None:
        self._contents: dict[str, tuple[bytes, str]] = {}
        self._addresses: dict[str, str] = {}
        for package in packages:
            folder = files(package) / "assets"
            for file in folder.iterdir() if folder.is_dir() else ():
                stem, dot, ending = file.name.rpartition(".")
                content = file.read_bytes()
                address = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}{dot}{ending}"
                media_type = TYPES.get(f".{ending}") or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
                self._contents[address] = content, media_type
                self._addresses[file.name] = address

    @property
    def names(self) -> Mapping[str, str]:
        """The name in the address of each file, by the file's own."""
        return self._addresses

    def answer(self, name: str) -> web.Response:
        """Return the file at an address; raises Problem where there is none."""
        if name not in self._contents:
            raise not_found()
        content, media_type = self._contents[name]
        charset = "utf-8" if media_type.startswith("text/") else None
        response = web.Response(body=content, content_type=media_type, charset=charset, headers=KEPT)
        response.enable_compression()
        return response
