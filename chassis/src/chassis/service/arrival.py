"""What has arrived at a connection: heads cut apart, and what nobody has read yet."""

import asyncio
import fcntl
import termios
from collections.abc import Iterator
from typing import Final

HEAD_END: Final = b"\r\n\r\n"


def pieces(data: bytes) -> Iterator[bytes]:
    """Return bytes in pieces, each of which ends no later than the first end of a head in it."""
    begin = 0
    while 0 <= (end := data.find(HEAD_END, begin)) < len(data) - len(HEAD_END):
        yield data[begin : end + len(HEAD_END)]
        begin = end + len(HEAD_END)
    yield data[begin:]


def waits(transport: asyncio.BaseTransport) -> bool:
    """Return whether the kernel has bytes of the other side that nobody has read."""
    count = bytearray(4)
    fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.FIONREAD, count)
    return any(count)
