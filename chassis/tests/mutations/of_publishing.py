"""Breaking what a transaction promises, and the way from the outbox to Kafka."""

from mutant import Mutant, of

RELAY, ONCE, TRANSACTIONS = "relay", "once", "transactions"

MUTANTS = [
    Mutant(
        "let a read write",
        "db/database.py",
        'default_transaction_read_only="on"',
        'default_transaction_read_only="off"',
        of(TRANSACTIONS, "cannot_write"),
    ),
    Mutant(
        "commit what has failed",
        "db/database.py",
        "            if error is None:\n                await self._commit()\n",
        "            if True:\n                await self._commit()\n",
        of(TRANSACTIONS, "ends_with_the_block"),
    ),
    Mutant(
        "publish without the outbox",
        "db/database.py",
        "await outbox.write(tx.connection, tx.outgoing, tx.now)",
        "pass",
        of("consuming", "publishes_in_the_order"),
    ),
    Mutant(
        "write what was published in another order",
        "db/outbox.py",
        '\norder by position\n"""',
        '\norder by position desc\n"""',
        of(RELAY, "one_statement"),
    ),
    Mutant(
        "publish though the statement came too late",
        "db/outbox.py",
        "where exists (select from written)",
        "where true",
        of(ONCE, "too_late"),
    ),
    Mutant(
        "let nobody wait for the disk",
        "db/outbox.py",
        "(WRITTEN if durable else WRITTEN_NOT_DURABLE)",
        "WRITTEN_NOT_DURABLE",
        of(ONCE, "need_not_be_durable"),
    ),
    Mutant(
        "say that a statement wrote though it came too late",
        "db/once.py",
        "        return written\n",
        "        return True\n",
        of(ONCE, "too_late"),
    ),
    Mutant(
        "wake the relay for what was not written",
        "db/once.py",
        "if written and rows:",
        "if rows:",
        of(ONCE, "too_late"),
    ),
    Mutant(
        "skip the fence when deleting",
        "publishing/relay.py",
        "    and exists (select from chassis.lease where name = 'relay' and token = $2)\n  returning sequence",
        "    and $2::bigint is not null\n  returning sequence",
        of(RELAY, "lease_was_taken"),
    ),
    Mutant(
        "send under a lease that was refused",
        "publishing/lease.py",
        "self.token = await connection.fetchval(TAKE, self.name, self.holder, SECONDS)",
        "self.token = await connection.fetchval(TAKE, self.name, self.holder, SECONDS) or 1",
        of(RELAY, "of_two_relays"),
    ),
    Mutant(
        "delete what Kafka has not acknowledged",
        "publishing/relay.py",
        'done = [row["sequence"] for row, future in sent if _acknowledged(future)]',
        'done = [row["sequence"] for row, _ in sent]',
        of(RELAY, "kafka_refuses_is_refused_alone"),
    ),
    Mutant(
        "send the newest first",
        "publishing/relay.py",
        "order by sequence\nlimit $1",
        "order by sequence desc\nlimit $1",
        of(RELAY, "one_statement"),
    ),
    Mutant(
        "let events overtake a refused one of their key",
        "publishing/relay.py",
        "where held.refused is not null",
        "where false",
        of(RELAY, "kafka_refuses_is_refused_alone"),
    ),
    Mutant(
        "stop without sending what was published last",
        "publishing/relay.py",
        "        if self.lease.holds:\n            await self._send_next(connection)\n\n",
        "\n",
        of(RELAY, "published_last"),
    ),
    Mutant(
        "take a lease that another holds",
        "publishing/lease.py",
        "    or until < clock_timestamp()\n",
        "    or true\n",
        of(RELAY, "wakes_the_holder"),
    ),
    Mutant(
        "wait for the lease of a holder that was killed",
        "publishing/lease.py",
        "    or session is not null and not exists (select from pg_stat_activity where pid = session)\n",
        "",
        of("pauses", "killed_holder"),
    ),
    Mutant(
        "take the lease of a holder that lives",
        "publishing/lease.py",
        "session is not null and not exists",
        "session is not null and exists",
        of("pauses", "killed_holder"),
    ),
    Mutant(
        "give a new holder the old token",
        "publishing/lease.py",
        "else token + 1 end",
        "else token end",
        of("pauses", "acknowledged"),
    ),
]
