"""The examination of one service."""

import logging
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from contracts.topics import published_by

from chassis.config.clock import Clock
from chassis.config.provision import Provision
from chassis.config.settings import ServiceSettings
from chassis.db import migration
from chassis.db.database import Database
from chassis.doctor import accounts, database, files, kafka
from chassis.doctor.diagnosis import Diagnosis, Grade, wrong
from chassis.doctor.stored import Stored
from chassis.identity.keyrings import KeyRings
from chassis.identity.keys import Fetch, KeysUnavailable

Provide = Callable[[Any, KeyRings], Iterable[object]]


@dataclass(frozen=True, slots=True)
class Patient:
    """A service as the doctor knows it: what it consumes, and how it looks at what is outside.

    `consumed` names topics without the installation's prefix. `outside` gets by type
    what `provide` returns, and Stored.
    """

    name: str
    series: migration.Series
    consumed: Iterable[str]
    provide: Provide
    outside: Callable[..., Awaitable[Sequence[Diagnosis]]] | None = None


async def examine(patient: Patient, settings: ServiceSettings) -> Sequence[Diagnosis]:
    """Look at all that a service needs, as it sees it itself; changes nothing, and takes some 30 seconds at most."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # clients that end before they were connected complain
    clock = Clock(settings.clock_file)
    diagnoses = files.examine(settings, clock.now())
    reached = database.Examination()
    async with AsyncExitStack() as stack:
        try:
            known = Database(settings.dsn, patient.name, clock, connections=2)
        except OSError:
            known = None  # the file with its password is told among the files
        else:
            stack.push_async_callback(known.close)
            await known.open()
            reached = await database.examine(known, patient.series)
        diagnoses += reached.diagnoses
        diagnoses += await _kafka(patient, settings, reached)
        diagnoses += await accounts.examine(settings, patient.name)
        stored = Stored(None if _unusable(reached) else known)
        return [*diagnoses, *await _outside(patient, settings, clock, stored)]


async def _kafka(patient: Patient, settings: ServiceSettings, reached: database.Examination) -> Sequence[Diagnosis]:
    wanted = kafka.Wanted(patient.name, settings.topic_prefix, published_by(patient.name), sorted(patient.consumed))
    try:
        brokers = settings.brokers
    except ssl.SSLError:
        step = "Put certificates there, as PEM, that of KAFKA_CERT_FILE with its key."
        return [wrong(kafka.CHECK, "KAFKA_CA_FILE or KAFKA_CERT_FILE holds no certificates.", step)]
    except OSError:
        return ()  # its files are told among the files
    found = await kafka.examine(brokers, wanted, reached.consumed)
    broken = _unusable(reached) or [one.check for one in found if one.check == "rights"]
    return [_after(broken, diagnosis) for diagnosis in found]


def _unusable(reached: database.Examination) -> list[str]:
    return [one.check for one in reached.diagnoses if one.grade is Grade.ERROR and one.check in database.NEEDED]


def _after(broken: Sequence[str], diagnosis: Diagnosis) -> Diagnosis:
    """Return a finding, which only follows from others where no replica consumes because of what is broken."""
    if diagnosis.check != "lag" or diagnosis.grade is not Grade.ERROR or not broken:
        return diagnosis
    return replace(diagnosis, next=f"Mend what is said of {broken[0]} above first: this may follow from it.")


async def _outside(patient: Patient, settings: ServiceSettings, clock: Clock, stored: Stored) -> Sequence[Diagnosis]:
    if patient.outside is None:
        return ()
    keys = KeyRings(no_keys, clock)
    try:
        provided = list(patient.provide(settings, keys))
    except Exception as error:
        step = "Look at the files and settings of this service; its first lines of log say more."
        return [wrong("start", f"The service could not start: {type(error).__name__}.", step)]
    async with AsyncExitStack() as stack:
        for thing in provided:
            if isinstance(thing, AbstractAsyncContextManager):
                await stack.enter_async_context(cast("AbstractAsyncContextManager[Any]", thing))
        return await Provision([*provided, keys, clock, stored]).bind(patient.outside, given=0)()


def no_keys(purpose: str) -> Fetch:
    """Return what gets no keys."""

    async def fetch(keys: Sequence[UUID]) -> Any:
        raise KeysUnavailable(f"nothing is opened here ({purpose}, {len(keys)} keys)")

    return fetch
