"""A clamd on the wire that knows EICAR only, and can be away."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

# what every scanner takes for malware (eicar.org), in two halves, so that none takes this file for it
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + rb"-ANTIVIRUS-TEST-FILE!$H+H*"


@dataclass
class Clamd:
    """Where it listens, and whether it hangs up instead of answering."""

    port: int = 0
    away: bool = False

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one INSTREAM."""
        if not self.away and await reader.readuntil(b"\0") == b"zINSTREAM\0":
            content = b""
            while length := int.from_bytes(await reader.readexactly(4)):
                content += await reader.readexactly(length)
            writer.write(b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0")
        writer.close()


@asynccontextmanager
async def scanner() -> AsyncGenerator[Clamd]:
    """Run it."""
    found = Clamd()
    server = await asyncio.start_server(found, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()
