"""A lease on the database's clock: one holder at a time, and a fencing token that a late one no longer has.

It ends early with the session on which it was taken, for a killed holder cannot give it back.
"""

import time
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from chassis.db.connections import Connection

SECONDS = 10.0

TAKE = """
update chassis.lease
set holder = $2,
    token = case when holder = $2 then token else token + 1 end,
    until = clock_timestamp() + make_interval(secs => $3),
    session = pg_backend_pid()
where name = $1
  and (
    holder = $2
    or until < clock_timestamp()
    or session is not null and not exists (select from pg_stat_activity where pid = session)
  )
returning token
"""

GIVE_BACK = """
update chassis.lease
set until = '-infinity'
where name = $1
  and holder = $2
"""


@dataclass(slots=True)
class Lease:
    """A replica's hold on a name; `holds` is judged by this process's monotonic clock, ahead of the database's.

    Whoever has lost its session is to use the lease for nothing that it has not read before: it may be another's.
    """

    name: str
    holder: UUID = field(default_factory=uuid4)
    token: int | None = None
    sure_until: float = 0.0

    @property
    def holds(self) -> bool:
        """True while no other replica has taken the lease, unless the session it was taken on is gone."""
        return self.token is not None and time.monotonic() < self.sure_until

    @property
    def renewable(self) -> bool:
        """True when a third of the lease has passed."""
        return time.monotonic() > self.sure_until - SECONDS * 0.6

    async def take(self, connection: Connection) -> bool:
        """Take or renew the lease; a new holder gets a higher token."""
        asked = time.monotonic()
        self.token = await connection.fetchval(TAKE, self.name, self.holder, SECONDS)
        self.sure_until = asked + SECONDS * 0.9 if self.token is not None else 0.0
        return self.holds

    def let_go(self) -> None:
        """Count on the lease no more; it is asked for anew before the next use."""
        self.token, self.sure_until = None, 0.0

    async def give_back(self, connection: Connection) -> None:
        """Let another replica take over at once."""
        self.let_go()
        await connection.execute(GIVE_BACK, self.name, self.holder)
