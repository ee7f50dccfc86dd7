"""Clients are spoken to over TLS, with the certificate that lies in the files now."""

import asyncio
import datetime
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import uvloop
from aiohttp import web
from chassis.service.bounds import Bounds
from chassis.service.certificate import Certificate
from chassis.service.connections import ConnectionRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from structlog.testing import capture_logs

MANY = Bounds(9, None)
GET = b"GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def issue(directory: Path, serial: int) -> tuple[bytes, bytes]:
    """Return a certificate for localhost that signs itself, and its key, and write both."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    built = x509.CertificateBuilder(name, name, key.public_key(), serial, now, now + datetime.timedelta(days=1))
    certificate = built.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    shown = certificate.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (directory / "cert.pem").write_bytes(shown)
    (directory / "key.pem").write_bytes(secret)
    return shown, secret


async def greet(_: web.Request) -> web.Response:
    return web.Response(text="here")


@asynccontextmanager
async def serving(directory: Path, bounds: Bounds = MANY) -> AsyncGenerator[int]:
    app = web.Application()
    app.router.add_get("/x", greet)
    runner = ConnectionRunner(app, bounds, shutdown_timeout=1)
    url = await runner.listen("127.0.0.1", 0, Certificate(directory / "cert.pem", directory / "key.pem"))
    assert url.startswith("https://127.0.0.1:")
    try:
        yield int(url.rpartition(":")[2])
    finally:
        await runner.cleanup()


async def shown(port: int, trusted: bytes, name: str = "localhost") -> int:
    """Ask over TLS, trusting one certificate; return the serial number of the one that was shown."""
    context = ssl.create_default_context(cadata=trusted.decode())
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    writer.write(GET)
    assert b"here" in await reader.read()
    certificate = writer.get_extra_info("ssl_object").getpeercert()
    writer.close()
    return int(certificate["serialNumber"], 16)


async def test_a_certificate_that_is_renewed_is_shown_without_a_restart(tmp_path: Path):
    first, _ = issue(tmp_path, 1)
    async with serving(tmp_path) as port:
        assert await shown(port, first) == 1
        second, _ = issue(tmp_path, 2)
        assert await shown(port, second) == 2
        with pytest.raises(ssl.SSLCertVerificationError):
            await shown(port, first)


async def test_files_that_do_not_fit_leave_the_last_good_certificate(tmp_path: Path):
    first, secret = issue(tmp_path, 1)
    async with serving(tmp_path) as port:
        second, other = issue(tmp_path, 2)
        (tmp_path / "key.pem").write_bytes(secret)
        with capture_logs() as logs:
            assert await shown(port, first) == 1
            (tmp_path / "cert.pem").unlink()
            assert await shown(port, first) == 1
        assert {line["event"] for line in logs} == {"the certificate's files cannot be used"}
        (tmp_path / "cert.pem").write_bytes(second)
        (tmp_path / "key.pem").write_bytes(other)
        assert await shown(port, second) == 2


async def test_who_speaks_in_clear_or_an_old_version_is_not_answered(tmp_path: Path):
    first, _ = issue(tmp_path, 1)
    async with serving(tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(GET)
        assert b"HTTP" not in await reader.read()
        writer.close()
        context = ssl.create_default_context(cadata=first.decode())
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")


async def test_a_handshake_counts_from_its_beginning_and_is_not_waited_for(tmp_path: Path):
    first, _ = issue(tmp_path, 1)
    async with serving(tmp_path, Bounds(9, 2, head_seconds=0.5)) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        silent[1][1].write(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a handshake
        with pytest.raises(ConnectionError):
            await shown(port, first)
        for reader, writer in silent:
            with suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()
        assert [await shown(port, first) for _ in range(3)] == [1, 1, 1]


def test_who_begins_the_handshake_at_once_is_served_by_the_loop_of_services(tmp_path: Path):
    first, _ = issue(tmp_path, 1)

    async def asked() -> list[int]:
        async with serving(tmp_path, Bounds(9, None, head_seconds=1)) as port:
            return [await shown(port, first) for _ in range(20)]

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(asked()) == [1] * 20


async def test_what_server_a_client_names_does_not_matter(tmp_path: Path):
    issue(tmp_path, 1)
    hello = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), hello, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    async with serving(tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(hello.read().replace(b"localhost", b"\xff" * 9))
        assert await reader.readexactly(1) == b"\x16"  # it goes on with the handshake, and is no alert
        writer.close()


def test_a_key_with_a_password_is_an_error_and_no_question_at_the_terminal(tmp_path: Path):
    _, secret = issue(tmp_path, 1)
    key = serialization.load_pem_private_key(secret, None)
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    (tmp_path / "key.pem").write_bytes(locked)
    with pytest.raises(ssl.SSLError):
        Certificate(tmp_path / "cert.pem", tmp_path / "key.pem")


def test_a_certificate_that_is_not_there_is_an_error_at_the_start(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        Certificate(tmp_path / "cert.pem", None)
