"""Read downloads slowly, and print what each costs the service as JSON.

One reader for each of the plan's `links` starts a download and reads 4 KB a second for `seconds`; meanwhile /livez is
asked at `probes`. The result has the growth of the service's process (`pid`) in KB for each reader after the first
`warm`, and the latency of /livez. The process should be new: an old one has free memory already.

Usage: python -m benchmarks.download.slow PLAN
"""

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.download.reading import Reader

BUFFER_BYTES = 32_768
STEP_BYTES, STEP_SECONDS = 4096, 1.0
PAUSE = 0.02
LIVEZ = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


def hold(plan: dict[str, Any]) -> dict[str, float]:
    """Open all downloads, read slowly, and ask /livez."""
    host, port, pid = plan["host"], plan["port"], plan["pid"]
    readers = [slow_reader(host, port, link) for link in plan["links"][: plan["warm"]]]
    before = resident(pid)
    readers += [slow_reader(host, port, link) for link in plan["links"][plan["warm"] :]]
    plug = Reader(*plan["probes"]).connect()
    waits: list[float] = []
    end, due = time.perf_counter() + plan["seconds"], 0.0
    while (now := time.perf_counter()) < end:
        if now > due:
            due = now + STEP_SECONDS
            for reader in readers:
                if reader.plug is not None:
                    reader.plug.recv(STEP_BYTES)
        asked = time.perf_counter()
        plug.sendall(LIVEZ)
        if not plug.recv(4096).startswith(b"HTTP/1.1 200"):
            raise ConnectionError("/livez does not answer")
        waits.append(time.perf_counter() - asked)
        time.sleep(PAUSE)
    grown = resident(pid) - before
    return {"kb": grown / (len(readers) - plan["warm"]), "livez_p99_ms": statistics.quantiles(waits, n=100)[98] * 1000}


def slow_reader(host: str, port: int, link: str) -> Reader:
    """Start a download."""
    reader = Reader(host, port)
    reader.connect(BUFFER_BYTES)
    reader.begin(reader.start(link))
    return reader


def resident(pid: int) -> int:
    """Return the resident memory of a process in KB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])


if __name__ == "__main__":
    print(json.dumps(hold(json.loads(Path(sys.argv[1]).read_text()))))
