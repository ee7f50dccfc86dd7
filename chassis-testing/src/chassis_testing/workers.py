"""Sharing a run between workers (pytest-xdist): the tests of a file stay together, for they share its fixtures."""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling


class Together(LoadFileScheduling):
    """Keeps the tests of a file on one worker, and those of all files below each place that `one_worker` names."""

    def _split_scope(self, nodeid: str) -> str:
        # xdist's own groups are told by a change to a test's id, which pytest 9.2 does not take
        file = super()._split_scope(nodeid)
        places: list[str] = self.config.getini("one_worker")
        return next((place for place in places if file.startswith(place)), file)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting."""
    parser.addini("one_worker", "Directories whose tests share what only one worker may have.", "linelist", [])


def pytest_xdist_make_scheduler(config: Any, log: Any) -> Together | None:
    """Where a run is shared by files, share it so."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
