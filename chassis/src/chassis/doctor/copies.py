"""Whether a service could go on from a copy of its database: what a backup that was restored somewhere is worth."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from chassis.audit.chain import verify
from chassis.config.brokers import Brokers
from chassis.config.clock import Clock
from chassis.config.settings import ServiceSettings
from chassis.consuming import gaps
from chassis.consuming.numbers import Place
from chassis.db.database import Database
from chassis.doctor import database
from chassis.doctor.diagnosis import Diagnosis, Grade, concern, well, wrong
from chassis.doctor.examination import Patient
from chassis.doctor.kafka import bounds
from chassis.publishing.published import Published, given, published_after

PAGE = "docs/operations/backup.md"


async def examine(patient: Patient, settings: ServiceSettings, oldest: timedelta | None) -> Sequence[Diagnosis]:
    """Look at the database of these settings as at a copy; changes nothing.

    With `oldest`, a copy is wrong where what was published after it is older than that.
    """
    known = Database(settings.dsn, patient.name, Clock(settings.clock_file), connections=2)
    await known.open()
    try:
        found = (await database.examine(known, patient.series)).diagnoses
        if any(diagnosis.grade is Grade.ERROR and diagnosis.check in UNUSABLE for diagnosis in found):
            return [diagnosis for diagnosis in found if diagnosis.check in UNUSABLE]
        read = known.read()
        found = [diagnosis for diagnosis in found if diagnosis.check in UNUSABLE]
        found.append(_chain(await verify(read)))
        number, consumed = await given(read), await gaps.consumed(read)
        now = known.clock.now()
    finally:
        await known.close()
    try:
        after = await published_after(number, settings.brokers, patient.name, settings.topic_prefix, thorough=True)
        missing = await _missing(patient.name, settings.brokers, settings.topic_prefix, consumed)
    except (KafkaError, OSError, TimeoutError):
        step = "Kafka is needed to compare; look at KAFKA_BOOTSTRAP_SERVERS."
        return [*found, wrong("kafka", "Kafka does not tell what it holds.", step)]
    age = now - min((one.attributes.time for one in after if one.attributes.time), default=now)
    return [*found, _unknown(number, after, age, oldest), missing]


UNUSABLE = database.NEEDED


def _chain(faults: Sequence[str]) -> Diagnosis:
    if faults:
        return wrong("audit log", faults[0], "This copy was changed, or is torn: take another.")
    return well("audit log", "the audit log is as it was written")


def _unknown(number: int, after: Sequence[Published], age: timedelta, oldest: timedelta | None) -> Diagnosis:
    check = "published"
    if not after:
        return well(check, f"the copy knows all that was published, up to number {number}")
    counts = ", ".join(f"{topic} {count}" for topic, count in sorted(Counter(one.topic for one in after).items()))
    minutes = age.total_seconds() / 60
    text = f"The copy does not know {len(after)} events of the last {minutes:.0f} minutes: {counts}."
    if oldest is not None and age > oldest:
        return wrong(check, text, f"It is older than {oldest}: look why no newer one was made ({PAGE}).")
    return concern(check, text, f"They would be lost to this service. After a restore run  backup restored  ({PAGE}).")


async def _missing(service: str, brokers: Brokers, prefix: str, consumed: Mapping[Place, int]) -> Diagnosis:
    check = "consumed"
    places = {TopicPartition(prefix + topic, partition): at for (topic, partition), at in consumed.items()}
    if not places:
        return well(check, "the copy has consumed nothing")
    starts, ends = await bounds(brokers, service, list(places))
    found = [
        gap
        for one, at in places.items()
        if (gap := gaps.compared((one.topic.removeprefix(prefix), one.partition), at, starts[one], ends[one]))
    ]
    if found:
        text = f"{len(found)} partitions do not go on where the copy has consumed them: {found[0]}."
        return wrong(check, text, "They would stand still until  gaps accept  was run: take a newer copy if there is.")
    again = sum(ends[one] - at for one, at in places.items())
    return well(check, f"{again} records would be consumed again, and all of them are there")
