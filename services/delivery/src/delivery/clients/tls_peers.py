"""A reader's connection over TLS: the transport encrypts, and what has arrived is read off the kernel's counters.

The size of what is encrypted is known: each record of TLS is so much larger than what it carries (RFC 8446 5.2,
RFC 5288, RFC 7905). So it is known at which of the bytes that the peer has acknowledged each piece ends, and it does
not matter what the transport still holds, or has dropped.
"""

import asyncio
import socket
import struct
from collections import deque

from delivery.clients.peers import ReaderGone, Source, Transfer
from delivery.domain.sessions import Connection

RECORD_BYTES = 16 * 1024
PIECE_BYTES = 2 * RECORD_BYTES
HEAD_BYTES = 4096
"""An answer's head and what TLS sends with it; where the kernel holds no more, the transport holds nothing."""

# struct tcp_info: tcpi_state, tcpi_bytes_acked
TCP_INFO_BYTES, BYTES_ACKED_AT, ESTABLISHED = 128, 120, 1


class EncryptedTransfer(Transfer):
    """The sending of one connection's share of a download over TLS, some 100 KiB of it in the transport's buffers."""

    __slots__ = ("_acknowledged_to", "_ends", "_handed", "_overhead", "_record_bytes")

    def __init__(self, transport: asyncio.Transport, connection: Connection, patience_seconds: float) -> None:
        """Take a connection whose headers are sent; a peer that acknowledges nothing for so long is cut off."""
        super().__init__(transport, connection, patience_seconds)
        self._overhead = overhead(*transport.get_extra_info("cipher")[:2])
        self._record_bytes = RECORD_BYTES
        self._handed: int | None = None
        self._ends: deque[tuple[int, int]] = deque()
        self._acknowledged_to = connection.first

    @property
    def arrived_to(self) -> int:
        """The end of the last piece that the peer's kernel has acknowledged whole."""
        acknowledged = self._kernel()[1]
        while self._ends and self._ends[0][0] <= acknowledged:
            self._acknowledged_to = self._ends.popleft()[1]
        return self._acknowledged_to

    async def give(self, source: Source) -> int | None:
        """Give the transport one piece, if it has passed on the one before."""
        if not self.transport.is_closing() and self.transport.get_write_buffer_size():
            return None
        first = self._handed is None
        if self._handed is None:
            self._handed = await self._head_sent()
        size = RECORD_BYTES if first else PIECE_BYTES
        end = min(self.sent_to + size, self.connection.end)
        piece = (await source.read(self.sent_to, end))[: end - self.sent_to]
        # When the peer has ended its side, the transport may drop without a word what it is given.
        if self.transport.is_closing() or self._kernel()[0] != ESTABLISHED:
            raise ReaderGone
        self.transport.write(piece)
        await asyncio.sleep(0)  # now the transport counts what it holds
        if first:
            self._measure(self._handed, len(piece))
        self._handed += self._encrypted(len(piece))
        self._ends.append((self._handed, self.sent_to + len(piece)))
        return len(piece)

    async def _head_sent(self) -> int:
        """Return how many bytes the kernel has been given when it has the whole head."""
        while self.unacknowledged() > HEAD_BYTES:
            await self.pause(0.005, writable=False)
            self.look()
        await asyncio.sleep(0)
        while True:
            before, held = self._kernel()[1], self.unacknowledged()
            if before == self._kernel()[1]:
                return before + held

    def _measure(self, before: int, size: int) -> None:
        """Learn from the first piece whether the peer has asked for smaller records (RFC 6066 4)."""
        grown = self._kernel()[1] + self.unacknowledged() - before
        while self._encrypted(size) < grown and self._record_bytes > 512:
            self._record_bytes //= 2

    def _encrypted(self, size: int) -> int:
        return size + self._overhead * -(-size // self._record_bytes)

    def _kernel(self) -> tuple[int, int]:
        """Return the state of the connection, and how many bytes the peer has acknowledged since it began."""
        info = self.plug.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
        return info[0], struct.unpack_from("Q", info, BYTES_ACKED_AT)[0]


def overhead(cipher: str, version: str) -> int:
    """Return by how many bytes a record is larger than what it carries; ciphers are AEAD alone (chassis)."""
    if version == "TLSv1.3":
        return 5 + 1 + 16
    return 5 + 16 if "CHACHA20" in cipher else 5 + 8 + 16


def transfer_over(transport: asyncio.Transport, connection: Connection, patience_seconds: float) -> Transfer:
    """Return the transfer for a connection whose headers are sent, in clear or over TLS."""
    kind = Transfer if transport.get_extra_info("sslcontext") is None else EncryptedTransfer
    return kind(transport, connection, patience_seconds)
