"""Send requests to one address as fast as it answers, and print the result as JSON.

It uses sockets and epoll instead of an HTTP library, so that a request costs only some 20 us of CPU. The result has
requests a second, statuses, waiting times, and the share of a core that this program used.

Usage: python -m benchmarks.load HOST PORT CLIENTS SECONDS REQUESTS
"""

import json
import re
import selectors
import socket
import statistics
import sys
import time
from itertools import count, cycle
from pathlib import Path
from typing import Any

from benchmarks.load.request import FRESH, read

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STATUS = slice(9, 12)
SILENT_SECONDS = 30.0


class Connection:
    """A client's connection, with one request at a time."""

    __slots__ = ("answer", "began", "socket", "whole")

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer, self.whole, self.began = b"", -1, 0.0

    def ask(self, request: bytes) -> None:
        """Send a request."""
        self.answer, self.whole, self.began = b"", -1, time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bytes:
        """Read what has arrived, and return the status once the answer is complete, else nothing."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError(f"the connection was closed after {self.answer[:200]!r}")
        self.answer += part
        if self.whole < 0:
            end = self.answer.find(b"\r\n\r\n")
            if end < 0:
                return b""
            length = LENGTH.search(self.answer, 0, end)
            if length is None:
                raise ValueError(f"an answer without its length: {self.answer[:200]!r}")
            self.whole = end + 4 + int(length[1])
        return self.answer[STATUS] if len(self.answer) >= self.whole else b""


def load(host: str, port: int, clients: int, seconds: float, requests: list[bytes]) -> dict[str, Any]:
    """Send the requests in turn for so many seconds. The last of each client is waited for and not counted."""
    turns, numbers = cycle(requests), count(time.time_ns())
    selector = selectors.DefaultSelector()
    waits: list[float] = []
    statuses: dict[str, int] = {}

    def next_request() -> bytes:
        request = next(turns)
        return request.replace(FRESH, b"%024d" % next(numbers)) if FRESH in request else request

    began, worked = time.perf_counter(), time.process_time()
    end = began + seconds
    for _ in range(clients):
        connection = Connection(host, port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask(next_request())
    open_ = clients
    while open_:
        ready = selector.select(SILENT_SECONDS)
        if not ready:
            raise TimeoutError("no answer comes any more")
        for key, _ in ready:
            connection: Connection = key.data
            status = connection.receive()
            if not status:
                continue
            now = time.perf_counter()
            if now > end:
                selector.unregister(connection.socket)
                connection.socket.close()
                open_ -= 1
                continue
            waits.append(now - connection.began)
            statuses[status.decode()] = statuses.get(status.decode(), 0) + 1
            connection.ask(next_request())
    cuts = statistics.quantiles(waits * 2 if len(waits) == 1 else waits, n=100)
    return {
        "per_second": len(waits) / seconds,
        "answered": len(waits) + clients,
        "statuses": statuses,
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
        "busy": (time.process_time() - worked) / (time.perf_counter() - began),
    }


if __name__ == "__main__":
    asked = load(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), read(Path(sys.argv[5])))
    print(json.dumps(asked))
