"""How many of the database's connections one caller may have at once, so that there are some for everybody else."""

import asyncio
from dataclasses import dataclass, field

from chassis.db.connections import DatabaseBusy
from chassis.identity.tokens import Caller


@dataclass(slots=True)
class Shares:
    """The callers who have transactions open, at most so many each, or wait until one of theirs has ended.

    They wait longer than for a connection itself, for they wait for requests of their own alone.
    """

    most: int
    wait_seconds: float = 10
    by_caller: dict[tuple[str, str], "Share"] = field(default_factory=dict[tuple[str, str], "Share"])

    def of(self, caller: Caller) -> "Share":
        """Return the share of a caller, to be entered before a transaction is begun."""
        key = caller.tenant, caller.subject
        share = self.by_caller.get(key)
        if share is None:
            share = self.by_caller[key] = Share(self, key, asyncio.Semaphore(self.most))
        return share


@dataclass(slots=True)
class Share:
    """What one caller may have; it is forgotten when nobody holds or wants any of it.

    Raises DatabaseBusy where none of their own requests ends in time.
    """

    shares: Shares
    key: tuple[str, str]
    left: asyncio.Semaphore
    users: int = 0

    async def __aenter__(self) -> None:
        """Wait until less than the share is in use."""
        self.users += 1
        try:
            if self.left.locked():
                async with asyncio.timeout(self.shares.wait_seconds):
                    await self.left.acquire()
            else:
                await self.left.acquire()
        except BaseException as error:
            self._leave()
            if isinstance(error, TimeoutError):
                raise DatabaseBusy from None
            raise

    async def __aexit__(self, *_: object) -> None:
        """Let the next request of the caller go on."""
        self.left.release()
        self._leave()

    def _leave(self) -> None:
        self.users -= 1
        if not self.users:
            self.shares.by_caller.pop(self.key, None)
