"""The part of `--against` that runs inside the other release, with its packages alone.

It may use only what every release has: `stack.Stack`, `contracts.topics`, and for `bench` the names `home`, `chosen`,
`open` and `ours` of its benchmarks. It answers on standard output with lines of JSON, and ends with standard input.

Usage: PYTHONPATH=... python -P driver.py MODE HOME LIBRARIES [WORDS...]

- `suite`: start all programs on empty data, answer "ready", and stop them at the end.
- `run SERVICE WORDS...`: run a command of a service on that stack.
- `bench NAME QUICK`: prepare a benchmark, answer "ready", and then each empty line with one sample of its own side.
"""

import asyncio
import json
import os
import signal
import sys
from inspect import signature
from pathlib import Path
from typing import Any, TextIO

import stack.stack as local
from stack import kafka
from stack.stack import Stack

from contracts import topics


def suite(home: Path, answers: TextIO) -> None:
    """Run the whole suite until standard input or the process is ended."""
    declared = [(topic.name, topic.retention_ms) for topic in topics()]
    # the share of spans that an installation records, where a release can tell it apart from all spans
    usual: dict[str, Any] = {"every_span": False} if "every_span" in signature(Stack.__init__).parameters else {}
    running = Stack(home, topics=lambda: declared, **usual)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        running.up(fresh=True)
        answer(answers, "ready")
        sys.stdin.read()
    finally:
        running.down()


async def bench(home: Path, answers: TextIO, name: str, quick: bool) -> None:
    """Measure this release's side of a benchmark once for each line of standard input."""
    from benchmarks.home import home as opened
    from benchmarks.table import chosen

    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    (measured,) = chosen([name])
    async with opened(home) as base, measured.open(base, quick) as sides:
        answer(answers, "ready")
        while await asyncio.to_thread(sys.stdin.readline):
            answer(answers, await sides.ours())


def answer(answers: TextIO, value: Any) -> None:
    """Write one line."""
    answers.write(json.dumps(value) + "\n")
    answers.flush()


def main(mode: str, home: Path, libraries: Path, *words: str) -> None:
    """Do what `mode` says."""
    if str(Path(local.__file__).parents[1]) not in os.environ["PYTHONPATH"].split(os.pathsep):
        raise SystemExit(f"the package stack is not the other release's: {local.__file__}")
    # Only answers go to standard output.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    if not kafka.is_complete(local.LIBRARIES) and kafka.is_complete(libraries):
        local.LIBRARIES = libraries  # pyright: ignore[reportConstantRedefinition] -- so that nothing is fetched
    match mode:
        case "suite":
            suite(home, answers)
        case "run":
            answers.write(Stack(home).run(*words))
            answers.close()
        case _:
            asyncio.run(bench(home, answers, words[0], words[1] == "quick"))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])
