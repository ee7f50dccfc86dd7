"""Distribution of a run to workers (pytest-xdist): the tests of a file stay together, for they share its fixtures."""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling


class Together(LoadFileScheduling):
    """Keeps the tests of a file on one worker, and those of all files below each directory in `one_worker`."""

    def _split_scope(self, nodeid: str) -> str:
        # xdist's own groups change the ids of tests, which pytest 9.2 does not accept
        file = super()._split_scope(nodeid)
        directories: list[str] = self.config.getini("one_worker")
        return next((directory for directory in directories if file.startswith(directory)), file)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting `one_worker`."""
    parser.addini("one_worker", "Directories whose tests share what only one worker may have.", "linelist", [])


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name bytes by their parameter: what is in them may differ between workers, which must collect the same."""
    del config
    return argname if isinstance(val, bytes) else None


def pytest_xdist_make_scheduler(config: Any, log: Any) -> Together | None:
    """Use this scheduler for runs that are distributed by files."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
