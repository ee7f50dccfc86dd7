"""Fetch files as customers do, and print files and megabytes a second and the median time of one as JSON.

The plan is JSON: `host`, `port`, `clients`, `seconds`, and `path` (a public file) or `links` (addresses whose POST
starts a download).

Usage: python -m benchmarks.download PLAN
"""

import json
import statistics
import sys
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any

from benchmarks.download.reading import Reader


def fetch_all(plan: dict[str, Any]) -> dict[str, float]:
    """Fetch one file after the other with each client; a file begun in time is fetched to its end."""
    turns, took, failures = count(), list[float](), list[BaseException]()
    sizes: list[int] = []
    began = time.perf_counter()

    def client() -> None:
        try:
            reader = Reader(plan["host"], plan["port"])
            while time.perf_counter() - began < plan["seconds"]:
                at = time.perf_counter()
                links = plan["links"]
                path = reader.start(links[next(turns) % len(links)]) if links else plan["path"]
                sizes.append(reader.fetch(path))
                took.append(time.perf_counter() - at)
        except BaseException as error:
            failures.append(error)

    clients = [threading.Thread(target=client) for _ in range(plan["clients"])]
    for thread in clients:
        thread.start()
    for thread in clients:
        thread.join()
    if failures:
        raise failures[0]
    seconds = time.perf_counter() - began
    return {"files": len(sizes) / seconds, "mb": sum(sizes) / seconds / 1e6, "p50_ms": statistics.median(took) * 1000}


if __name__ == "__main__":
    print(json.dumps(fetch_all(json.loads(Path(sys.argv[1]).read_text()))))
