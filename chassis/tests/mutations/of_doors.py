"""Breaking provision, jobs, the web's door, identity, sealing and migrations."""

from mutant import Mutant, of

DOOR = "web_door"

MUTANTS = [
    Mutant(
        "start though something is asked for that nobody provides",
        "config/provision.py",
        "            raise NotProvided(",
        "            return None  # (",
        of("provision", "not_provided"),
    ),
    Mutant(
        "provide a subclass for what is asked for",
        "config/provision.py",
        "            self._things[type(thing)] = thing\n",
        "            self._things.update(dict.fromkeys(type(thing).__mro__, thing))\n",
        of("provision", "not_provided"),
    ),
    Mutant(
        "sweep on all replicas at once",
        "jobs/sweep.py",
        "if not await tx.value(TURN, name):",
        "if await tx.value(TURN, name) is None:",
        of("jobs", "one_replica_at_a_time"),
    ),
    Mutant(
        "let all tasks wait for the one that hangs",
        "jobs/outbound.py",
        "await asyncio.wait(claimed, timeout=STRAGGLER_SECONDS)",
        "await asyncio.wait(claimed)",
        of("jobs", "hangs_keeps_no_other"),
    ),
    Mutant(
        "take as many tasks each turn as if none were under way",
        "jobs/outbound.py",
        "free = self.concurrency - len(self.under_way)",
        "free = self.concurrency",
        of("jobs", "no_more_tasks_are_under_way"),
    ),
    Mutant(
        "forget an answer from outside at the first failure",
        "db/retrying.py",
        "for repeat in range(REPEATS):",
        "for repeat in range(0):",
        of("jobs", "answer_is_kept"),
    ),
    Mutant(
        "answer another body under a used key",
        "web/idempotency.py",
        'if not hmac.compare_digest(row["body_hash"], self.body_hash):',
        'if not row["body_hash"]:',
        of(DOOR, "another_body"),
    ),
    Mutant(
        "keep no outcome under a key",
        "web/door.py",
        "            await attempt.settle(write, route.status, _ids(view, result))\n",
        "            pass\n",
        of(DOOR, "same_key_and_body"),
    ),
    Mutant(
        "keep a failure under its key",
        "web/door.py",
        "            await self._end_claim(route, attempt.free)\n            raise\n",
        "            raise\n",
        of(DOOR, "failure_is_not_kept"),
    ),
    Mutant(
        "let the claim of a dead process stand",
        "web/idempotency.py",
        "    or chassis.idempotency.session is not null\n",
        "    or false\n",
        of("kill_sweep", "send_letter"),
    ),
    Mutant(
        "take the claim of a living process",
        "web/idempotency.py",
        "    and not exists (select from pg_stat_activity where pid = chassis.idempotency.session)\n",
        "",
        of(DOOR, "fifty_at_once or too_late"),
    ),
    Mutant(
        "believe a token without its signature",
        "identity/tokens.py",
        "if not _holds(box, await self._key(kid)):",
        "if not await self._key(kid):",
        of("identity", ""),
    ),
    Mutant(
        "believe an expired token",
        "identity/tokens.py",
        "if claims.exp <= now:",
        "if claims.exp < 0:",
        of("identity", ""),
    ),
    Mutant(
        "believe a token for somebody else",
        "identity/tokens.py",
        "if self._audience not in",
        "if not self._audience and self._audience not in",
        of("identity", ""),
    ),
    Mutant(
        "open a box as what it is not",
        "identity/sealing.py",
        'b"kontor sealed 1\\0" + key.bytes + kind.encode()',
        'b"kontor sealed 1\\0" + key.bytes + kind[:0].encode()',
        of("sealing", ""),
    ),
    Mutant(
        "open with a key kept too long",
        "identity/keys.py",
        "if half is None or self._elapsed() >= half.until:",
        "if half is None:",
        of("keys", ""),
    ),
    Mutant(
        "apply a changed migration without a word",
        "db/migration.py",
        "if applied.get(step.number, step.sha256) != step.sha256:",
        "if not applied.get(step.number, step.sha256):",
        of("migration", "changed_applied"),
    ),
    Mutant(
        "migrate in many processes at once",
        "db/migration.py",
        'while not await connection.fetchval("select pg_try_advisory_lock($1)", LOCK):',
        'while not await connection.fetchval("select $1::bigint > 0", LOCK):',
        of("migration", "many_at_once"),
    ),
]
