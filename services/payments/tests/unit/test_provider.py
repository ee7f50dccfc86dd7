"""How the provider is reached."""

import asyncio
from uuid import uuid4

import pytest
from payments.clients.provider import Provider, create_customer
from payments.domain.payments import ProviderAway


@pytest.mark.parametrize(
    ("scheme", "without", "asked"),
    [
        ("http", "", [b"POST http://127.0.0.1:9/v1/customers"]),
        ("https", "", [b"CONNECT 127.0.0.1:9"]),
        ("https", "127.0.0.1", []),
    ],
)
async def test_the_proxy_that_the_environment_names_is_used(
    monkeypatch: pytest.MonkeyPatch, scheme: str, without: str, asked: list[bytes]
):
    heads: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv(f"{scheme}_proxy", f"http://kontor:word@127.0.0.1:{port}")
    monkeypatch.setenv("no_proxy", without)
    async with server, Provider(f"{scheme}://127.0.0.1:9", "sk_test_proxy") as provider:
        with pytest.raises(ProviderAway):
            await create_customer("kontor", uuid4(), provider)
    assert [head.partition(b" HTTP/1.1\r\n")[0] for head in heads] == asked
    assert all(b"\r\nProxy-Authorization: Basic " in head for head in heads)
