"""Programs of the machine that tests run: skipped where they are not, but never in CI."""

import os
import shutil
from collections.abc import Sequence

import pytest


def require(programs: Sequence[str]) -> None:
    """Skip where a program is missing, or who tests is not root; in CI that fails, for `.ci/run` installs them."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    missing = [program for program in programs if shutil.which(program, path=path) is None]
    missing += [] if os.geteuid() == 0 else ["root"]
    if missing and "CI" in os.environ:
        pytest.fail(f"CI has no {missing}: .ci/run installs them")
    if missing:
        pytest.skip(f"needs {', '.join(missing)}:  apt-get install {' '.join(programs)}, and run as root")
