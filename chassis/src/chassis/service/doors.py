"""What a service hands to the chassis: its doors, already furnished with its settings."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp

from chassis.config.clock import Clock
from chassis.consuming.reactions import Reaction
from chassis.identity.keys import KeyRing, remote_fetch
from chassis.identity.tokens import ServiceIdentity
from chassis.jobs.runner import Job
from chassis.web.routes import Routes


@dataclass(frozen=True, slots=True)
class Doors:
    """Routes, reactions and jobs; `resources` are clients that live as long as the service."""

    routes: Routes
    reactions: Sequence[Reaction] = ()
    jobs: Sequence[Job] = ()
    resources: Sequence[AbstractAsyncContextManager[Any]] = ()


@dataclass(slots=True)
class KeyRings:
    """A service's key rings, one for each purpose for which accounts hands keys out."""

    session: aiohttp.ClientSession
    accounts_url: str
    identity: ServiceIdentity
    clock: Clock
    rings: dict[str, KeyRing] = field(default_factory=dict[str, KeyRing])

    def ring(self, purpose: str) -> KeyRing:
        """The ring of a purpose; accounts refuses a purpose that its table does not name."""
        if purpose not in self.rings:
            fetch = remote_fetch(self.session, self.accounts_url, self.identity, purpose)
            self.rings[purpose] = KeyRing(fetch, elapsed=self.clock.elapsed)
        return self.rings[purpose]

    def forget(self, key: UUID) -> None:
        """Drop a destroyed key from every ring."""
        for ring in self.rings.values():
            ring.forget(key)
