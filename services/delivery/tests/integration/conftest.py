import asyncio
import hashlib
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from aiohttp import ClientResponse
from chassis.identity.sealing import open_box, seal
from chassis_testing import Harness
from chassis_testing.fixtures import ServiceHome
from chassis_testing.harness import until
from contracts.delivery import DownloadGranted
from contracts.event import Event
from contracts.mail_relay import ClaimDecided, ClaimOpened
from contracts.orders import DeliveryReleased, Line, OrderPaid, OrderRefunded
from contracts.payments import DisputeClosed, DisputeOpened
from contracts.wire import decode
from delivery.__main__ import service
from delivery.clients.objects import Objects, Received
from moto.server import ThreadedMotoServer


@dataclass
class Sale:
    """An order; `paid`, `refunded` and `released` are the events that orders publishes of it."""

    home: Harness
    sku: str
    units: int = 1
    changes: dict[str, Any] = field(default_factory=dict[str, Any])
    tenant: str = "kontor"
    name: str = "Erika Musterfrau"
    email: str = "erika@example.org"
    company: str | None = None
    language: str = "de"
    order: UUID = field(default_factory=uuid4)
    customer: UUID = field(default_factory=uuid4)
    line: UUID = field(default_factory=uuid4)

    def __post_init__(self) -> None:
        self.unit_ids = [uuid4() for _ in range(self.units)]
        self.profile, self.contact = self.home.accounts.new_key(), self.home.accounts.new_key()

    @property
    def header(self) -> dict[str, Any]:
        return {
            "tenant": self.tenant,
            "channel": "direct",
            "market": "DE",
            "seller": "kontor",
            "order": self.order,
            "order_number": f"K-2026-{self.order.int % 10**6:06d}",
            "ordered_at": "2026-11-02T09:00:00Z",
        }

    def line_of(self, units: list[UUID], **changes: Any) -> dict[str, Any]:
        example: Any = OrderPaid.EXAMPLE["lines"][0]
        line = {**example, "line": self.line, "sku": self.sku, "units": units, "name": "Windows Vista Home Premium"}
        return {**line, **self.changes, **changes}

    def paid(self, *units: UUID, extra: list[dict[str, Any]] | None = None) -> OrderPaid:
        return OrderPaid(
            **self.header,
            customer=self.customer,
            customer_type=OrderPaid.model_validate(OrderPaid.EXAMPLE).customer_type,
            language=self.language,
            payment_method=OrderPaid.model_validate(OrderPaid.EXAMPLE).payment_method,
            paid_at=self.home.clock.now(),
            lines=[
                Line.model_validate(self.line_of(list(units or self.unit_ids))),
                *map(Line.model_validate, extra or []),
            ],
            totals=OrderPaid.model_validate(OrderPaid.EXAMPLE).totals,
            keys={"profile": self.profile, "contact": self.contact},  # pyright: ignore[reportArgumentType] -- a test gives what it likes
            company_profile=seal(self.company, self.profile, "company") if self.company else None,
            name_profile=seal(self.name, self.profile, "name"),
            email_profile=seal(self.email, self.profile, "email"),
            name_contact=seal(self.name, self.contact, "name"),
            email_contact=seal(self.email, self.contact, "email"),
        )

    def refunded(self, *units: UUID) -> OrderRefunded:
        return OrderRefunded.model_validate(
            {
                **OrderRefunded.EXAMPLE,
                **self.header,
                "refund": uuid4(),
                "customer": self.customer,
                "units": [
                    {"unit": unit, "line": self.line, "net": 1, "tax": 0, "gross": 1} for unit in units or self.unit_ids
                ],
            }
        )

    def released(self, at: datetime) -> DeliveryReleased:
        return DeliveryReleased(**self.header, lines=[self.line], deliver_from=at)

    def disputed(self) -> DisputeOpened:
        return DisputeOpened.model_validate({**DisputeOpened.EXAMPLE, **self.header, "dispute": self.line})

    def undisputed(self, outcome: str) -> DisputeClosed:
        return DisputeClosed.model_validate(
            {**DisputeClosed.EXAMPLE, **self.header, "dispute": self.line, "outcome": outcome}
        )

    def claimed(self, revision: int = 1, *units: UUID) -> ClaimOpened:
        facts = {"claim": self.line, "units": units or self.unit_ids, "revision": revision}
        return ClaimOpened.model_validate({**ClaimOpened.EXAMPLE, **self.about, **facts})

    def decided(self, revision: int, *units: UUID) -> ClaimDecided:
        facts = {"claim": self.line, "units": units, "revision": revision}
        return ClaimDecided.model_validate({**ClaimDecided.EXAMPLE, **self.about, **facts})

    @property
    def about(self) -> dict[str, Any]:
        return {"tenant": self.tenant, "order": self.order}

    async def granted(self, number: int = 1) -> DownloadGranted:
        """The number-th DownloadGranted of this line."""

        async def enough() -> DownloadGranted | None:
            mine = [event for event in await self.published(DownloadGranted) if event.line == self.line]
            return mine[number - 1] if len(mine) >= number else None

        return await until(enough, what=f"link {number}")

    def token(self, granted: DownloadGranted) -> str:
        """The link's secret, as the customer's mail would have it."""
        return open_box(granted.token, self.home.accounts.private_halves[granted.token.key])

    async def published(self, event: type[Event]) -> list[Any]:
        """What was published of this order so far."""
        topic = event.DECLARED.topic
        published: list[Any] = [decode(topic, record.value) for record in self.home.log.get(topic, [])]
        return [one for one in published if one.order == self.order]


