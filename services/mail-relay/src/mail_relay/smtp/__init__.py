"""The door for SMTP (RFC 5321) and LMTP (RFC 2033): a message is kept before it is answered with 250."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog
from chassis.config import Clock
from chassis.db import Begin, Read
from chassis.identity import KeyRings
from mailing.envelope import Envelopes

from mail_relay.clients.contents import Contents
from mail_relay.clients.operator import Operator
from mail_relay.clients.senders import Senders
from mail_relay.domain.alias import Domains
from mail_relay.domain.policy.limits import Limits
from mail_relay.smtp.judging import Judge
from mail_relay.smtp.limits import Door, Open
from mail_relay.smtp.memory import return_large_blocks
from mail_relay.smtp.session import Connection, LmtpConnection
from mail_relay.smtp.together import Together

log = structlog.get_logger(__name__)
# aiosmtpd logs each line of a session, and with it who writes to whom
logging.getLogger("mail.log").disabled = True

# Each command of a session, but for those that this door bounds otherwise.
MOST_COMMANDS = 200

__all__ = ["Door", "listen"]


@asynccontextmanager
async def listen(
    begin: Begin,
    read: Read,
    door: Door,
    keys: KeyRings,
    domains: Domains,
    contents: Contents,
    senders: Senders,
    envelopes: Envelopes,
    clock: Clock,
    limits: Limits,
    operator: Operator,
) -> AsyncGenerator[None]:
    """Take mail at the door until the end."""
    return_large_blocks()
    open_, together = Open(door), Together(begin, domains, limits)

    def connection(kind: type[Connection], *, each: bool) -> Connection:
        return kind(
            Judge(begin, read, together, keys, domains, contents, senders, envelopes, clock, limits, operator, each),
            door,
            open_,
            data_size_limit=door.largest,
            enable_SMTPUTF8=False,
            hostname=domains.name,
            ident="Kontor",
            tls_context=door.tls,
            timeout=door.idle_seconds,
            command_call_limit=MOST_COMMANDS,
            loop=asyncio.get_running_loop(),
        )

    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(lambda: connection(Connection, each=False), door.host, door.port)]
    door.ports[:] = [socket.getsockname()[1] for socket in servers[0].sockets]
    if door.lmtp_port is not None:
        lmtp = await loop.create_server(lambda: connection(LmtpConnection, each=True), door.host, door.lmtp_port)
        door.lmtp_ports[:] = [socket.getsockname()[1] for socket in lmtp.sockets]
        servers.append(lmtp)
    log.info(
        "mail is taken", host=door.host, port=door.ports[0], lmtp=door.lmtp_ports[:1], starttls=door.tls is not None
    )
    try:
        yield
    finally:
        for server in servers:
            server.close()
        for server in servers:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(10):
                    await server.wait_closed()
