"""Messages that come at the same time are kept by one transaction, so that they wait for the disk together."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.db import REPEATABLE, Begin, DatabaseBusy, Tx
from chassis.telemetry import Span, current_span, inside

from mail_relay.domain.alias import Domains
from mail_relay.domain.policy.limits import Limits
from mail_relay.store.messages import Added
from mail_relay.store.recipients import Standing
from mail_relay.usecases import receiving
from mail_relay.usecases.receiving import Received

REPEATS = 3  # of a transaction that another one was in the way of
Waiting = tuple[Sequence[Received], Span, asyncio.Future[list[UUID]]]
"""A message as it is received for each of its recipients, in which trace, and who waits for the ids of what is kept."""
Turn = tuple[Received, Span, list[UUID]]
"""A message for one recipient, in which trace, and where the id of what is kept goes."""


@dataclass(slots=True)
class Together:
    """Keeps messages; those that come while others are kept wait, and are kept by the next transaction.

    Where it fails, each of them is kept by itself: one at fault takes no other with it, nor does a client that leaves.
    Without a database all of them hear that at once.
    """

    begin: Begin
    domains: Domains
    limits: Limits
    waiting: list[Waiting] = field(default_factory=list[Waiting])
    working: asyncio.Task[None] | None = None

    async def keep(self, received: Sequence[Received]) -> list[UUID]:
        """Keep a message for each recipient; it outlives a crash then. Raises RateReached."""
        kept: asyncio.Future[list[UUID]] = asyncio.get_running_loop().create_future()
        self.waiting.append((received, current_span(), kept))
        if self.working is None or self.working.done():
            self.working = asyncio.create_task(self._work(), name="keep messages")
        return await kept

    async def _work(self) -> None:
        while self.waiting:
            batch, self.waiting = self.waiting, []
            await self._keep(batch)

    async def _keep(self, batch: Sequence[Waiting], repeats: int = REPEATS) -> None:
        try:
            async with self.begin() as tx:
                ids = await self._transact(tx, batch)
        except Exception as error:
            if isinstance(error, REPEATABLE) and repeats:
                await self._keep(batch, repeats - 1)
                return
            if len(batch) > 1 and not isinstance(error, DatabaseBusy):
                await asyncio.gather(*(self._keep([one]) for one in batch))
                return
            for _, _, kept in batch:
                if not kept.done():
                    kept.set_exception(error)
            return
        for (_, _, kept), of_one in zip(batch, ids, strict=True):
            if not kept.done():
                kept.set_result(of_one)

    async def _transact(self, tx: Tx, batch: Sequence[Waiting]) -> list[list[UUID]]:
        ids = [list[UUID]() for _ in batch]
        each = [
            (one, opened, of_one) for (received, opened, _), of_one in zip(batch, ids, strict=True) for one in received
        ]
        # first the first message of each conversation, then the second ones
        turns = defaultdict[int, list[Turn]](list)
        before = Counter[UUID]()
        for found in each:
            conversation = found[0].to.conversation.id
            turns[before[conversation]].append(found)
            before[conversation] += 1
        for turn in turns.values():
            await self._turn(tx, turn)
        return ids

    async def _turn(self, tx: Tx, turn: Sequence[Turn]) -> None:
        """Keep messages of different conversations, and do what follows from each."""
        new = list[tuple[Received, Span, Standing, Added]]()
        held = await receiving.hold(tx, [one for one, _, _ in turn])
        for (one, opened, ids), of_conversation in zip(turn, held, strict=True):
            with inside(opened):
                found = await receiving.admit(tx, one, of_conversation, self.domains, self.limits)
            if isinstance(found, UUID):
                ids.append(found)
            else:
                ids.append(one.id)
                new.append((one, opened, of_conversation.standing, found))
        await receiving.add(tx, [added for *_, added in new])
        for one, opened, standing, added in new:
            with inside(opened):
                await receiving.follow(tx, one, standing, added, self.domains)