@dataclass
class Depot:
    """The delivery service with its store of files."""

    home: Harness
    directory: Path

    def staff(self, *roles: str, tenant: str = "kontor") -> dict[str, str]:
        return self.home.bearer(self.home.accounts.token(uuid4(), *roles, tenant=tenant))

    async def upload(
        self, sku: str, data: bytes, name: str = "setup.exe", kind: str = "application/zip", **query: str
    ) -> dict[str, Any]:
        async with self.home.http.put(
            f"/skus/{sku}/files/{name}",
            data=data,
            params=query,
            headers={**self.staff("files"), "Content-Type": kind},
        ) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def sold(self, data: bytes, **sale: Any) -> tuple[Sale, str, dict[str, Any]]:
        """A sale of one article with one file: the sale, its link's token, the file."""
        sku = f"SKU-{uuid4().hex[:8]}"
        files = (await self.upload(sku, data))["items"]
        made = Sale(self.home, sku, **sale)
        await self.home.publish(made.paid())
        return made, made.token(await made.granted()), files[0]

    async def press(self, token: str, file: str) -> str:
        """Press the landing page's button: the secret address."""
        async with self.home.http.post(f"/d/{token}/files/{file}", allow_redirects=False) as answer:
            assert answer.status == 303, await answer.text()
            return answer.headers["Location"]

    async def begin(self, token: str, file: str) -> str:
        """Press the button and fetch the first byte: the secret address."""
        address = await self.press(token, file)
        assert (await self.fetch(address, Range="bytes=0-0"))[0] == 206
        await self.idle()
        return address

    async def get(self, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        async with self.home.http.get(path, headers=headers) as answer:
            kind = answer.content_type
            return answer.status, await (answer.json() if "json" in kind else answer.text())

    async def send(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> tuple[int, Any]:
        async with self.home.http.request(method, path, headers=headers, json=body) as answer:
            return answer.status, await answer.json()

    async def fetch(self, address: str, **headers: str) -> tuple[int, bytes, ClientResponse]:
        async with self.home.http.get(address, headers=headers) as answer:
            return answer.status, await answer.read(), answer

    @asynccontextmanager
    async def raw(self, address: str, *lines: str) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection of its own that has sent a GET and read nothing yet."""
        host, _, port = self.home.base_url.removeprefix("http://").partition(":")
        # A small buffer, so that what the kernel has and the test has not read is little.
        plug = socket.socket()
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**15)
        plug.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plug, (host, int(port)))
        reader, writer = await asyncio.open_connection(sock=plug, limit=2**16)
        request = "".join(f"{line}\r\n" for line in (f"GET {address} HTTP/1.1", f"Host: {host}", *lines))
        writer.write(request.encode() + b"\r\n")
        await writer.drain()
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    async def read_some(self, address: str, first: int, count: int, etag: str) -> bytes:
        """Fetch from `first` on, and break the connection off after so many bytes."""
        lines = [f"Range: bytes={first}-", f'If-Range: "{etag}"'] if first else []
        async with self.raw(address, *lines) as (reader, _):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 206" if first else b"HTTP/1.1 200"), head
            return await reader.readexactly(count)

    async def session(self, address: str) -> dict[str, Any]:
        """What is stored of a download."""
        secret = address.rpartition("/")[2]
        rows = await self.home.sql(
            "select id, started_at, completed_at, requests, aborts, bytes_arrived from sessions where secret_hash = $1",
            hashlib.sha256(secret.encode()).digest(),
        )
        return dict(rows[0])

    async def idle(self) -> None:
        """Wait until no connection is open."""

        async def none() -> bool:
            return not await self.home.sql("select id from transfers")

        await until(none, what="all transfers to end")

    async def done(self) -> None:
        """Wait until every connection has ended, and all that follows was published."""
        await self.idle()
        await self.home.settled()


async def received(objects: Objects, data: bytes) -> Received:
    """What an upload of these bytes has left under a temporary name."""

    async def body() -> AsyncIterator[bytes]:
        yield data

    return await objects.receive(body(), length=len(data), limit=len(data), sha256=None)


@pytest.fixture(scope="module")
async def depot(service_home: ServiceHome, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Depot]:
    directory = tmp_path_factory.mktemp("files")
    async with service_home(service, storage_url=f"file://{directory}", upload_limit_bytes=500 * 2**20) as harness:
        yield Depot(harness, directory)


@pytest.fixture
async def bucket(service_home: ServiceHome, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncGenerator[Depot]:
    """The same service on an S3 bucket, served by moto."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    async with aiohttp.ClientSession(f"http://{host}:{port}", raise_for_status=True) as session:
        await session.post("/moto-api/reset")  # what another test has stored stays in this process
        await session.put("/goods")
    secret = tmp_path / "secret"
    secret.write_text("a secret of the store\n")
    async with service_home(service, storage_url="s3://goods/kontor", storage_secret_file=secret) as harness:
        yield Depot(harness, Path())
    await asyncio.to_thread(server.stop)
