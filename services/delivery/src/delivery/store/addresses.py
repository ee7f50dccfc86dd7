"""Secret addresses: the download each stands for, with all that decides whether it may be fetched."""

from typing import Any

from chassis.db import Read

from delivery.domain.files import Content, File
from delivery.domain.sessions import Address, OpenConnection
from delivery.store import files, sessions

FIND = f"""
select {sessions.COLUMNS},
       row({files.COLUMNS}) as file, contents.sha256 as content, contents.size as content_size, contents.etag,
       contents.damaged_at, {files.KEPT} as kept,
       array(
         select row(transfers.session_id, transfers.process_id,
                    transfers.seen_at > clock_timestamp() - interval '10 seconds',
                    transfers.seen_at < clock_timestamp() - interval '2 seconds',
                    transfers.arrived_to - transfers.first_byte)
         from transfers
         join sessions as others on others.tenant = transfers.tenant and others.id = transfers.session_id
         where others.tenant = grants.tenant
           and others.grant_id = grants.id
       ) as open
{sessions.JOINED}
join files on files.tenant = sessions.tenant and files.id = sessions.file_id
left join contents
  on contents.tenant = files.tenant and contents.sha256 = files.sha256 and contents.removing_at is null
where sessions.secret_hash = $1
"""  # noqa: S608 -- made of parts of statements


async def find(read: Read, secret_hash: bytes) -> Address | None:
    """Return what an address stands for; it is all its bearer has, so that this tells the tenant."""
    row = await read.row(FIND, secret_hash)
    if row is None:
        return None
    return Address(
        secret_hash=secret_hash,
        session=sessions.session_in(row),
        file=File(*row["file"]),
        content=_content(row),
        open=[OpenConnection(*one) for one in row["open"]],
        retired=not row["kept"],
    )


def _content(row: Any) -> Content | None:
    if row["content"] is None or row["damaged_at"] is not None:
        return None
    return Content(row["content"], row["content_size"], row["etag"])
