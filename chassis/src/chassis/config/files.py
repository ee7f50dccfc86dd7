"""Files that settings name: read where they are ordinary and small, and refused at once otherwise."""

import errno
import os
import stat
import sys
from pathlib import Path
from typing import Final

LARGEST: Final = 1 << 20
PIPED: Final = frozenset({"-", "/dev/stdin"})


def read_small(file: Path) -> bytes:
    """Return the content of a file that a setting names.

    Links are followed, for that is how Kubernetes mounts secrets. Raises OSError where there is none, and where it is
    none to read a secret from: a pipe or a device, for which whoever reads would wait without an end, or a large one.
    """
    require_small(file)
    # between the two looks it may have become a pipe, which is then opened without waiting for who writes
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        _require(os.fstat(opened.fileno()), file)
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise _too_large(file)
    return content


def read_given(file: Path) -> bytes:
    """Return the content of a file that an operator gives to a command; `-` and /dev/stdin are what is piped into it.

    A program that reads its settings must not wait for who writes a pipe; a command may, whoever runs it sees it wait.
    """
    if str(file) not in PIPED:
        return read_small(file)
    content = sys.stdin.buffer.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise _too_large(file)
    return content


def require_small(file: Path) -> None:
    """Raise OSError where a file is none that settings may name, before somebody else reads it."""
    _require(file.stat(), file)


def _require(found: os.stat_result, file: Path) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "This is a directory", str(file))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "This is a pipe or a device, and no ordinary file", str(file))
    if found.st_size > LARGEST:
        raise _too_large(file)


def _too_large(file: Path) -> OSError:
    return OSError(errno.EFBIG, f"The file has more than {LARGEST:,} bytes", str(file))
