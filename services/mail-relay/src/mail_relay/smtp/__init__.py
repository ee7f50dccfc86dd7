"""The door for SMTP (RFC 5321): a message is judged within the session, and kept before it is answered with 250."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from chassis.config import Clock
from chassis.db import Begin
from chassis.identity import KeyRings
from mailing.envelope import Envelopes

from mail_relay.clients.contents import Contents
from mail_relay.clients.senders import Senders
from mail_relay.domain.alias import Domain
from mail_relay.domain.policy.limits import Limits
from mail_relay.smtp.judging import Judge
from mail_relay.smtp.limits import Door, Open
from mail_relay.smtp.session import Connection

log = structlog.get_logger(__name__)

# Each command of a session, but for those that this door bounds otherwise.
MOST_COMMANDS = 200

__all__ = ["Door", "listen"]


@asynccontextmanager
async def listen(
    begin: Begin,
    door: Door,
    keys: KeyRings,
    domain: Domain,
    contents: Contents,
    senders: Senders,
    envelopes: Envelopes,
    clock: Clock,
    limits: Limits,
) -> AsyncGenerator[None]:
    """Take mail at the door until the end."""
    open_ = Open(door)

    def connection() -> Connection:
        return Connection(
            Judge(begin, keys, domain, contents, senders, envelopes, clock, limits),
            door,
            open_,
            data_size_limit=door.largest,
            enable_SMTPUTF8=False,
            hostname=domain.name,
            ident="Kontor",
            tls_context=door.tls,
            timeout=door.idle_seconds,
            command_call_limit=MOST_COMMANDS,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(connection, door.host, door.port)
    door.ports[:] = [socket.getsockname()[1] for socket in server.sockets]
    log.info("mail is taken", host=door.host, port=door.ports[0], starttls=door.tls is not None)
    try:
        yield
    finally:
        server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                await server.wait_closed()
