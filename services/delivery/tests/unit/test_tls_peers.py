"""What has arrived over TLS is judged by what the reader's side has acknowledged, never more (E28, DEL-5)."""

import asyncio
import os
import socket
import ssl
from asyncio import SelectorEventLoop
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import uvloop
from chassis.service.certificate import Certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from delivery.clients.peers import LocalSource, ReaderGone, Transfer
from delivery.clients.tls_peers import EncryptedTransfer, transfer_over
from delivery.domain.sessions import Connection

SIZE = 5 * 2**20 + 7
HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
BUFFER = 2**16
LOOPS = pytest.mark.parametrize("loop", [SelectorEventLoop, uvloop.new_event_loop])
VERSIONS = [
    (ssl.TLSVersion.TLSv1_3, None),
    (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-GCM-SHA384"),
    (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305"),
]


def certificate(directory: Path) -> Certificate:
    """A certificate for localhost that signs itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    built = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = directory / "both.pem"
    file.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + secret)
    return Certificate(file, None)


class Sender(asyncio.Protocol):
    """Answers whoever connects with a head and a file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.transfer: Transfer | None = None
        self.outcome: asyncio.Future[tuple[str, int]] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        transport.write(HEAD)
        connection = Connection("kontor", uuid4(), uuid4(), uuid4(), 0, SIZE, "0" * 64)
        self.transfer = transfer_over(transport, connection, 60.0)
        self.task = asyncio.create_task(self.send(self.transfer))

    async def send(self, transfer: Transfer) -> None:
        source = LocalSource(os.open(self.file, os.O_RDONLY))
        try:
            await transfer.run(source)
            outcome = "all"
        except (ReaderGone, OSError):
            outcome = "gone"
        source.close()
        arrived_to = transfer.arrived_to
        transfer.close(reset=arrived_to < SIZE)
        self.outcome.set_result((outcome, arrived_to))


async def fetched(directory: Path, context: ssl.SSLContext, count: int) -> tuple[Sender, bytes, tuple[str, int]]:
    """Fetch so many bytes of a file and break off: the sender, what was read, and how it ended there."""
    (directory / "file").write_bytes(os.urandom(SIZE))
    loop, sender = asyncio.get_running_loop(), Sender(directory / "file")
    server = await loop.create_server(lambda: sender, "127.0.0.1", 0, ssl=certificate(directory).context())
    plug = socket.socket()
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    plug.setblocking(False)
    await loop.sock_connect(plug, server.sockets[0].getsockname())
    reader, writer = await asyncio.open_connection(sock=plug, ssl=context, server_hostname="localhost", limit=2**14)
    assert await reader.readexactly(len(HEAD)) == HEAD
    data = await reader.readexactly(count)
    if count < SIZE:
        writer.transport.abort()
    else:
        writer.close()
        with suppress(ssl.SSLError, OSError):
            await writer.wait_closed()
    outcome = await asyncio.wait_for(sender.outcome, 30)
    server.close()
    return sender, data, outcome


@LOOPS
@pytest.mark.parametrize(("version", "cipher"), VERSIONS)
def test_a_file_that_is_read_whole_over_tls_has_arrived(
    tmp_path: Path, loop: Callable[[], Any], version: ssl.TLSVersion, cipher: str | None
):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    if cipher is not None:
        context.set_ciphers(cipher)
    with asyncio.Runner(loop_factory=loop) as runner:
        sender, data, outcome = runner.run(fetched(tmp_path, context, SIZE))
    assert isinstance(sender.transfer, EncryptedTransfer)
    assert data == (tmp_path / "file").read_bytes()
    assert outcome == ("all", SIZE)


@LOOPS
def test_of_a_file_that_is_broken_off_no_more_has_arrived_than_the_readers_side_has_taken(
    tmp_path: Path, loop: Callable[[], Any]
):
    context, count = ssl.create_default_context(), 2 * 2**20
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with asyncio.Runner(loop_factory=loop) as runner:
        _, data, (outcome, arrived_to) = runner.run(fetched(tmp_path, context, count))
    assert data == (tmp_path / "file").read_bytes()[:count]
    assert outcome == "gone"
    # what the reader's kernel and its TLS may hold: twice the buffer, and what both flows of the client read ahead
    assert count - 2**15 <= arrived_to < count + 2**20
