"""A client of downloads, with plain sockets; the kernel discards the bytes."""

import re
import socket
from dataclasses import dataclass, field

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LOCATION = re.compile(rb"\r\nlocation: *([^\r]+)", re.IGNORECASE)
PART_BYTES = 2**22
SECONDS = 120


@dataclass(slots=True)
class Reader:
    """A connection that stays open."""

    host: str
    port: int
    plug: socket.socket | None = None
    rest: bytes = field(default=b"")

    def start(self, path: str) -> str:
        """Start a download with a POST, and return its secret address."""
        head = self._ask(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        found = LOCATION.search(head)
        if not head.startswith(b"HTTP/1.1 303") or found is None:
            raise ValueError(f"a link was answered {head[:200]!r}")
        self._skip(_length(head))
        return found[1].decode()

    def fetch(self, path: str, first: int = 0) -> int:
        """Fetch a file from byte `first` to its end, and return the number of bytes."""
        size = self.begin(path, first)
        self._skip(size)
        return size

    def begin(self, path: str, first: int = 0) -> int:
        """Send a GET and read the head of the answer only, and return the number of bytes that follow."""
        head = self._ask(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nRange: bytes={first}-\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 206"):
            raise ValueError(f"a file was answered {head[:200]!r}")
        return _length(head)

    def connect(self, buffer_bytes: int = 0) -> socket.socket:
        """Open the connection, with a receive buffer of so many bytes, or for 0 the system's."""
        self.plug = plug = socket.socket()
        if buffer_bytes:
            plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        plug.settimeout(SECONDS)
        plug.connect((self.host, self.port))
        plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return plug

    def _ask(self, request: str) -> bytes:
        plug = self.plug or self.connect()
        plug.sendall(request.encode())
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            part = plug.recv(4096)
            if not part:
                raise ConnectionError(f"the connection was closed after {received[:200]!r}")
            received += part
        self.rest = received[end + 4 :]
        return received[: end + 4]

    def _skip(self, size: int) -> None:
        left, self.rest = size - len(self.rest), b""
        plug = self.plug or self.connect()
        while left:
            # MSG_TRUNC: the kernel does not copy the bytes, so that reading costs next to nothing.
            got = plug.recv_into(DISCARDED, min(left, PART_BYTES), socket.MSG_TRUNC)
            if not got:
                raise ConnectionError(f"{left} bytes are missing")
            left -= got


DISCARDED = bytearray(PART_BYTES)


def _length(head: bytes) -> int:
    found = LENGTH.search(head)
    if found is None:
        raise ValueError(f"an answer without its length: {head[:200]!r}")
    return int(found[1])
