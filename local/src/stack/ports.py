"""Free TCP ports on this machine."""

import random
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path


def is_free(port: int) -> bool:
    """Return whether a program could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def pick(names: Iterable[str], previous: dict[str, int]) -> dict[str, int]:
    """Return a free port for each name, the previous one if it is still free."""
    ports: dict[str, int] = {}
    taken: set[int] = set()
    candidates = _candidates()
    for name in names:
        port = previous.get(name, 0)
        while not port or port in taken or not is_free(port):
            port = next(candidates)
        ports[name] = port
        taken.add(port)
    return ports


def _candidates() -> Iterator[int]:
    # Below the ephemeral range no outgoing connection can take a port while its owner restarts.
    try:
        end = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError):
        end = 32768
    start = 10240
    if end - start < 2000:
        start, end = 32768, 60999
    while True:
        yield random.randrange(start, end)
