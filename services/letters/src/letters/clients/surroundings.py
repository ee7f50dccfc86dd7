"""What letters needs outside, as the doctor looks at it."""

from collections.abc import Sequence

from chassis.doctor import Diagnosis, well, wrong
from mailing.server import End, MailServer


async def examine(server: MailServer) -> Sequence[Diagnosis]:
    """Look whether the mail server takes us."""
    answer = await server.greet()
    where = f"{server.host}:{server.port}"
    if answer.end is End.ACCEPTED:
        return [well("mail server", f"{where} takes letters")]
    step = "Look at SMTP_HOST, SMTP_PORT, SMTP_TLS and SMTP_USER, and whether the network lets us."
    return [wrong("mail server", f"{where} does not take us: {answer.code} {answer.text}.", step)]
