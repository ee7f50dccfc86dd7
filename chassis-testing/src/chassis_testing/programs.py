"""Programs of the machine that tests run: skipped where they are not, but never in CI."""

import os
import shutil
from collections.abc import Sequence

import pytest


def require(programs: Sequence[str], *, package: str = "", root: bool = True) -> None:
    """Skip where a program is missing, or who tests is not root; in CI that fails, for `.ci/run` installs them.

    `package` names the Debian package where it is called otherwise than the programs.
    """
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    missing = [program for program in programs if shutil.which(program, path=path) is None]
    missing += ["root"] if root and os.geteuid() else []
    if missing and "CI" in os.environ:
        pytest.fail(f"CI has no {missing}: .ci/run installs them")
    if missing:
        how = f"apt-get install {package or ' '.join(programs)}{', and run as root' if root else ''}"
        pytest.skip(f"needs {', '.join(missing)}:  {how}")
