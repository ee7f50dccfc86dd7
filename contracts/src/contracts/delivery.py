"""The events that delivery publishes."""

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from contracts.bounds import Amount, Count, Time
from contracts.event import Event, Internal, Part, Public, Sealed, days
from contracts.examples import SALE
from contracts.shared import SaleEvent


class File(Part):
    """A file as it is delivered: size in bytes, hash in lower-case hexadecimal SHA-256."""

    file: Public[UUID]
    version: Public[str]
    name: Public[str]
    media_type: Public[str]
    size: Public[Amount]
    sha256: Public[str]


class RevocationReason(StrEnum):
    """Why a link was taken back."""

    REFUNDED = "refunded"
    STAFF = "staff"


_LINE = "0192d3a4-0000-7000-8000-000000000302"
_GRANT = "0192d3a4-0000-7000-8000-000000000501"
_FILE: dict[str, Any] = {
    "file": "0192d3a4-0000-7000-8000-000000000502",
    "version": "1",
    "name": "vista-home-premium.iso",
    "media_type": "application/octet-stream",
    "size": 52428800,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}


class FileReleased(Event, key="sku"):
    """Buyers of this SKU are delivered these files: all of them, replacing what was said before."""

    sku: Public[str]
    files: Public[list[File]]
    released_at: Public[Time]

    EXAMPLE: ClassVar = {
        "tenant": "kontor",
        "sku": "VISTA-HP-ESD",
        "files": [_FILE],
        "released_at": "2026-11-01T00:00:00Z",
    }


class DownloadGranted(SaleEvent, key="order", subject="grant", retention=days(90)):
    """A paid and released line has its download link; `token` is the link's secret, sealed to the customer's contact.

    A link sent anew is said again with a new token.
    """

    line: Public[UUID]
    grant: Public[UUID]
    sku: Public[str]
    units: Public[list[UUID]]
    files: Public[list[File]]
    token: Sealed
    valid_until: Public[Time]
    download_limit: Public[Count]

    EXAMPLE: ClassVar = {
        **SALE,
        "line": _LINE,
        "grant": _GRANT,
        "sku": "VISTA-HP-ESD",
        "units": ["0192d3a4-0000-7000-8000-000000000303"],
        "files": [_FILE],
        "token": {"key": "0192d3a4-0000-7000-8000-000000000103", "kind": "token", "box": "AAAA"},
        "valid_until": "2026-12-02T09:01:00Z",
        "download_limit": 5,
    }


class DownloadExtended(SaleEvent, key="order", subject="grant", retention=days(90)):
    """A grant lives until another moment or allows another number of downloads than before (DEL-4)."""

    line: Public[UUID]
    grant: Public[UUID]
    valid_until: Public[Time]
    download_limit: Public[Count]

    EXAMPLE: ClassVar = {
        **SALE,
        "line": _LINE,
        "grant": _GRANT,
        "valid_until": "2026-12-12T09:01:00Z",
        "download_limit": 6,
    }


class DownloadStarted(SaleEvent, key="order", subject="session", retention=days(90)):
    """Somebody with the link has begun to fetch a file: an attempt, not yet a download (E28)."""

    line: Public[UUID]
    grant: Public[UUID]
    session: Internal[UUID]
    sku: Public[str]
    file: Public[UUID]
    file_version: Public[str]
    started_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "line": _LINE,
        "grant": _GRANT,
        "session": "0192d3a4-0000-7000-8000-000000000503",
        "sku": "VISTA-HP-ESD",
        "file": _FILE["file"],
        "file_version": "1",
        "started_at": "2026-11-02T09:05:00Z",
    }


class DownloadCompleted(SaleEvent, key="order", subject="session", retention=days(90)):
    """Every byte of the file has arrived at the customer's side (E17, E28)."""

    line: Public[UUID]
    grant: Public[UUID]
    session: Internal[UUID]
    sku: Public[str]
    file: Public[UUID]
    file_version: Public[str]
    sha256: Public[str]
    size: Public[Amount]
    completed_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "line": _LINE,
        "grant": _GRANT,
        "session": "0192d3a4-0000-7000-8000-000000000503",
        "sku": "VISTA-HP-ESD",
        "file": _FILE["file"],
        "file_version": "1",
        "sha256": _FILE["sha256"],
        "size": 52428800,
        "completed_at": "2026-11-02T09:06:00Z",
    }


class DownloadRevoked(SaleEvent, key="order", subject="grant", retention=days(90)):
    """The link of a line no longer opens anything (DEL-12)."""

    line: Public[UUID]
    grant: Public[UUID]
    reason: Public[RevocationReason]
    revoked_at: Public[Time]

    EXAMPLE: ClassVar = {
        **SALE,
        "line": _LINE,
        "grant": _GRANT,
        "reason": "refunded",
        "revoked_at": "2026-11-05T09:00:01Z",
    }
