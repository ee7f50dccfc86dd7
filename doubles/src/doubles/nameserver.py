"""The name server's double: answers by UDP and TCP from what a test puts into it, as badly as it is told to."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Self, cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

UDP_BYTES = 1232


@dataclass
class NameServer:
    """A name server on 127.0.0.1; names that it does not know do not exist.

    `zone` maps a name in lower case to what it has, by type, in the words of a zone file; `down` names those whose
    answers are SERVFAIL, `silent` those that are never answered; `asked` counts the questions by name and type. Answers
    may be kept for `ttl` seconds.
    """

    zone: dict[str, dict[str, list[str]]] = field(default_factory=dict[str, dict[str, list[str]]])
    down: set[str] = field(default_factory=set[str])
    silent: set[str] = field(default_factory=set[str])
    asked: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    port: int = 0
    ttl: int = 0

    def text(self, name: str, *texts: str | bytes) -> None:
        """Give a name TXT records, each in strings of at most 255 bytes."""
        self.zone.setdefault(name.lower(), {})["TXT"] = [_quoted(text) for text in texts]

    def add(self, record: str) -> None:
        """Give a name a record more, as a zone file has it: `name. IN TYPE value`."""
        name, _, kind, value = record.split(" ", 3)
        self.zone.setdefault(name.rstrip(".").lower(), {}).setdefault(kind, []).append(value)

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._tcp = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._tcp.sockets[0].getsockname()[1]
        self._udp, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self), local_addr=("127.0.0.1", self.port))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._udp.close()
        self._tcp.close()
        await self._tcp.wait_closed()

    def answer(self, question: bytes, most: int) -> bytes | None:
        """Answer a question; what is longer than the most is cut off and says so."""
        query = dns.message.from_wire(question)
        reply = dns.message.make_response(query)
        asked = query.question[0]
        name, kind = asked.name.to_text(omit_final_dot=True).lower(), dns.rdatatype.to_text(asked.rdtype)
        self.asked[name, kind] += 1
        if name in self.silent:
            return None
        if name in self.down:
            reply.set_rcode(dns.rcode.SERVFAIL)
            return reply.to_wire()
        self._fill(reply, name, kind)
        wire = reply.to_wire(max_size=65535)
        if len(wire) <= most:
            return wire
        cut = dns.message.make_response(query)
        cut.flags |= dns.flags.TC
        return cut.to_wire()

    def _fill(self, reply: dns.message.Message, name: str, kind: str) -> None:
        """Put in what there is, behind its aliases, each once."""
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            there = self.zone.get(name)
            if there is None:
                reply.set_rcode(dns.rcode.NXDOMAIN)
                return
            for has in (kind, "CNAME") if kind in there else ("CNAME",):
                if there.get(has):
                    owner = dns.name.from_text(name)
                    reply.answer.append(dns.rrset.from_text_list(owner, self.ttl, "IN", has, there[has]))
                    if has == kind:
                        return
            if "CNAME" not in there:
                return
            name = there["CNAME"][0].rstrip(".").lower()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            question = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            reply = self.answer(question, 65535)
            if reply is not None:
                writer.write(len(reply).to_bytes(2, "big") + reply)
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


class Datagrams(asyncio.DatagramProtocol):
    """Its side of UDP."""

    def __init__(self, server: NameServer) -> None:
        self.server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of where to answer."""
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer a question."""
        reply = self.server.answer(data, UDP_BYTES)
        if reply is not None:
            self.transport.sendto(reply, addr)


def _quoted(text: str | bytes) -> str:
    content = text.encode() if isinstance(text, str) else text
    pieces = [content[at : at + 255] for at in range(0, len(content), 255)] or [b""]
    return " ".join('"' + "".join(f"\\{byte:03d}" for byte in piece) + '"' for piece in pieces)
