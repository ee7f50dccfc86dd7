"""Runs on a busy machine: the tests of a file stay together (pytest-xdist); what fails may be tried once more."""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling


class Together(LoadFileScheduling):
    """Keeps the tests of a file on one worker, and those below all directories of a line of `one_worker`."""

    def _split_scope(self, nodeid: str) -> str:
        # xdist's own groups change the ids of tests, which pytest 9.2 does not accept
        file = super()._split_scope(nodeid)
        lines: list[str] = self.config.getini("one_worker")
        return next((line for line in lines if file.startswith(tuple(line.split()))), file)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting `one_worker` and the option `--again`."""
    again = "Run a test on Kafka and PostgreSQL that fails once more, and list it (-rR)."
    parser.addoption("--again", action="store_true", help=again)
    parser.addini(
        "one_worker", "Directories, in a line those whose tests share what only one worker may have.", "linelist", []
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let tests on Kafka and PostgreSQL, whose waits have an end, be run twice; those of pure code fail at once."""
    if config.getoption("again"):
        for item in items:
            if "infrastructure" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name bytes by their parameter: what is in them may differ between workers, which must collect the same."""
    del config
    return argname if isinstance(val, bytes) else None


def pytest_xdist_make_scheduler(config: Any, log: Any) -> Together | None:
    """Use this scheduler for runs that are distributed by files."""
    return Together(config, log) if config.getvalue("dist") == "loadfile" else None
