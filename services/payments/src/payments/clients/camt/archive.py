"""Archives (ZIP) of statements as banks hand them out, a file for each day or account."""

import io
import zipfile

from payments.domain.statements import StatementUnreadable

SIGNATURE, LISTED = b"PK\x03\x04", b"PK\x01\x02"
MOST_FILES = 200
# Of one file and of all together, in bytes as they are unpacked, whatever the archive says of itself.
LARGEST_FILE = 16 * 2**20
LARGEST_ARCHIVE = 32 * 2**20
LONGEST_NAME = 200
# What is listed is read as a whole before anybody can count it; folders and chance may be beside the files.
MOST_LISTED = 10 * MOST_FILES
# Of the other methods zipfile unpacks as much at once as there is, whatever it is asked for.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def is_archive(content: bytes) -> bool:
    """Return whether it is a ZIP archive with something in it."""
    return content.startswith(SIGNATURE)


def unpack(content: bytes) -> list[tuple[str, bytes]]:
    """Return the names and contents of an archive's files in its order.

    Raises StatementUnreadable where it is broken, encrypted, empty, larger than the bounds above, or packed by a method
    other than deflate. Nothing is written anywhere, so a name may be any. Run it off the event loop.
    """
    if content.count(LISTED) > MOST_LISTED:
        raise StatementUnreadable("too-many-files")
    try:
        return _unpacked(zipfile.ZipFile(io.BytesIO(content)))
    except StatementUnreadable:
        raise
    except Exception:  # zipfile lets through whatever it comes upon: of struct, of an index, of a number too large
        raise StatementUnreadable("broken-archive") from None


def _unpacked(archive: zipfile.ZipFile) -> list[tuple[str, bytes]]:
    left, unpacked = LARGEST_ARCHIVE, list[tuple[str, bytes]]()
    if not all(one.filename for one in archive.infolist()):
        raise StatementUnreadable("broken-archive")
    found = [one for one in archive.infolist() if not one.is_dir()]
    if not 0 < len(found) <= MOST_FILES:
        raise StatementUnreadable("too-many-files" if found else "no-file")
    if any(one.compress_type not in METHODS for one in found):
        raise StatementUnreadable("packing-method")
    for one in found:
        with archive.open(one) as packed:
            file = packed.read(min(LARGEST_FILE, left) + 1)
        if len(file) > min(LARGEST_FILE, left):
            raise StatementUnreadable("too-large-unpacked")
        left -= len(file)
        unpacked.append((one.filename[:LONGEST_NAME], file))
    return unpacked
