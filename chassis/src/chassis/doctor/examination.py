"""The examination of one service."""

import logging
from collections.abc import Iterable, Sequence

from contracts.topics import published_by

from chassis.config.clock import Clock
from chassis.config.settings import ServiceSettings
from chassis.db import migration
from chassis.db.database import Database
from chassis.doctor import accounts, database, files, kafka
from chassis.doctor.diagnosis import Diagnosis


async def examine(
    service: str, settings: ServiceSettings, series: migration.Series, consumed: Iterable[str]
) -> Sequence[Diagnosis]:
    """Look at all that a service needs, as it sees it itself; changes nothing, and takes some 30 seconds at most.

    `consumed` names the topics that it reads, without the installation's prefix.
    """
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # clients that end before they were connected complain
    clock = Clock(settings.clock_file)
    diagnoses = files.examine(settings, clock.now())
    reached = database.Examination()
    try:
        known = Database(settings.dsn, service, clock, connections=2)
    except OSError:
        pass  # the file with its password is told among the files
    else:
        await known.open()
        try:
            reached = await database.examine(known, series)
        finally:
            await known.close()
    wanted = kafka.Wanted(service, settings.topic_prefix, published_by(service), sorted(consumed))
    diagnoses += reached.diagnoses
    try:
        brokers = settings.brokers
    except OSError:
        pass  # so are those of Kafka
    else:
        diagnoses += await kafka.examine(brokers, wanted, reached.consumed)
    return [*diagnoses, *await accounts.examine(settings, service)]
