"""Where the Unix sockets of a home are: below it, or elsewhere where its path is too long for them."""

import os
import tempfile
from pathlib import Path

LONGEST_DIRECTORY = 70  # a Unix socket's path holds 107 bytes


def sockets(home: Path) -> Path:
    """Return the directory of a home's sockets; it is there then."""
    run = home / "run"
    if len(os.fsencode(run)) <= LONGEST_DIRECTORY:
        run.mkdir(parents=True, exist_ok=True)
        return run
    # a link records the directory, for a short one with a fixed name could belong to someone else
    link = run / "sockets"
    if not link.is_dir():
        run.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        short = Path(tempfile.mkdtemp(prefix="kontor-", dir="/tmp"))
        short.chmod(0o711)
        link.symlink_to(short)
    return link.readlink()
