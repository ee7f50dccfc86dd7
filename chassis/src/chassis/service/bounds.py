"""How many connections to a service there may be, and how long one waits for what on each."""

from dataclasses import dataclass

from chassis.config.settings import ServiceSettings
from chassis.service.certificate import Certificate


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many connections are held, in all and for each network, and how many seconds one is waited for.

    A request's head arrives within `head_seconds`, and an answer, or each piece of a long one, is read within
    `answer_seconds`; between two requests a connection rests for `idle_seconds`, longer than proxies keep theirs, for a
    request that crosses the end is lost. Without `of_one_address` each network may have all, as that of a proxy must.
    """

    in_all: int
    of_one_address: int | None
    head_seconds: float = 20
    idle_seconds: float = 75
    answer_seconds: float = 120


OF_OPERATORS = Bounds(in_all=100, of_one_address=None)


def of_clients(settings: ServiceSettings) -> Bounds:
    """Return the bounds of clients' connections; those of proxies come from few addresses."""
    of_one_address = None if settings.trusted_proxies else settings.http_connections_per_address
    return Bounds(settings.http_connections, of_one_address)


def certificate(settings: ServiceSettings) -> Certificate | None:
    """Return the certificate to be shown to clients, None where they are spoken to in clear."""
    return Certificate(settings.http_cert_file, settings.http_key_file) if settings.http_cert_file else None
