"""The machine on which the figures were measured, without names and addresses."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stack.stack import LIBRARIES

from benchmarks.home import Home

PACKAGES = ("aiohttp", "aiokafka", "asyncpg", "faststream", "orjson", "pydantic")
SETTINGS = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_level", "shared_buffers")


async def facts(home: Home) -> dict[str, Any]:
    """Return cores, memory, kernel, versions, durability settings, and the load average at the start."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "processor": _line(Path("/proc/cpuinfo"), "model name"),
        "memory_bytes": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "kernel": platform.release(),
        "load_average_at_start": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "postgres": {name: await home.admin(f"show {name}") for name in SETTINGS},
        "kafka": {
            "version": _kafka(),
            "brokers": 1,
            "acks": "all",
            "flush": "by the operating system",
        },
    }


def _line(file: Path, name: str) -> str:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def _kafka() -> str:
    jars = sorted(LIBRARIES.glob("kafka-clients-*.jar"))
    return jars[0].stem.removeprefix("kafka-clients-") if jars else "unknown"
