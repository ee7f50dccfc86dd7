"""What a fetch says of each partition, packed and unpacked at once.

A consumer names all its partitions in every fetch and is answered about all of them. aiokafka writes and reads each
number of that by calls of its own, which was a tenth of a consumer's CPU. Version 11 of the protocol is the one that
aiokafka speaks with every broker since Kafka 2.3; with older ones nothing changes.
"""

from io import BytesIO
from struct import Struct
from typing import Any, Final

from aiokafka.protocol.fetch import FetchRequest_v11, FetchResponse_v11

# partition, epoch of the leader, offset, start of the log, most bytes
ASKED: Final = Struct(">iiqqi")
# partition, error, end of the log, its last stable offset, its start, number of aborted transactions (-1: null)
ANSWERED: Final = Struct(">ihqqqi")
# producer, first offset
ABORTED: Final = Struct(">qq")
# preferred replica, bytes of the records (-1: null)
RECORDS: Final = Struct(">ii")


class Asked:
    """A partition in a request."""

    @staticmethod
    def encode(item: tuple[int, ...]) -> bytes:
        """Return its bytes."""
        return ASKED.pack(*item)


class Answered:
    """A partition in a response."""

    @staticmethod
    def decode(data: BytesIO) -> tuple[Any, ...]:
        """Read it."""
        *numbers, count = ANSWERED.unpack(data.read(ANSWERED.size))
        aborted = None if count < 0 else [ABORTED.unpack(data.read(ABORTED.size)) for _ in range(count)]
        replica, size = RECORDS.unpack(data.read(RECORDS.size))
        return *numbers, aborted, replica, None if size < 0 else data.read(size)


def install() -> None:
    """Let aiokafka write and read partitions so."""
    pairs: Any = (FetchRequest_v11.SCHEMA, Asked), (FetchResponse_v11.SCHEMA, Answered)
    for schema, partition in pairs:
        topics = schema.fields[schema.names.index("topics")]
        topics.array_of.fields[1].array_of = partition
