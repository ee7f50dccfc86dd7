"""Archives (ZIP) of statements as banks hand them out, a file for each day or account."""

import io
import zipfile
import zlib

from payments.domain.statements import StatementUnreadable

SIGNATURE = b"PK\x03\x04"
MOST_FILES = 200
# Of one file and of all together, in bytes as they are unpacked, whatever the archive says of itself.
LARGEST_FILE = 16 * 2**20
LARGEST_ARCHIVE = 32 * 2**20
LONGEST_NAME = 200
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def is_archive(content: bytes) -> bool:
    """Return whether it is a ZIP archive with something in it."""
    return content.startswith(SIGNATURE)


def unpack(content: bytes) -> list[tuple[str, bytes]]:
    """Return the names and contents of an archive's files in its order.

    Raises StatementUnreadable where it is broken, encrypted, empty, or larger than the bounds above. Nothing is written
    anywhere, so a name may be any. Run it off the event loop.
    """
    left, unpacked = LARGEST_ARCHIVE, list[tuple[str, bytes]]()
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        found = [one for one in archive.infolist() if not one.is_dir()]
        if not 0 < len(found) <= MOST_FILES:
            raise StatementUnreadable("too-many-files" if found else "no-file")
        for one in found:
            with archive.open(one) as packed:
                file = packed.read(min(LARGEST_FILE, left) + 1)
            if len(file) > min(LARGEST_FILE, left):
                raise StatementUnreadable("too-large-unpacked")
            left -= len(file)
            unpacked.append((one.filename[:LONGEST_NAME], file))
    except BROKEN:
        raise StatementUnreadable("broken-archive") from None
    return unpacked
