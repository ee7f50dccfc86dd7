"""Secret addresses: the download each stands for, with all that decides whether it may be fetched."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.db import Tx

from delivery.domain.files import Content, File
from delivery.store import sessions
from delivery.store.transfers import Open

LOOK = f"""
select {sessions.COLUMNS},
       files.version as current_version, files.name, files.media_type, files.size as current_size,
       files.sha256 as current_sha256, files.released_at, contents.size as stored, contents.etag,
       contents.damaged_at,
       array(
         select row(transfers.transfer, transfers.session, transfers.process,
                    transfers.seen_at > clock_timestamp() - interval '10 seconds',
                    transfers.seen_at < clock_timestamp() - interval '2 seconds')
         from transfers
         join sessions as others on others.tenant = transfers.tenant and others.session = transfers.session
         where others.tenant = grants.tenant
           and others.grant_id = grants.grant_id
       ) as open
{sessions.JOINED}
join files on files.tenant = sessions.tenant and files.file = sessions.file
left join contents on contents.tenant = files.tenant and contents.sha256 = files.sha256
where sessions.secret_hash = $1
"""  # noqa: S608 -- made of parts of statements


@dataclass(frozen=True, slots=True)
class Address:
    """A download, the file as it is delivered now, and what is stored of it: None where that is damaged or gone.

    `open` are the connections that the download's grant has open, in all processes.
    """

    session: sessions.Session
    file: File
    content: Content | None
    open: Sequence[Open]


async def look(tx: Tx, secret_hash: bytes) -> Address | None:
    """What an address stands for; it is all its bearer has, so that this look-up tells the tenant."""
    row = await tx.row(LOOK, secret_hash)
    if row is None:
        return None
    return Address(
        session=sessions.session_in(row),
        file=_file(row),
        content=_content(row),
        open=[Open(*one) for one in row["open"]],
    )


def _file(row: Any) -> File:
    return File(
        file=row["file"],
        sku=row["sku"],
        version=row["current_version"],
        name=row["name"],
        media_type=row["media_type"],
        size=row["current_size"],
        sha256=row["current_sha256"],
        released_at=row["released_at"],
    )


def _content(row: Any) -> Content | None:
    if row["stored"] is None or row["damaged_at"] is not None:
        return None
    return Content(row["current_sha256"], row["stored"], row["etag"])
