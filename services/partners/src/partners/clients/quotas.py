"""Quotas of users, for which neither of the two clients has a call: AlterClientQuotas, version 0 (KIP-546)."""

from typing import Any, ClassVar, cast

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Float64, Int16, Int32, Schema, String
from chassis.config import Brokers

API: int = 49
RATE: str = "consumer_byte_rate"
_text = String("utf-8")
_ENTITY = Array(("entity_type", _text), ("entity_name", _text))


class _Answer(Response):
    API_KEY = API  # pyright: ignore[reportIncompatibleMethodOverride, reportAssignmentType] -- as aiokafka's own classes do
    API_VERSION = 0  # pyright: ignore[reportIncompatibleMethodOverride, reportAssignmentType] -- as aiokafka's own classes do
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("entries", Array(("error_code", Int16), ("error_message", _text), ("entity", _ENTITY))),
    )


class _Question(RequestStruct):
    API_KEY = API  # pyright: ignore[reportIncompatibleMethodOverride, reportAssignmentType] -- as aiokafka's own classes do
    API_VERSION = 0  # pyright: ignore[reportIncompatibleMethodOverride, reportAssignmentType] -- as aiokafka's own classes do
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        (
            "entries",
            Array(("entity", _ENTITY), ("ops", Array(("key", _text), ("value", Float64), ("remove", Boolean)))),
        ),
        ("validate_only", Boolean),
    )


class AlterQuotas(Request[_Question]):
    """A request that limits how many bytes a second a user may read of each broker, or ends the limit."""

    API_KEY: ClassVar[int] = API

    def __init__(self, user: str, rate: float | None) -> None:
        """Take the user and the limit; None ends it."""
        self._entry = ([("user", user)], [(RATE, rate or 0.0, rate is None)])

    def build(self, request_struct_class: type[_Question]) -> _Question:
        """Return what is sent."""
        return cast("Any", request_struct_class)([self._entry], False)


async def limit(brokers: Brokers, user: str, rate: float | None) -> None:
    """Let a user read so many bytes a second of each broker; None ends the limit. Raises KafkaError."""
    admin: Any = AIOKafkaAdminClient(**brokers.options, request_timeout_ms=10_000)
    try:
        await admin.start()
        answer = await admin._client.send(admin._client.get_random_node(), AlterQuotas(user, rate))
        for code, message, _ in answer.entries:
            if code:
                raise for_code(code)(message)
    finally:
        await admin.close()
